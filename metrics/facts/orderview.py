"""The view of dirty orders that counters speak of: effective instants as epoch seconds, computed set-based.

Everything here is a pure function of stored rows (MX-02): no clock, so an order not yet shipped already
contributes to the future day of its deadline. ``tmp_batch`` (column ``id``) holds the orders; CROSS JOIN has SQLite
begin there, whatever it believes of the tables' sizes.
"""

from django.db.backends.utils import CursorWrapper

from core.sql import (
    SQL,
    Composable,
    Identifier,
    View,
    aliased,
    columns,
    comma,
    greatest,
    least,
    literals,
    make_views,
)
from core.timebase import to_epoch
from metrics.counters import EXCLUSION_MARKS
from orders.queries.valid_replies import understood_sql
from rulebook.periods import per_policy
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policies
from stores.models import Category

MAX_INSTANT = 1 << 60
CREATED_AT = SQL("o.created_at")
EXCLUSIONS = Identifier("orders_exclusion")
HAS_TEXT = SQL("v.text <> ''")
# No category has this code: an empty list is not SQL.
NO_CODE = "\t"


def make_order_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_order``, one row per order of ``tmp_batch``; ``tmp_review`` must stand."""
    make_views(cursor, order_views())


def make_review_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_review`` of the batch."""
    make_views(cursor, [review_view()])


def make_wait_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_wait``: buyers' waits of the batch."""
    make_views(cursor, [wait_view()])


def make_dispute_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_dispute``: the disputes of the batch."""
    make_views(cursor, [dispute_view()])


def make_complaint_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_complaint``: the dirty copyright complaints (PN-24)."""
    make_views(cursor, [complaint_view()])


def order_views(*, shadows: bool = False, exclusions: Identifier = EXCLUSIONS) -> list[View]:
    """``tmp_order`` and what it is made of. With ``shadows`` it also has the columns (``any_…``) that tell when an
    order that is left out would have counted. ``exclusions``: the table of exclusions that hold."""
    return [
        View("tmp_exclusion", _exclusions(exclusions), ("order_id",)),
        View("tmp_dispute_of_order", _disputes(exclusions), ("order_id",)),
        View("tmp_base", _base(), ("id",)),
        View("tmp_abnormal", ABNORMAL, ("order_id",)),
        View("tmp_order", _order(shadows), ("id",)),
    ]


def review_view(*, has_text: Composable = HAS_TEXT) -> View:
    """An order's buyer reviews merged into one (MX): the earliest instant stays, stars and text are those of the row
    created or revised last. ``has_text`` says whether a review ``v`` has text: data packages carry no texts (RL-14)."""
    select = SQL("""SELECT order_id, reviewed_at, described, communication, has_text, has_photo FROM (
            SELECT v.order_id, v.described, v.communication, {has_text} AS has_text, v.has_photo,
                MIN(v.created_at) OVER (PARTITION BY v.order_id) AS reviewed_at,
                ROW_NUMBER() OVER (PARTITION BY v.order_id ORDER BY {latest} DESC, v.created_at DESC) AS place
            FROM tmp_batch b CROSS JOIN orders_review v WHERE v.order_id = b.id AND v.kind = 'buyer') merged
        WHERE place = 1""").format(has_text=has_text, latest=greatest(SQL("v.created_at"), SQL("v.revised_at")))
    return View("tmp_review", select, ("order_id",))


def wait_view() -> View:
    """Buyers' waits (MX, PN-23). A wait begins with a buyer's message where none is running and ends with the next
    valid reply; at equal seconds the seller's message comes first."""
    select = SQL("""WITH said AS (
            SELECT o.id AS order_id, m.sent_at, m.sender = 'buyer' AS asks,
                CASE WHEN m.sender = 'seller' AND NOT m.automatic AND (
                    m.language = '' OR {understood}) THEN 1 ELSE 0 END AS replies
            FROM tmp_order o CROSS JOIN orders_message m WHERE m.order_id = o.id),
        placed AS (
            SELECT order_id, sent_at, asks, replies, SUM(replies) OVER (
                PARTITION BY order_id ORDER BY sent_at, CASE WHEN asks THEN 1 ELSE 0 END
                RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS turn
            FROM said),
        begun AS (SELECT order_id, turn, MIN(sent_at) AS begun_at FROM placed WHERE asks GROUP BY order_id, turn),
        answered AS (
            SELECT b.order_id, b.begun_at, MIN(p.sent_at) AS answered_at
            FROM begun b LEFT JOIN placed p ON p.order_id = b.order_id AND p.replies = 1 AND p.turn > b.turn
            GROUP BY b.order_id, b.begun_at)
        SELECT o.id AS order_id, o.store_id, o.in_performance, o.reply_seconds, o.x_reply_missed,
            a.begun_at, a.answered_at
        FROM answered a JOIN tmp_order o ON o.id = a.order_id""")
    return View("tmp_wait", select.format(understood=per_policy(understood_sql, CREATED_AT)), ("order_id",))


