"""The reason of every failure counter, declared once over the columns of its subject's view (PG-04, MX-15).

A reason is a code, such as ``dispute.not_as_described`` or ``shipped_late``, and the two instants that measure it, such
as what was due and what was done. Where several events could have made a subject fail, the reason is the one that
did: the first; the others are named too. Like counters, reasons are a pure function of stored rows: what is still
open has no second instant.
"""

from dataclasses import dataclass

from metrics.counters import EXCLUSION_MARKS, RATED_AT, UNDELIVERED
from metrics.facts.orderview import dispute_excluded

# No event happened: what was due is still open, or was never done.
NEVER = "NULL"


@dataclass(frozen=True)
class ReasonSql:
    """SQL over a view called ``o``: the code, when it counted, from when to when it is measured, and codes of other
    events that would have made the subject fail later, a blank behind each."""

    code: str
    at: str
    since: str = NEVER
    until: str = NEVER
    also: str = "''"


def _dispute(mark: str, opened: str) -> str:
    """The kind of the order's first dispute with this instant that nothing excludes, as a code."""
    return f"""(SELECT 'dispute.' || d.kind FROM disputes_dispute d
        WHERE d.order_id = o.order_id AND d.opened_at {opened} AND NOT {dispute_excluded(EXCLUSION_MARKS[mark])}
        ORDER BY d.opened_at, d.id LIMIT 1)"""


def _told(condition: str, code: str) -> str:
    return f"CASE WHEN {condition} THEN {code} || ' ' ELSE '' END"


_STARS = "'review.' || CAST(described AS VARCHAR(1))"
_NEGATIVE = "NOT x_review AND described <= negative_to"
_OWN_CANCEL = "paid_at IS NOT NULL AND cancelled_by = 'seller'"
DEFECT = ReasonSql(
    f"""COALESCE({_dispute("x_odr", "= o.defect_at")},
        CASE WHEN {_NEGATIVE} AND counts_at = defect_at THEN {_STARS}
            WHEN {_OWN_CANCEL} AND cancelled_at = defect_at THEN 'cancelled' END)""",
    "defect_at",
    also=f"""COALESCE({_dispute("x_odr", "> o.defect_at")} || ' ', '')
        || {_told(f"{_NEGATIVE} AND counts_at >= defect_at", _STARS)}
        || {_told(f"{_OWN_CANCEL} AND cancelled_at >= defect_at", "'cancelled'")}""",
)
_BAD_END = """(SELECT e.kind FROM orders_trackingevent e WHERE e.order_id = o.order_id AND e.at = o.outcome_at
    AND e.kind IN ('returned', 'lost') ORDER BY e.kind LIMIT 1)"""
_OUTCOME_CODE = f"""COALESCE({_BAD_END}, CASE WHEN delivered_at IS NULL THEN 'not_arrived' ELSE 'arrived_after' END)"""
_NO_FIRST_SCAN = """abnormal_at = shipped_at + scan_seconds
    AND (first_scan_at IS NULL OR first_scan_at > shipped_at + scan_seconds)"""
_LAST_SCAN = "abnormal_at - silence_seconds"
_NEXT_SCAN = f"""(SELECT MIN(e.at) FROM orders_trackingevent e
    WHERE e.order_id = o.order_id AND e.kind <> 'label' AND e.at > {_LAST_SCAN})"""
_ABNORMAL_CODE = f"CASE WHEN {_NO_FIRST_SCAN} THEN 'no_first_scan' ELSE 'silent' END"
_ABNORMAL_SINCE = f"CASE WHEN {_NO_FIRST_SCAN} THEN shipped_at ELSE {_LAST_SCAN} END"
_ABNORMAL_UNTIL = f"COALESCE(CASE WHEN {_NO_FIRST_SCAN} THEN first_scan_at ELSE {_NEXT_SCAN} END, over_at)"
_REFUND = """COALESCE((SELECT CASE WHEN m.full THEN 'refund.full' ELSE 'refund.partial' END FROM orders_refund m
    WHERE m.order_id = o.order_id AND m.completed_at = o.first_refund_at ORDER BY m.id LIMIT 1), 'refund.full')"""
