"""The reason of every failure counter, declared once over the columns of its subject's view (PG-04, MX-15).

A reason is a code, such as ``dispute.not_as_described`` or ``shipped_late``, and the two instants that measure it, such
as what was due and what was done. Where several events could have made a subject fail, the reason is the one that
did: the first; the others are named too. Like counters, reasons are a pure function of stored rows: what is still
open has no second instant.
"""

from dataclasses import dataclass

from core.sql import SQL, Composable, Literal
from metrics.counters import EXCLUSION_MARKS, RATED_AT, UNDELIVERED
from metrics.facts.orderview import dispute_excluded

# No event happened: what was due is still open, or was never done.
NEVER, NOTHING = SQL("NULL"), Literal("")


@dataclass(frozen=True)
class ReasonSql:
    """SQL over a view called ``o``: the code, when it counted, from when to when it is measured, and codes of other
    events that would have made the subject fail later, a blank behind each."""

    code: Composable
    at: Composable
    since: Composable = NEVER
    until: Composable = NEVER
    also: Composable = NOTHING


def _dispute(mark: str, opened: str) -> Composable:
    """The kind of the order's first dispute with this instant that nothing excludes, as a code."""
    return SQL("""(SELECT 'dispute.' || d.kind FROM disputes_dispute d
        WHERE d.order_id = o.order_id AND d.opened_at {opened} AND NOT {excluded}
        ORDER BY d.opened_at, d.id LIMIT 1)""").format(
        opened=SQL(opened), excluded=dispute_excluded(EXCLUSION_MARKS[mark])
    )


def _told(condition: Composable, code: Composable) -> Composable:
    return SQL("CASE WHEN {condition} THEN {code} || ' ' ELSE '' END").format(condition=condition, code=code)


_UNDELIVERED, _RATED_AT = SQL(UNDELIVERED), SQL(RATED_AT)
_STARS = SQL("'review.' || CAST(described AS VARCHAR(1))")
_DEFECT = ReasonSql(
    SQL("""COALESCE({dispute},
        CASE WHEN NOT x_review AND described <= negative_to AND counts_at = defect_at THEN {stars}
            WHEN paid_at IS NOT NULL AND cancelled_by = 'seller' AND cancelled_at = defect_at
            THEN 'cancelled' END)""").format(dispute=_dispute("x_odr", "= o.defect_at"), stars=_STARS),
    SQL("defect_at"),
    also=SQL("""COALESCE({dispute} || ' ', '')
        || {review}
        || {cancelled}""").format(
        dispute=_dispute("x_odr", "> o.defect_at"),
        review=_told(SQL("NOT x_review AND described <= negative_to AND counts_at >= defect_at"), _STARS),
        cancelled=_told(
            SQL("paid_at IS NOT NULL AND cancelled_by = 'seller' AND cancelled_at >= defect_at"), Literal("cancelled")
        ),
    ),
)
_OUTCOME_CODE = SQL("""COALESCE((SELECT e.kind FROM orders_trackingevent e
    WHERE e.order_id = o.order_id AND e.at = o.outcome_at
    AND e.kind IN ('returned', 'lost') ORDER BY e.kind LIMIT 1),
    CASE WHEN delivered_at IS NULL THEN 'not_arrived' ELSE 'arrived_after' END)""")
_ABNORMAL_CODE = SQL("CASE WHEN unscanned = 1 THEN 'no_first_scan' ELSE 'silent' END")
_ABNORMAL_SINCE = SQL("abnormal_since")
_ABNORMAL_UNTIL = SQL("abnormal_until")


def _undelivered_or(undelivered: Composable, other: Composable) -> Composable:
    return SQL("CASE WHEN {undelivered} THEN {then} ELSE {other} END").format(
        undelivered=_UNDELIVERED, then=undelivered, other=other
    )


_REFUND = SQL("""COALESCE((SELECT CASE WHEN m.full THEN 'refund.full' ELSE 'refund.partial' END FROM orders_refund m
    WHERE m.order_id = o.order_id AND m.completed_at = o.first_refund_at ORDER BY m.id LIMIT 1), 'refund.full')""")
