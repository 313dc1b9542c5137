"""The view of touched orders that counters speak of: effective instants as epoch seconds, computed set-based.

Everything here is a pure function of stored rows (MX-02): no clock, so an order not yet shipped already
contributes to the future day of its deadline. ``tmp_batch`` (column ``id``) holds the orders; CROSS JOIN has SQLite
begin there, whatever it believes of the tables' sizes.
"""

from collections.abc import Callable

from django.db.backends.utils import CursorWrapper

from core.timebase import to_epoch
from metrics.counters import EXCLUSION_MARKS
from metrics.facts.sql import Dialect, View, dialect, make_views, quoted
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policies
from stores.models import Category

MAX_INSTANT = 1 << 60
# No category has this code: an empty list is not SQL.
NO_CODE = "\t"


def make_order_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_order``, one row per order of ``tmp_batch``; ``tmp_review`` must stand."""
    make_views(cursor, order_views(dialect()))


def make_review_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_review`` of the batch."""
    make_views(cursor, [review_view(dialect())])


def make_wait_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_wait``: buyers' waits of the batch."""
    make_views(cursor, [wait_view()])


def make_dispute_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_dispute``: the disputes of the batch."""
    make_views(cursor, [dispute_view()])


def make_complaint_view(cursor: CursorWrapper) -> None:
    """Make ``tmp_complaint``: the touched copyright complaints (PN-24)."""
    make_views(cursor, [complaint_view()])


def order_views(written: Dialect, *, shadows: bool = False) -> list[View]:
    """``tmp_order`` and what it is made of. With ``shadows`` it also has the columns (``any_…``) that tell when an
    order that is left out would have counted."""
    return [
        View("tmp_exclusion", _exclusions(), "order_id"),
        View("tmp_dispute_of_order", _disputes(), "order_id"),
        View("tmp_base", _base(written), "id"),
        View("tmp_abnormal", _abnormal(), "order_id"),
        View("tmp_order", _order(written, shadows), "id"),
    ]


def review_view(written: Dialect) -> View:
    """An order's buyer reviews merged into one (MX): the earliest instant stays, stars and text are those of the row
    created or revised last."""
    latest = f"{written.greatest('v.created_at', 'v.revised_at')} DESC, v.created_at DESC"
    return View(
        "tmp_review",
        f"""SELECT order_id, reviewed_at, described, communication, has_text, has_photo FROM (
            SELECT v.order_id, v.described, v.communication, {written.has_text} AS has_text, v.has_photo,
                MIN(v.created_at) OVER (PARTITION BY v.order_id) AS reviewed_at,
                ROW_NUMBER() OVER (PARTITION BY v.order_id ORDER BY {latest}) AS place
            FROM tmp_batch b CROSS JOIN orders_review v WHERE v.order_id = b.id AND v.kind = 'buyer') merged
        WHERE place = 1""",
        "order_id",
    )


def wait_view() -> View:
    """Buyers' waits (MX, PN-23). A wait begins with a buyer's message where none is running and ends with the next
    valid reply; at equal seconds the seller's message comes first."""
    return View(
        "tmp_wait",
        f"""WITH said AS (
            SELECT o.id AS order_id, m.sent_at, m.sender = 'buyer' AS asks,
                CASE WHEN m.sender = 'seller' AND NOT m.automatic AND (
                    m.language = '' OR {per_policy(_understood, "o.created_at")}) THEN 1 ELSE 0 END AS replies
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
        FROM answered a JOIN tmp_order o ON o.id = a.order_id""",
        "order_id",
    )


def dispute_view() -> View:
    """Disputes with the marks of their orders and their own exclusion (DP-02, DM-34)."""
    return View(
        "tmp_dispute",
        f"""SELECT d.id AS dispute_id, o.id AS order_id, o.store_id, o.in_performance, d.closed_at, d.liability,
            o.x_liability_rate, {dispute_excluded(EXCLUSION_MARKS["x_liability_rate"])} AS x_dispute
        FROM tmp_order o CROSS JOIN disputes_dispute d WHERE d.order_id = o.id""",
        "order_id",
    )


def complaint_view() -> View:
    """Copyright complaints (PN-24)."""
    return View(
        "tmp_complaint",
        """SELECT c.id AS complaint_id, c.store_id, c.resolved_at, c.upheld
        FROM disputes_copyrightcomplaint c JOIN tmp_complaint_batch b ON b.id = c.id""",
        "complaint_id",
    )


def per_policy(condition: Callable[[Policy], str], created_at: str) -> str:
    """A condition that depends on the policy in force at an order's creation (counting parameters, MX)."""
    periods = policies()
    if len(periods) == 1:
        return f"({condition(periods[0].policy)})"
    cases = " ".join(
        f"WHEN {created_at} >= {to_epoch(p.start)} THEN ({condition(p.policy)})" for p in reversed(periods)
    )
    return f"(CASE {cases} END)"