def dispute_view(*, exclusions: Identifier = EXCLUSIONS) -> View:
    """Disputes with the marks of their orders and their own exclusion (DP-02, DM-34)."""
    select = SQL("""SELECT d.id AS dispute_id, o.id AS order_id, o.store_id, o.in_performance, d.closed_at, d.liability,
            o.x_liability_rate, {excluded} AS x_dispute
        FROM tmp_order o CROSS JOIN disputes_dispute d WHERE d.order_id = o.id""")
    excluded = dispute_excluded(EXCLUSION_MARKS["x_liability_rate"], exclusions)
    return View("tmp_dispute", select.format(excluded=excluded), ("order_id",))


def complaint_view() -> View:
    """Copyright complaints with their own exclusion (PN-24, DM-34)."""
    select = SQL("""SELECT c.id AS complaint_id, c.store_id, c.resolved_at, c.upheld,
            EXISTS (SELECT 1 FROM {exclusions} e WHERE e.subject_kind = 'complaint' AND e.subject_id = c.id
                AND e.metric IN ({codes})) AS x_odr
        FROM disputes_copyrightcomplaint c JOIN tmp_complaint_batch b ON b.id = c.id""")
    codes = literals(EXCLUSION_MARKS["x_odr"])
    return View("tmp_complaint", select.format(exclusions=EXCLUSIONS, codes=codes), ("complaint_id",))


def counts_in(sources: str) -> Composable:
    """Whether an order's source is among the policy's list (MX-04)."""

    def counts(policy: Policy) -> Composable:
        return SQL("o.source IN ({sources})").format(sources=literals(getattr(policy.counting, sources)))

    return per_policy(counts, CREATED_AT)


def longest_hold_seconds() -> int:
    """The longest hold of a listing's first reviews over all policy versions (SR-03)."""
    return max(period.policy.counting.review_hold_hours for period in policies()) * 3600


def longest_delay_seconds() -> int:
    """The longest time, over all policy versions, from a stored instant to an anchor that is made of it."""
    rows = [_parameter_row(period) for period in policies()]
    return max(value for row in rows for name, value in row.items() if name.endswith("_seconds"))


def _parameters() -> Composable:
    """A CTE of the counting parameters, each row with the instants between which orders created take it."""
    rows = [_parameter_row(period) for period in policies()]
    values = [SQL("({row})").format(row=literals(row.values())) for row in rows]
    return SQL("pol({names}) AS (VALUES {values})").format(names=columns(rows[0]), values=comma(values))


def _parameter_row(period: PolicyPeriod) -> dict[str, int]:
    counting, hour, day = period.policy.counting, 3_600, 86_400
    return {
        "from_at": to_epoch(period.start),
        "to_at": to_epoch(period.end) if period.end else MAX_INSTANT,
        "slow_seconds": counting.slow_dispatch_hours * hour,
        "outcome_seconds": counting.outcome_days * day,
        "scan_seconds": counting.first_scan_hours * hour,
        "silence_seconds": counting.silence_hours * hour,
        "hold_seconds": counting.review_hold_hours * hour,
        "reply_seconds": counting.reply_hours * hour,
        "confirm_seconds": counting.confirm_hours * hour,
        "eligible_seconds": counting.eligible_wait_days * day,
        "min_usd": int(counting.min_order_usd.scaleb(8)),
        "positive_from": counting.positive_from_stars,
        "negative_to": counting.negative_to_stars,
        "late_review_seconds": period.policy.feedback.late_review_days * day,
    }


def _exclusions(exclusions: Identifier) -> Composable:
    marks = {
        mark: SQL("MAX(CASE WHEN e.subject_kind = 'order' AND e.metric IN ({codes}) THEN 1 ELSE 0 END)").format(
            codes=literals(codes)
        )
        for mark, codes in EXCLUSION_MARKS.items()
    }
    return SQL("""SELECT e.order_id, {marks},
            MAX(CASE WHEN e.subject_kind = 'review' THEN 1 ELSE 0 END) AS x_review
        FROM tmp_batch b CROSS JOIN {exclusions} e
        WHERE e.order_id = b.id AND e.subject_kind <> 'dispute' GROUP BY e.order_id""").format(
        marks=aliased(marks), exclusions=exclusions
    )


