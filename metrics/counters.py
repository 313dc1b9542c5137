"""Every counter of the specification, declared once (MX): the instant it is anchored at, its filter, its amount.

One declaration has four uses: the SQL that fills the facts, the problem-order list, the explanation and the data
package. Expressions speak of the columns of the subject's *view*: for orders the temporary table that
`metrics.facts.orderview` builds, with effective instants (epoch seconds), counting parameters of the policy in force
at the order's creation, and exclusion marks (``x_…``, DM-34). They are plain integer SQL that runs unchanged on SQLite,
PostgreSQL and DuckDB. Filters are named conditions (`metrics.conditions`), so that what they leave out can be listed
with the rule that did.
"""

from django.utils.translation import gettext_lazy as _

from metrics.anchors import RATING_DAY, Anchor, Counter, Subject
from metrics.conditions import (
    AUTO_STANDS,
    BY_SELLER,
    CANCELLED_BY_SELLER,
    COUNTING,
    DEFECT_STANDS,
    DELIVERY_DUE,
    DELIVERY_RATED,
    DISPATCH_DUE,
    DISPATCH_RATED,
    DISPUTE_STANDS,
    ELIGIBLE,
    PAID,
    PLATFORM,
    REVIEW_STANDS,
    Condition,
    not_excluded,
)

DELIVERED_LATE = "(delivered_at IS NULL OR delivered_at > estimated_delivery_at)"
UNDELIVERED = "(delivered_at IS NULL OR delivered_at > outcome_at)"
ON_TIME_DISPATCH = "(shipped_at <= ship_by OR x_dsr)"
ON_TIME_DELIVERY = "(delivered_at <= estimated_delivery_at OR x_dsr)"
RATED_AT = "CASE WHEN counts_at > confirmed_at THEN counts_at ELSE confirmed_at END"
REVIEWED = "reviewed_at IS NOT NULL"
# Cents, each order rounded half up from 1e-8 USD (MX).
USD_CENTS = "(total_usd + 500000) / 1000000"