def counts_in(sources: str) -> str:
    """Whether an order's source is among the policy's list (MX-04)."""
    return per_policy(lambda policy: f"o.source IN ({quoted(getattr(policy.counting, sources))})", "o.created_at")


def _understood(policy: Policy) -> str:
    """Whether a reply is in a language of the order's site; common languages pass everywhere (PN-23)."""
    spoken = " OR ".join(
        f"o.site = '{site.code}' AND m.language IN ({quoted(site.languages)})" for site in policy.reference.sites
    )
    sites = quoted([site.code for site in policy.reference.sites])
    anywhere = quoted(policy.notices.reply_any_languages)
    return f"m.language IN ({anywhere}) OR o.site NOT IN ({sites}) OR {spoken}"


def longest_hold_seconds() -> int:
    """The longest hold of a listing's first reviews over all policy versions (SR-03)."""
    return max(period.policy.counting.review_hold_hours for period in policies()) * 3600


def longest_delay_seconds() -> int:
    """The longest time, over all policy versions, from a stored instant to an anchor that is made of it."""
    rows = [_parameter_row(period) for period in policies()]
    return max(value for row in rows for name, value in row.items() if name.endswith("_seconds"))


def _parameters() -> str:
    """A CTE of the counting parameters, each row with the instants between which orders created take it."""
    rows = [_parameter_row(period) for period in policies()]
    values = ", ".join(f"({', '.join(str(value) for value in row.values())})" for row in rows)
    return f"pol({', '.join(rows[0])}) AS (VALUES {values})"


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


def _exclusions() -> str:
    marks = ", ".join(
        f"MAX(CASE WHEN e.subject_kind = 'order' AND e.metric IN ({quoted(codes)}) THEN 1 ELSE 0 END) AS {mark}"
        for mark, codes in EXCLUSION_MARKS.items()
    )
    return f"""SELECT e.order_id, {marks},
            MAX(CASE WHEN e.subject_kind = 'review' THEN 1 ELSE 0 END) AS x_review
        FROM tmp_batch b CROSS JOIN orders_exclusion e
        WHERE e.order_id = b.id AND e.subject_kind <> 'dispute' GROUP BY e.order_id"""


def dispute_excluded(codes: tuple[str, ...]) -> str:
    return f"""EXISTS (SELECT 1 FROM orders_exclusion e WHERE e.subject_kind = 'dispute' AND e.subject_id = d.id
        AND e.metric IN ({quoted(codes)}))"""


def _disputes() -> str:
    intervened = per_policy(lambda policy: f"d.kind IN ({quoted(policy.counting.intervened_kinds)})", "o.created_at")
    rate = dispute_excluded(EXCLUSION_MARKS["x_dispute_rate"])
    odr = dispute_excluded(EXCLUSION_MARKS["x_odr"])
    return f"""SELECT d.order_id,
            MIN(CASE WHEN NOT {rate} THEN d.opened_at END) AS disputed_at,
            MIN(CASE WHEN NOT {odr} THEN d.opened_at END) AS defect_dispute_at,
            MIN(d.opened_at) AS any_disputed_at,
            MAX(CASE WHEN {intervened} THEN 1 ELSE 0 END) AS intervened
        FROM tmp_batch b CROSS JOIN orders_order o CROSS JOIN disputes_dispute d
        WHERE o.id = b.id AND d.order_id = b.id
        GROUP BY d.order_id"""


def _logistics_rated() -> str:
    """Orders in categories with one of the flags are not logistics-rated (SR-08)."""
    categories = list(Category.objects.only("code", "all_flags"))
    code = "COALESCE(NULLIF(o.category, ''), l.category, '')"

    def rated(policy: Policy) -> str:
        flags = set(policy.counting.unrated_flags)
        return f"{code} NOT IN ({quoted([c.code for c in categories if c.flag_set & flags] or [NO_CODE])})"

    return per_policy(rated, "o.created_at")


def _base(written: Dialect) -> str:
    """Orders with their counting parameters, bad ends and the instant from which no pool entry counts (TM-03)."""
    marks = ", ".join(f"COALESCE(x.{mark}, 0) = 1 AS {mark}" for mark in [*EXCLUSION_MARKS, "x_review"])
    return f"""WITH {_parameters()},
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
            {written.least("o.delivered_at", "bad.bad_at", "o.cancelled_at", "o.refunded_at")} AS over_at,
            {_logistics_rated()} AS logistics_rated,
            o.fulfilled_by <> 'platform' AS by_seller,
            {counts_in("performance_sources")} AS in_performance, {counts_in("rating_sources")} AS in_rating,
            pol.slow_seconds, pol.outcome_seconds, pol.scan_seconds, pol.silence_seconds, pol.hold_seconds,
            pol.reply_seconds, pol.confirm_seconds, pol.eligible_seconds, pol.min_usd,
            pol.positive_from, pol.negative_to, pol.late_review_seconds, {marks}
        FROM tmp_batch b JOIN orders_order o ON o.id = b.id
        JOIN pol ON o.created_at >= pol.from_at AND o.created_at < pol.to_at
        LEFT JOIN stores_listing l ON l.store_id = o.store_id AND l.sku = o.sku AND o.sku <> ''
        LEFT JOIN bad ON bad.order_id = o.id
        LEFT JOIN longer ON longer.order_id = o.id
        LEFT JOIN tmp_exclusion x ON x.order_id = o.id"""