def dispute_excluded(codes: tuple[str, ...], exclusions: Identifier = EXCLUSIONS) -> Composable:
    """Whether one of the metrics leaves the dispute ``d`` out."""
    return SQL("""EXISTS (SELECT 1 FROM {exclusions} e WHERE e.subject_kind = 'dispute' AND e.subject_id = d.id
        AND e.metric IN ({codes}))""").format(exclusions=exclusions, codes=literals(codes))


def _intervened(policy: Policy) -> Composable:
    return SQL("d.kind IN ({kinds})").format(kinds=literals(policy.counting.intervened_kinds))


def _disputes(exclusions: Identifier) -> Composable:
    return SQL("""SELECT d.order_id,
            MIN(CASE WHEN NOT {rate} THEN d.opened_at END) AS disputed_at,
            MIN(CASE WHEN NOT {odr} THEN d.opened_at END) AS defect_dispute_at,
            MIN(d.opened_at) AS any_disputed_at,
            MAX(CASE WHEN {intervened} THEN 1 ELSE 0 END) AS intervened
        FROM tmp_batch b CROSS JOIN orders_order o CROSS JOIN disputes_dispute d
        WHERE o.id = b.id AND d.order_id = b.id
        GROUP BY d.order_id""").format(
        rate=dispute_excluded(EXCLUSION_MARKS["x_dispute_rate"], exclusions),
        odr=dispute_excluded(EXCLUSION_MARKS["x_odr"], exclusions),
        intervened=per_policy(_intervened, CREATED_AT),
    )


def _logistics_rated() -> Composable:
    """Orders in categories with one of the flags are not logistics-rated (SR-08)."""
    categories = list(Category.objects.only("code", "all_flags"))

    def rated(policy: Policy) -> Composable:
        flags = set(policy.counting.unrated_flags)
        unrated = [category.code for category in categories if category.flag_set & flags]
        return SQL("COALESCE(NULLIF(o.category, ''), l.category, '') NOT IN ({unrated})").format(
            unrated=literals(unrated or [NO_CODE])
        )

    return per_policy(rated, CREATED_AT)


def _base() -> Composable:
    """Orders with their counting parameters, bad ends and the instant from which no pool entry counts (TM-03)."""
    marks = {
        mark: SQL("COALESCE({mark}, 0) = 1").format(mark=Identifier("x", mark))
        for mark in (*EXCLUSION_MARKS, "x_review")
    }
    ends = (SQL(name) for name in ("o.delivered_at", "bad.bad_at", "o.cancelled_at", "o.refunded_at"))
    return SQL("""WITH {parameters},
        bad AS (
            SELECT e.order_id, MIN(e.at) AS bad_at FROM tmp_batch b CROSS JOIN orders_trackingevent e
            WHERE e.order_id = b.id AND e.kind IN ('returned', 'lost') GROUP BY e.order_id),
        longer AS (
            SELECT p.order_id, SUM(p.extend_hours) * 3600 AS seconds
            FROM tmp_batch b CROSS JOIN orders_protection p WHERE p.order_id = b.id GROUP BY p.order_id)
        SELECT o.id, o.store_id, o.site, o.sku, o.is_presale, o.created_at, o.paid_at,
            o.dispatch_confirmed_at, o.ship_by + COALESCE(longer.seconds, 0) AS ship_by, o.shipped_at,
            o.first_scan_at, o.estimated_delivery_at, o.delivered_at, o.confirmed_at, o.confirmed_by, o.cancelled_at,
            o.cancelled_by, o.refunded_at, o.total_usd, bad.bad_at,
            {over} AS over_at,
            {logistics_rated} AS logistics_rated,
            o.fulfilled_by <> 'platform' AS by_seller,
            {in_performance} AS in_performance, {in_rating} AS in_rating,
            pol.slow_seconds, pol.outcome_seconds, pol.scan_seconds, pol.silence_seconds, pol.hold_seconds,
            pol.reply_seconds, pol.confirm_seconds, pol.eligible_seconds, pol.min_usd,
            pol.positive_from, pol.negative_to, pol.late_review_seconds, {marks}
        FROM tmp_batch b JOIN orders_order o ON o.id = b.id
        JOIN pol ON o.created_at >= pol.from_at AND o.created_at < pol.to_at
        LEFT JOIN stores_listing l ON l.store_id = o.store_id AND l.sku = o.sku AND o.sku <> ''
        LEFT JOIN bad ON bad.order_id = o.id
        LEFT JOIN longer ON longer.order_id = o.id
        LEFT JOIN tmp_exclusion x ON x.order_id = o.id""").format(
        parameters=_parameters(),
        over=least(*ends),
        logistics_rated=_logistics_rated(),
        in_performance=counts_in("performance_sources"),
        in_rating=counts_in("rating_sources"),
        marks=aliased(marks),
    )