ANCHORS: tuple[Anchor, ...] = (
    Anchor(
        "paid",
        Subject.ORDER,
        "paid_at",
        (Counter("orders_paid"), Counter("gmv_cents_usd", USD_CENTS, large=True)),
        when="paid_at IS NOT NULL",
        where=(PLATFORM,),
    ),
    Anchor(
        "due",
        Subject.ORDER,
        "ship_by",
        (
            Counter("dispatch_due"),
            Counter(
                "dispatch_late",
                when="(shipped_at IS NULL OR shipped_at > ship_by)",
                where=(not_excluded("x_late_dispatch"),),
                failure=True,
                rule="PN-04",
            ),
        ),
        where=(PLATFORM, *DISPATCH_DUE),
        would="COALESCE(ship_by, paid_at)",
    ),
    Anchor(
        "shipped",
        Subject.ORDER,
        "shipped_at",
        (
            Counter("shipped"),
            Counter(
                "shipped_over_72h",
                when="shipped_at - paid_at > slow_seconds",
                where=(not_excluded("x_slow_fulfilment"),),
                failure=True,
                rule="TM-10",
            ),
            Counter("handling_seconds", "shipped_at - paid_at", large=True),
        ),
        when="shipped_at IS NOT NULL",
        where=(PLATFORM, BY_SELLER, PAID),
    ),
    Anchor(
        "cancelled",
        Subject.ORDER,
        "cancelled_at",
        (Counter("cancelled_by_seller", failure=True, rule="TM-05"),),
        when="cancelled_at IS NOT NULL",
        where=(PLATFORM, *CANCELLED_BY_SELLER, not_excluded("x_cancel_rate")),
    ),
    Anchor(
        "estimate",
        Subject.ORDER,
        "estimated_delivery_at",
        (
            Counter("delivery_due"),
            Counter(
                "delivery_late",
                when=DELIVERED_LATE,
                where=(not_excluded("x_delivery_late"),),
                failure=True,
                rule="TM-10",
            ),
        ),
        where=(PLATFORM, *DELIVERY_DUE),
        would="COALESCE(estimated_delivery_at, shipped_at)",
    ),
    Anchor(
        "outcome",
        Subject.ORDER,
        "outcome_at",
        (
            Counter("outcomes"),
            Counter("undelivered", when=UNDELIVERED, where=(not_excluded("x_delivered"),), failure=True, rule="PN-04"),
            Counter(
                "trace_incomplete",
                when=f"({UNDELIVERED} OR abnormal_at < delivered_at)",
                where=(not_excluded("x_trace_complete"),),
                failure=True,
                rule="AF-13",
            ),
            Counter("transit_seconds", "delivered_at - shipped_at", when=f"NOT {UNDELIVERED}", large=True),
            Counter("deliveries", when=f"NOT {UNDELIVERED}"),
        ),
        when="outcome_at IS NOT NULL",
        where=(PLATFORM, BY_SELLER),
    ),
    Anchor(
        "abnormal",
        Subject.ORDER,
        "abnormal_at",
        (Counter("logistics_abnormal", failure=True, rule="TM-03"),),
        when="abnormal_at IS NOT NULL",
        where=(PLATFORM, BY_SELLER, not_excluded("x_logistics_abnormal")),
    ),
    Anchor(
        "disputed",
        Subject.ORDER,
        "disputed_at",
        (Counter("disputes_opened_orders", failure=True, rule="PN-19"),),
        where=(PLATFORM, DISPUTE_STANDS, not_excluded("x_dispute_rate")),
        would="COALESCE(disputed_at, any_disputed_at)",
    ),
    Anchor(
        "settled",
        Subject.ORDER,
        "settled_at",
        (Counter("settled"),),
        where=(
            PLATFORM,
            Condition("settled_at IS NOT NULL", "DM-34", _("its disputes are excluded"), "x_dispute_rate"),
        ),
        would="COALESCE(settled_at, any_disputed_at)",
    ),
    Anchor(
        "refund",
        Subject.ORDER,
        "first_refund_at",
        (Counter("refunded_orders", failure=True, rule="TM-09"),),
        when="first_refund_at IS NOT NULL",
        where=(PLATFORM, not_excluded("x_refund_rate")),
    ),
    Anchor(
        "defect",
        Subject.ORDER,
        "defect_at",
        (Counter("defect_orders", failure=True, rule="PN-04"),),
        where=(PLATFORM, not_excluded("x_odr"), DEFECT_STANDS),
        would="COALESCE(defect_at, any_defect_at)",
    ),
    Anchor(
        "review",
        Subject.ORDER,
        "counts_at",
        (
            Counter("reviews_positive", when="described >= positive_from"),
            Counter("reviews_neutral", when="described > negative_to AND described < positive_from"),
            Counter(
                "reviews_negative",
                when="described <= negative_to",
                where=(not_excluded("x_positive_rate"),),
                failure=True,
                rule="TM-10",
            ),
            Counter("reviews_text", when="has_text"),
            Counter("reviews_photo", when="has_photo"),
        ),
        when=REVIEWED,
        where=(PLATFORM, REVIEW_STANDS),
    ),
    Anchor(
        "auto",
        Subject.ORDER,
        "auto_reviewed_at",
        (Counter("reviews_auto", rule="AF-01"),),
        where=(PLATFORM, AUTO_STANDS),
        would="COALESCE(auto_reviewed_at, any_auto_at)",
    ),
    Anchor(
        "success",
        Subject.ORDER,
        "confirmed_at",
        (Counter("successes"),),
        when="confirmed_at IS NOT NULL",
        where=(PLATFORM,),
    ),
    Anchor(
        "confirm",
        Subject.ORDER,
        "paid_at + confirm_seconds",
        (Counter("unconfirmed", failure=True, rule="TM-02"),),
        when="paid_at IS NOT NULL"
        " AND (dispatch_confirmed_at IS NULL OR dispatch_confirmed_at > paid_at + confirm_seconds)"
        " AND (shipped_at IS NULL OR shipped_at > paid_at + confirm_seconds)",
        where=(PLATFORM, BY_SELLER, Condition("NOT is_presale", "TM-02", _("a presale")), not_excluded("x_dsr")),
    ),
    Anchor(
        "collected",
        Subject.ORDER,
        "released_at",
        (
            Counter("collected_orders", rule="TM-09"),
            Counter("collection_seconds", "released_at - paid_at", large=True),
        ),
        when="released_at IS NOT NULL",
        where=(PLATFORM, PAID),
    ),
    Anchor(
        "rated",
        Subject.ORDER,
        RATED_AT,
        (
            Counter("described_n", rule="SR-01"),
            Counter("described_sum", "described", rule="SR-01"),
            Counter("communication_n", when="communication IS NOT NULL", rule="SR-01"),
            Counter("communication_sum", "COALESCE(communication, 0)", rule="SR-01"),
            Counter("described_low", when="described < positive_from", failure=True, rule="SR-01"),
            Counter("communication_low", when="communication < positive_from", failure=True, rule="SR-01"),
        ),
        when=REVIEWED,
        where=(*ELIGIBLE, REVIEW_STANDS),
        would=f"COALESCE({RATED_AT}, counts_at)",
        day=RATING_DAY,
    ),
    Anchor(
        "eligible",
        Subject.ORDER,
        "eligible_at",
        (
            Counter("r_dispatch_n", where=DISPATCH_RATED, rule="SR-08"),
            Counter("r_dispatch_ontime", when=ON_TIME_DISPATCH, where=DISPATCH_RATED, rule="SR-08"),
            Counter(
                "r_dispatch_late",
                when="shipped_at > ship_by",
                where=(*DISPATCH_RATED, not_excluded("x_dsr")),
                failure=True,
                rule="SR-08",
            ),
            Counter("r_delivery_n", where=DELIVERY_RATED, rule="SR-08"),
            Counter("r_delivery_ontime", when=ON_TIME_DELIVERY, where=DELIVERY_RATED, rule="SR-08"),
            Counter(
                "r_delivery_late",
                when="delivered_at > estimated_delivery_at",
                where=(*DELIVERY_RATED, not_excluded("x_dsr")),
                failure=True,
                rule="SR-08",
            ),
            Counter("r_value_cents_usd", USD_CENTS, rule="SR-09", large=True),
            Counter("r_value_n", rule="SR-09"),
        ),
        where=ELIGIBLE,
        would="COALESCE(eligible_at, confirmed_at, cancelled_at, refunded_at, delivered_at)",
        day=RATING_DAY,
    ),
    Anchor(
        "ureview",
        Subject.ORDER,
        "counts_at",
        (Counter("u_reviews", rule="SR-06"), Counter("u_negative", when="described <= negative_to", rule="SR-06")),
        when=REVIEWED,
        where=(COUNTING, REVIEW_STANDS),
        day=RATING_DAY,
    ),
    Anchor(
        "uestimate",
        Subject.ORDER,
        "estimated_delivery_at",
        (
            Counter("u_delivery_due", rule="SR-06"),
            Counter("u_delivery_late", when=DELIVERED_LATE, where=(not_excluded("x_delivery_late"),), rule="SR-06"),
        ),
        where=(COUNTING, *DELIVERY_DUE),
        would="COALESCE(estimated_delivery_at, shipped_at)",
        day=RATING_DAY,
    ),
    Anchor(
        "answer",
        Subject.WAIT,
        "begun_at + reply_seconds",
        (
            Counter("messages_due", rule="PN-23"),
            Counter(
                "messages_missed",
                when="(answered_at IS NULL OR answered_at > begun_at + reply_seconds)",
                where=(not_excluded("x_reply_missed"),),
                failure=True,
                rule="PN-23",
            ),
        ),
        where=(PLATFORM,),
    ),
    Anchor(
        "closed",
        Subject.DISPUTE,
        "closed_at",
        (
            Counter("disputes_closed", rule="DP-02"),
            Counter(
                "disputes_seller_liable",
                when="liability = 'seller'",
                where=(not_excluded("x_liability_rate"),),
                failure=True,
                rule="DP-02",
            ),
        ),
        when="closed_at IS NOT NULL",
        where=(PLATFORM, Condition("NOT x_dispute", "DM-34", _("the dispute is excluded"), "x_liability_rate")),
    ),
    Anchor(
        "upheld",
        Subject.COMPLAINT,
        "resolved_at",
        (Counter("copyright_upheld", failure=True, rule="PN-24"),),
        when="resolved_at IS NOT NULL",
        where=(Condition("upheld", "PN-24", _("not upheld")), not_excluded("x_odr")),
    ),
)