def _abnormal() -> str:
    """First entry into the abnormal pool (TM-03): silence after a scan, or no scan soon after dispatch."""
    return """WITH scan AS (
            SELECT e.order_id, e.at, LEAD(e.at) OVER (PARTITION BY e.order_id ORDER BY e.at) AS next_at
            FROM tmp_base b CROSS JOIN orders_trackingevent e
            WHERE e.order_id = b.id AND e.kind <> 'label' AND b.shipped_at IS NOT NULL),
        entry AS (
            SELECT s.order_id, s.at + b.silence_seconds AS at FROM scan s JOIN tmp_base b ON b.id = s.order_id
            WHERE s.next_at IS NULL OR s.next_at > s.at + b.silence_seconds
            UNION ALL
            SELECT b.id, b.shipped_at + b.scan_seconds FROM tmp_base b
            WHERE b.shipped_at IS NOT NULL
                AND (b.first_scan_at IS NULL OR b.first_scan_at > b.shipped_at + b.scan_seconds))
        SELECT entry.order_id, MIN(entry.at) AS abnormal_at FROM entry JOIN tmp_base b ON b.id = entry.order_id
        WHERE entry.at >= b.shipped_at AND (b.over_at IS NULL OR entry.at < b.over_at)
        GROUP BY entry.order_id"""


def _order(written: Dialect, shadows: bool) -> str:
    waited = "b.confirmed_at + b.eligible_seconds"
    eligible = f"""CASE WHEN b.confirmed_at IS NULL THEN NULL
        WHEN b.confirmed_by = 'system' THEN {written.greatest("b.confirmed_at", written.least("r.reviewed_at", waited))}
        WHEN r.reviewed_at IS NOT NULL THEN {written.greatest("b.confirmed_at", "r.reviewed_at")} END"""
    # A buyer's review replaces an automatic one while it may still be written (AF-07); then it does not wait (SR-03).
    replaced = "r.reviewed_at >= auto.created_at AND r.reviewed_at <= auto.created_at + b.late_review_seconds"
    counts = f"""CASE WHEN {replaced} THEN r.reviewed_at
        WHEN f.reviewed_at + b.hold_seconds > r.reviewed_at THEN f.reviewed_at + b.hold_seconds
        ELSE r.reviewed_at END"""
    negative = f"CASE WHEN NOT b.x_review AND r.described <= b.negative_to THEN {counts} END"
    own_cancel = "CASE WHEN b.paid_at IS NOT NULL AND b.cancelled_by = 'seller' THEN b.cancelled_at END"
    # What was found or sent again, and arrived in time, was delivered, whatever a scan said before.
    latest = "b.shipped_at + b.outcome_seconds"
    outcome = f"""CASE WHEN b.delivered_at <= {latest} THEN b.delivered_at
        ELSE {written.least("b.bad_at", latest)} END"""
    any_negative = f"CASE WHEN r.described <= b.negative_to THEN {counts} END"
    shadow_columns = f""",
            d.any_disputed_at, {written.least("d.any_disputed_at", any_negative, own_cancel)} AS any_defect_at,
            auto.any_created_at AS any_auto_at"""
    return f"""WITH auto AS (
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
            a.abnormal_at, d.disputed_at,
            {written.least("b.confirmed_at", "d.disputed_at")} AS settled_at,
            COALESCE(back.completed_at, b.refunded_at) AS first_refund_at,
            {written.least("d.defect_dispute_at", negative, own_cancel)} AS defect_at,
            s.released_at{shadow_columns if shadows else ""}
        FROM tmp_base b
        LEFT JOIN tmp_review r ON r.order_id = b.id
        LEFT JOIN metrics_listingfirstreview f ON f.store_id = b.store_id AND f.sku = b.sku AND b.sku <> ''
        LEFT JOIN auto ON auto.order_id = b.id
        LEFT JOIN back ON back.order_id = b.id
        LEFT JOIN tmp_abnormal a ON a.order_id = b.id
        LEFT JOIN tmp_dispute_of_order d ON d.order_id = b.id
        LEFT JOIN orders_settlement s ON s.order_id = b.id"""