# First entry into the abnormal pool (TM-03): silence after a scan, or no scan soon after dispatch. Each parcel has its
# trace, its dispatch and its end, the first entry is the order's (DM-17); only orders that were split need more than
# their own columns. ``abnormal_since``: the last scan before it, or the dispatch; ``unscanned``: no scan had come.
ABNORMAL = SQL("""WITH split AS (
            SELECT DISTINCT s.order_id FROM tmp_base b CROSS JOIN orders_shipment s
            WHERE s.order_id = b.id AND s.parcel_no > 1),
        seen AS (
            SELECT e.order_id, COALESCE(e.parcel_no, 1) AS parcel_no,
                MIN(CASE WHEN e.kind <> 'label' THEN e.at END) AS first_scan_at,
                MIN(CASE WHEN e.kind IN ('delivered', 'returned', 'lost') THEN e.at END) AS ended_at
            FROM split x CROSS JOIN orders_trackingevent e WHERE e.order_id = x.order_id
            GROUP BY e.order_id, COALESCE(e.parcel_no, 1)),
        parcel AS (
            SELECT b.id AS order_id, 1 AS parcel_no, b.shipped_at, b.scan_seconds,
                CASE WHEN x.order_id IS NULL THEN b.first_scan_at ELSE seen.first_scan_at END AS first_scan_at,
                CASE WHEN x.order_id IS NULL THEN b.over_at ELSE {over} END AS over_at
            FROM tmp_base b LEFT JOIN split x ON x.order_id = b.id
            LEFT JOIN seen ON seen.order_id = b.id AND seen.parcel_no = 1
            WHERE b.shipped_at IS NOT NULL
            UNION ALL
            SELECT s.order_id, s.parcel_no, COALESCE(s.shipped_at, b.shipped_at), b.scan_seconds,
                seen.first_scan_at, {over}
            FROM tmp_base b CROSS JOIN orders_shipment s
            LEFT JOIN seen ON seen.order_id = s.order_id AND seen.parcel_no = s.parcel_no
            WHERE s.order_id = b.id AND s.parcel_no > 1 AND b.shipped_at IS NOT NULL),
        scan AS (
            SELECT e.order_id, COALESCE(e.parcel_no, 1) AS parcel_no, e.at,
                LEAD(e.at) OVER (PARTITION BY e.order_id, COALESCE(e.parcel_no, 1) ORDER BY e.at) AS next_at
            FROM tmp_base b CROSS JOIN orders_trackingevent e
            WHERE e.order_id = b.id AND e.kind <> 'label' AND b.shipped_at IS NOT NULL),
        entry AS (
            SELECT s.order_id, s.parcel_no, s.at + b.silence_seconds AS entered_at, s.at AS since_at, s.next_at,
                0 AS unscanned
            FROM scan s JOIN tmp_base b ON b.id = s.order_id
            WHERE s.next_at IS NULL OR s.next_at > s.at + b.silence_seconds
            UNION ALL
            SELECT p.order_id, p.parcel_no, p.shipped_at + p.scan_seconds, p.shipped_at, p.first_scan_at, 1
            FROM parcel p
            WHERE p.first_scan_at IS NULL OR p.first_scan_at > p.shipped_at + p.scan_seconds)
        SELECT order_id, entered_at AS abnormal_at, since_at AS abnormal_since, until_at AS abnormal_until, unscanned
        FROM (
            SELECT entry.order_id, entry.entered_at, entry.since_at, COALESCE(entry.next_at, p.over_at) AS until_at,
                entry.unscanned, ROW_NUMBER() OVER (PARTITION BY entry.order_id
                    ORDER BY entry.entered_at, entry.unscanned DESC, entry.parcel_no) AS place
            FROM entry JOIN parcel p ON p.order_id = entry.order_id AND p.parcel_no = entry.parcel_no
            WHERE entry.entered_at >= p.shipped_at AND (p.over_at IS NULL OR entry.entered_at < p.over_at)) found
        WHERE place = 1""").format(
    over=least(*(SQL(name) for name in ("b.delivered_at", "seen.ended_at", "b.cancelled_at", "b.refunded_at")))
)