COUNTERS: tuple[Counter, ...] = tuple(counter for anchor in ANCHORS for counter in anchor.counters)
ANCHOR_OF: dict[str, Anchor] = {counter.name: anchor for anchor in ANCHORS for counter in anchor.counters}
FAILURES: frozenset[str] = frozenset(counter.name for counter in COUNTERS if counter.failure)

# The metrics whose exclusions silence a mark (DM-34): a fact is shared by every metric that counts it.
EXCLUSION_MARKS: dict[str, tuple[str, ...]] = {
    "x_late_dispatch": ("late_dispatch",),
    "x_slow_fulfilment": ("slow_fulfilment",),
    "x_cancel_rate": ("cancel_rate",),
    "x_delivery_late": ("delivery_late",),
    "x_delivered": ("delivered",),
    "x_trace_complete": ("trace_complete",),
    "x_logistics_abnormal": ("logistics_abnormal",),
    "x_dispute_rate": ("dispute_rate", "sla_dispute_rate"),
    "x_refund_rate": ("refund_rate",),
    "x_odr": ("odr",),
    "x_positive_rate": ("positive_rate",),
    "x_dsr": ("dsr",),
    "x_reply_missed": ("reply_missed",),
    "x_liability_rate": ("liability_rate",),
}


def anchors_of(subject: Subject) -> tuple[Anchor, ...]:
    """The anchors of one kind of subject."""
    return tuple(anchor for anchor in ANCHORS if anchor.subject == subject)