_DISPATCHED = ReasonSql(
    SQL("CASE WHEN shipped_at IS NULL THEN 'not_shipped' ELSE 'shipped_late' END"),
    SQL("ship_by"),
    SQL("ship_by"),
    SQL("COALESCE(shipped_at, cancelled_at, refunded_at)"),
    _told(SQL("shipped_at > ship_by AND first_scan_at <= ship_by"), Literal("synced_late")),
)
_DELIVERED = ReasonSql(
    SQL("CASE WHEN delivered_at IS NULL THEN 'not_delivered' ELSE 'delivered_late' END"),
    SQL("estimated_delivery_at"),
    SQL("estimated_delivery_at"),
    SQL("COALESCE(delivered_at, bad_at, refunded_at)"),
)
_ARRIVED = SQL("COALESCE(delivered_at, outcome_at)")

REASONS: dict[str, ReasonSql] = {
    "dispatch_late": _DISPATCHED,
    "r_dispatch_late": _DISPATCHED,
    "shipped_over_72h": ReasonSql(Literal("slow"), SQL("shipped_at"), SQL("paid_at"), SQL("shipped_at")),
    "cancelled_by_seller": ReasonSql(Literal("cancelled"), SQL("cancelled_at"), SQL("paid_at"), SQL("cancelled_at")),
    "delivery_late": _DELIVERED,
    "r_delivery_late": _DELIVERED,
    "undelivered": ReasonSql(_OUTCOME_CODE, SQL("outcome_at"), SQL("shipped_at"), _ARRIVED),
    "trace_incomplete": ReasonSql(
        _undelivered_or(_OUTCOME_CODE, _ABNORMAL_CODE),
        SQL("outcome_at"),
        _undelivered_or(SQL("shipped_at"), _ABNORMAL_SINCE),
        _undelivered_or(_ARRIVED, _ABNORMAL_UNTIL),
        _told(SQL("{undelivered} AND abnormal_at < outcome_at").format(undelivered=_UNDELIVERED), _ABNORMAL_CODE),
    ),
    "logistics_abnormal": ReasonSql(_ABNORMAL_CODE, SQL("abnormal_at"), _ABNORMAL_SINCE, _ABNORMAL_UNTIL),
    "disputes_opened_orders": ReasonSql(
        _dispute("x_dispute_rate", "= o.disputed_at"),
        SQL("disputed_at"),
        until=SQL("disputed_at"),
        also=SQL("COALESCE({dispute} || ' ', '')").format(dispute=_dispute("x_dispute_rate", "> o.disputed_at")),
    ),
    "refunded_orders": ReasonSql(_REFUND, SQL("first_refund_at"), SQL("paid_at"), SQL("first_refund_at")),
    "defect_orders": _DEFECT,
    "reviews_negative": ReasonSql(_STARS, SQL("counts_at"), SQL("reviewed_at"), SQL("counts_at")),
    "unconfirmed": ReasonSql(
        SQL("""CASE WHEN COALESCE(dispatch_confirmed_at, shipped_at) IS NULL THEN 'not_confirmed'
            ELSE 'confirmed_late' END"""),
        SQL("paid_at + confirm_seconds"),
        SQL("paid_at"),
        SQL("COALESCE(dispatch_confirmed_at, shipped_at, cancelled_at, refunded_at)"),
    ),
    "described_low": ReasonSql(
        SQL("'described.' || CAST(described AS VARCHAR(1))"), _RATED_AT, SQL("reviewed_at"), _RATED_AT
    ),
    "communication_low": ReasonSql(
        SQL("'communication.' || CAST(communication AS VARCHAR(1))"), _RATED_AT, SQL("reviewed_at"), _RATED_AT
    ),
    "messages_missed": ReasonSql(
        SQL("CASE WHEN answered_at IS NULL THEN 'not_answered' ELSE 'answered_late' END"),
        SQL("begun_at + reply_seconds"),
        SQL("begun_at"),
        SQL("answered_at"),
    ),
    "disputes_seller_liable": ReasonSql(
        SQL("(SELECT 'dispute.' || d.kind FROM disputes_dispute d WHERE d.id = o.dispute_id)"),
        SQL("closed_at"),
        SQL("(SELECT d.opened_at FROM disputes_dispute d WHERE d.id = o.dispute_id)"),
        SQL("closed_at"),
    ),
    "copyright_upheld": ReasonSql(
        Literal("copyright"),
        SQL("resolved_at"),
        SQL("(SELECT c.opened_at FROM disputes_copyrightcomplaint c WHERE c.id = o.complaint_id)"),
        SQL("resolved_at"),
    ),
}