_DISPATCHED = ReasonSql(
    "CASE WHEN shipped_at IS NULL THEN 'not_shipped' ELSE 'shipped_late' END",
    "ship_by",
    "ship_by",
    "COALESCE(shipped_at, cancelled_at, refunded_at)",
    _told("shipped_at > ship_by AND first_scan_at <= ship_by", "'synced_late'"),
)
_DELIVERED = ReasonSql(
    "CASE WHEN delivered_at IS NULL THEN 'not_delivered' ELSE 'delivered_late' END",
    "estimated_delivery_at",
    "estimated_delivery_at",
    "COALESCE(delivered_at, bad_at, refunded_at)",
)

REASONS: dict[str, ReasonSql] = {
    "dispatch_late": _DISPATCHED,
    "r_dispatch_late": _DISPATCHED,
    "shipped_over_72h": ReasonSql("'slow'", "shipped_at", "paid_at", "shipped_at"),
    "cancelled_by_seller": ReasonSql("'cancelled'", "cancelled_at", "paid_at", "cancelled_at"),
    "delivery_late": _DELIVERED,
    "r_delivery_late": _DELIVERED,
    "undelivered": ReasonSql(_OUTCOME_CODE, "outcome_at", "shipped_at", "COALESCE(delivered_at, outcome_at)"),
    "trace_incomplete": ReasonSql(
        f"CASE WHEN {UNDELIVERED} THEN {_OUTCOME_CODE} ELSE {_ABNORMAL_CODE} END",
        "outcome_at",
        f"CASE WHEN {UNDELIVERED} THEN shipped_at ELSE {_ABNORMAL_SINCE} END",
        f"CASE WHEN {UNDELIVERED} THEN COALESCE(delivered_at, outcome_at) ELSE {_ABNORMAL_UNTIL} END",
        _told(f"{UNDELIVERED} AND abnormal_at < outcome_at", _ABNORMAL_CODE),
    ),
    "logistics_abnormal": ReasonSql(_ABNORMAL_CODE, "abnormal_at", _ABNORMAL_SINCE, _ABNORMAL_UNTIL),
    "disputes_opened_orders": ReasonSql(
        _dispute("x_dispute_rate", "= o.disputed_at"),
        "disputed_at",
        until="disputed_at",
        also=f"COALESCE({_dispute('x_dispute_rate', '> o.disputed_at')} || ' ', '')",
    ),
    "refunded_orders": ReasonSql(_REFUND, "first_refund_at", "paid_at", "first_refund_at"),
    "defect_orders": DEFECT,
    "reviews_negative": ReasonSql(_STARS, "counts_at", "reviewed_at", "counts_at"),
    "unconfirmed": ReasonSql(
        """CASE WHEN COALESCE(dispatch_confirmed_at, shipped_at) IS NULL THEN 'not_confirmed'
            ELSE 'confirmed_late' END""",
        "paid_at + confirm_seconds",
        "paid_at",
        "COALESCE(dispatch_confirmed_at, shipped_at, cancelled_at, refunded_at)",
    ),
    "described_low": ReasonSql("'described.' || CAST(described AS VARCHAR(1))", RATED_AT, "reviewed_at", RATED_AT),
    "communication_low": ReasonSql(
        "'communication.' || CAST(communication AS VARCHAR(1))", RATED_AT, "reviewed_at", RATED_AT
    ),
    "messages_missed": ReasonSql(
        "CASE WHEN answered_at IS NULL THEN 'not_answered' ELSE 'answered_late' END",
        "begun_at + reply_seconds",
        "begun_at",
        "answered_at",
    ),
    "disputes_seller_liable": ReasonSql(
        "(SELECT 'dispute.' || d.kind FROM disputes_dispute d WHERE d.id = o.dispute_id)",
        "closed_at",
        "(SELECT d.opened_at FROM disputes_dispute d WHERE d.id = o.dispute_id)",
        "closed_at",
    ),
    "copyright_upheld": ReasonSql(
        "'copyright'",
        "resolved_at",
        "(SELECT c.opened_at FROM disputes_copyrightcomplaint c WHERE c.id = o.complaint_id)",
        "resolved_at",
    ),
}