# A buyer's review replaces an automatic one while it may still be written (AF-07); then it does not wait (SR-03).
_REPLACED = SQL("r.reviewed_at >= auto.created_at AND r.reviewed_at <= auto.created_at + b.late_review_seconds")
_COUNTS = SQL("""CASE WHEN {replaced} THEN r.reviewed_at
        WHEN f.reviewed_at + b.hold_seconds > r.reviewed_at THEN f.reviewed_at + b.hold_seconds
        ELSE r.reviewed_at END""").format(replaced=_REPLACED)
_NEGATIVE = SQL("CASE WHEN NOT b.x_review AND r.described <= b.negative_to THEN {counts} END").format(counts=_COUNTS)
_ANY_NEGATIVE = SQL("CASE WHEN r.described <= b.negative_to THEN {counts} END").format(counts=_COUNTS)
_OWN_CANCEL = SQL("CASE WHEN b.paid_at IS NOT NULL AND b.cancelled_by = 'seller' THEN b.cancelled_at END")
_WAITED = least(SQL("r.reviewed_at"), SQL("b.confirmed_at + b.eligible_seconds"))
_ELIGIBLE = SQL("""CASE WHEN b.confirmed_at IS NULL THEN NULL
        WHEN b.confirmed_by = 'system' THEN {waited}
        WHEN r.reviewed_at IS NOT NULL THEN {reviewed} END""").format(
    waited=greatest(SQL("b.confirmed_at"), _WAITED), reviewed=greatest(SQL("b.confirmed_at"), SQL("r.reviewed_at"))
)
# What was found or sent again, and arrived in time, was delivered, whatever a scan said before.
_LATEST = SQL("b.shipped_at + b.outcome_seconds")
_OUTCOME = SQL("""CASE WHEN b.delivered_at <= {latest} THEN b.delivered_at
        ELSE {ended} END""").format(latest=_LATEST, ended=least(SQL("b.bad_at"), _LATEST))
_SHADOWS = SQL(""",
            d.any_disputed_at, {any_defect} AS any_defect_at,
            auto.any_created_at AS any_auto_at""").format(
    any_defect=least(SQL("d.any_disputed_at"), _ANY_NEGATIVE, _OWN_CANCEL)
)


def _order(shadows: bool) -> Composable:
    return SQL("""WITH auto AS (
            SELECT v.order_id, MIN(CASE WHEN v.revoked_at IS NULL THEN v.created_at END) AS created_at,
                MIN(v.created_at) AS any_created_at
            FROM tmp_batch t CROSS JOIN orders_review v
            WHERE v.order_id = t.id AND v.kind = 'auto' GROUP BY v.order_id),
        back AS (
            SELECT m.order_id, MIN(m.completed_at) AS completed_at
            FROM tmp_batch t CROSS JOIN orders_refund m WHERE m.order_id = t.id GROUP BY m.order_id)
        SELECT b.*, b.id AS order_id, r.reviewed_at, r.described, r.communication, r.has_text, r.has_photo,
            {counts} AS counts_at,
            CASE WHEN {replaced} THEN NULL ELSE auto.created_at END AS auto_reviewed_at,
            {eligible} AS eligible_at, COALESCE(d.intervened, 0) AS intervened,
            CASE WHEN b.shipped_at IS NOT NULL THEN {outcome} END AS outcome_at,
            a.abnormal_at, a.abnormal_since, a.abnormal_until, a.unscanned, d.disputed_at,
            {settled} AS settled_at,
            COALESCE(back.completed_at, b.refunded_at) AS first_refund_at,
            {defect} AS defect_at,
            s.released_at{shadows}
        FROM tmp_base b
        LEFT JOIN tmp_review r ON r.order_id = b.id
        LEFT JOIN metrics_listingfirstreview f ON f.store_id = b.store_id AND f.sku = b.sku AND b.sku <> ''
        LEFT JOIN auto ON auto.order_id = b.id
        LEFT JOIN back ON back.order_id = b.id
        LEFT JOIN tmp_abnormal a ON a.order_id = b.id
        LEFT JOIN tmp_dispute_of_order d ON d.order_id = b.id
        LEFT JOIN orders_settlement s ON s.order_id = b.id""").format(
        counts=_COUNTS,
        replaced=_REPLACED,
        eligible=_ELIGIBLE,
        outcome=_OUTCOME,
        settled=least(SQL("b.confirmed_at"), SQL("d.disputed_at")),
        defect=least(SQL("d.defect_dispute_at"), _NEGATIVE, _OWN_CANCEL),
        shadows=_SHADOWS if shadows else SQL(""),
    )
