"""Every counter of the specification, declared once (MX): the instant it is anchored at, its filter, its amount.

One declaration has four uses: the SQL that fills the facts, the problem-order list, the explanation and the data
package. Expressions speak of the columns of the subject's *view*: for orders the temporary table that
`metrics.facts.orderview` builds, with effective instants (epoch seconds), counting parameters of the policy in force
at the order's creation, and exclusion marks (``x_…``, DM-34). They are plain integer SQL that runs unchanged on SQLite
and PostgreSQL.
"""

from dataclasses import dataclass
from enum import StrEnum

PERFORMANCE_DAY = "(({at}) + 28800) / 86400"
RATING_DAY = "({at}) / 86400"


class Subject(StrEnum):
    """What contributes to counters (MX-02)."""

    ORDER = "order"
    WAIT = "wait"
    DISPUTE = "dispute"
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class Counter:
    """``amount`` counts for a subject that passes the anchor's filter; ``None`` is 1 for each. ``failure`` marks the
    counters whose subjects are listed as problem orders, ``large`` those whose amount may not fit into 32 bits."""

    name: str
    amount: str | None = None
    failure: bool = False
    rule: str = "MX-02"
    large: bool = False


@dataclass(frozen=True)
class Anchor:
    """``E @ at | where``: the instant and filter that a group of counters shares."""

    name: str
    subject: Subject
    at: str
    where: str
    counters: tuple[Counter, ...]
    day: str = PERFORMANCE_DAY

    @property
    def day_sql(self) -> str:
        """SQL for the day number, NULL where the subject does not count."""
        return f"CASE WHEN {self.where} THEN {self.day.format(at=self.at)} END"

    @property
    def day_column(self) -> str:
        return f"{self.name}_day"


def flag(condition: str) -> str:
    """1 where the condition holds, else 0."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


# Certified and external orders count in none of the performance calendar's counters (MX-04).
PLATFORM = "in_performance"
COUNTING = "in_rating"
HAS_REVIEW = "reviewed_at IS NOT NULL AND NOT x_review"
DISPATCH_DUE = (
    "paid_at IS NOT NULL AND ship_by IS NOT NULL AND (cancelled_at IS NULL OR cancelled_at > ship_by)"
    " AND (refunded_at IS NULL OR refunded_at > ship_by)"
)
DELIVERY_DUE = (
    "shipped_at <= estimated_delivery_at AND (cancelled_at IS NULL OR cancelled_at > estimated_delivery_at)"
    " AND (refunded_at IS NULL OR refunded_at > estimated_delivery_at)"
)
DELIVERED_LATE = "(delivered_at IS NULL OR delivered_at > estimated_delivery_at)"
CANCELLED_BY_SELLER = "paid_at IS NOT NULL AND cancelled_at IS NOT NULL AND cancelled_by = 'seller'"
UNDELIVERED = "(delivered_at IS NULL OR delivered_at > outcome_at)"
ON_TIME_DISPATCH = "(shipped_at <= ship_by OR x_dsr)"
ON_TIME_DELIVERY = "(delivered_at <= estimated_delivery_at OR x_dsr)"
# SR-02; eligible_at is NULL for orders that are not eligible.
ELIGIBLE = f"{COUNTING} AND eligible_at IS NOT NULL"
DISPATCH_RATED = "logistics_rated AND ship_by IS NOT NULL AND shipped_at IS NOT NULL"
DELIVERY_RATED = "logistics_rated AND estimated_delivery_at IS NOT NULL AND delivered_at IS NOT NULL"
# Cents, each order rounded half up from 1e-8 USD (MX).
USD_CENTS = "(total_usd + 500000) / 1000000"

ANCHORS: tuple[Anchor, ...] = (
    Anchor(
        "paid",
        Subject.ORDER,
        "paid_at",
        f"{PLATFORM} AND paid_at IS NOT NULL",
        (Counter("orders_paid"), Counter("gmv_cents_usd", USD_CENTS, large=True)),
    ),
    Anchor(
        "due",
        Subject.ORDER,
        "ship_by",
        f"{PLATFORM} AND {DISPATCH_DUE}",
        (
            Counter("dispatch_due"),
            Counter(
                "dispatch_late",
                flag("(shipped_at IS NULL OR shipped_at > ship_by) AND NOT x_late_dispatch"),
                failure=True,
                rule="PN-04",
            ),
        ),
    ),
    Anchor(
        "shipped",
        Subject.ORDER,
        "shipped_at",
        f"{PLATFORM} AND paid_at IS NOT NULL AND shipped_at IS NOT NULL",
        (
            Counter("shipped"),
            Counter(
                "shipped_over_72h",
                flag("shipped_at - paid_at > slow_seconds AND NOT x_slow_fulfilment"),
                failure=True,
                rule="TM-10",
            ),
            Counter("handling_seconds", "shipped_at - paid_at", large=True),
        ),
    ),
    Anchor(
        "cancelled",
        Subject.ORDER,
        "cancelled_at",
        f"{PLATFORM} AND {CANCELLED_BY_SELLER} AND NOT x_cancel_rate",
        (Counter("cancelled_by_seller", failure=True, rule="TM-05"),),
    ),
    Anchor(
        "estimate",
        Subject.ORDER,
        "estimated_delivery_at",
        f"{PLATFORM} AND {DELIVERY_DUE}",
        (
            Counter("delivery_due"),
            Counter("delivery_late", flag(f"{DELIVERED_LATE} AND NOT x_delivery_late"), failure=True, rule="TM-10"),
        ),
    ),
    Anchor(
        "outcome",
        Subject.ORDER,
        "outcome_at",
        f"{PLATFORM} AND outcome_at IS NOT NULL",
        (
            Counter("outcomes"),
            Counter("undelivered", flag(f"{UNDELIVERED} AND NOT x_delivered"), failure=True, rule="PN-04"),
            Counter(
                "trace_incomplete",
                flag(f"({UNDELIVERED} OR abnormal_at < delivered_at) AND NOT x_trace_complete"),
                failure=True,
                rule="AF-13",
            ),
            Counter(
                "transit_seconds", f"CASE WHEN {UNDELIVERED} THEN 0 ELSE delivered_at - shipped_at END", large=True
            ),
            Counter("deliveries", flag(f"NOT {UNDELIVERED}")),
        ),
    ),
    Anchor(
        "abnormal",
        Subject.ORDER,
        "abnormal_at",
        f"{PLATFORM} AND abnormal_at IS NOT NULL AND NOT x_logistics_abnormal",
        (Counter("logistics_abnormal", failure=True, rule="TM-03"),),
    ),
    Anchor(
        "disputed",
        Subject.ORDER,
        "disputed_at",
        f"{PLATFORM} AND disputed_at IS NOT NULL AND NOT x_dispute_rate",
        (Counter("disputes_opened_orders", failure=True, rule="PN-19"),),
    ),
    Anchor(
        "settled",
        Subject.ORDER,
        "settled_at",
        f"{PLATFORM} AND settled_at IS NOT NULL",
        (Counter("settled"),),
    ),
    Anchor(
        "refund",
        Subject.ORDER,
        "first_refund_at",
        f"{PLATFORM} AND first_refund_at IS NOT NULL AND NOT x_refund_rate",
        (Counter("refunded_orders", failure=True, rule="TM-09"),),
    ),
    Anchor(
        "defect",
        Subject.ORDER,
        "defect_at",
        f"{PLATFORM} AND defect_at IS NOT NULL AND NOT x_odr",
        (Counter("defect_orders", failure=True, rule="PN-04"),),
    ),
    Anchor(
        "review",
        Subject.ORDER,
        "counts_at",
        f"{PLATFORM} AND {HAS_REVIEW}",
        (
            Counter("reviews_positive", flag("described >= positive_from")),
            Counter("reviews_neutral", flag("described > negative_to AND described < positive_from")),
            Counter(
                "reviews_negative", flag("described <= negative_to AND NOT x_positive_rate"), failure=True, rule="TM-10"
            ),
            Counter("reviews_text", flag("has_text")),
            Counter("reviews_photo", flag("has_photo")),
        ),
    ),
    Anchor(
        "auto",
        Subject.ORDER,
        "auto_reviewed_at",
        f"{PLATFORM} AND auto_reviewed_at IS NOT NULL",
        (Counter("reviews_auto", rule="AF-01"),),
    ),
    Anchor(
        "success",
        Subject.ORDER,
        "confirmed_at",
        f"{PLATFORM} AND confirmed_at IS NOT NULL",
        (Counter("successes"),),
    ),
    Anchor(
        "confirm",
        Subject.ORDER,
        "paid_at + confirm_seconds",
        f"{PLATFORM} AND paid_at IS NOT NULL AND NOT is_presale"
        " AND (dispatch_confirmed_at IS NULL OR dispatch_confirmed_at > paid_at + confirm_seconds)"
        " AND (shipped_at IS NULL OR shipped_at > paid_at + confirm_seconds) AND NOT x_dsr",
        (Counter("unconfirmed", failure=True, rule="TM-02"),),
    ),
    Anchor(
        "collected",
        Subject.ORDER,
        "released_at",
        f"{PLATFORM} AND paid_at IS NOT NULL AND released_at IS NOT NULL",
        (
            Counter("collected_orders", rule="TM-09"),
            Counter("collection_seconds", "released_at - paid_at", large=True),
        ),
    ),
    Anchor(
        "rated",
        Subject.ORDER,
        "CASE WHEN counts_at > confirmed_at THEN counts_at ELSE confirmed_at END",
        f"{ELIGIBLE} AND {HAS_REVIEW}",
        (
            Counter("described_n", rule="SR-01"),
            Counter("described_sum", "described", rule="SR-01"),
            Counter("communication_n", flag("communication IS NOT NULL"), rule="SR-01"),
            Counter("communication_sum", "COALESCE(communication, 0)", rule="SR-01"),
            Counter("described_low", flag("described < positive_from"), failure=True, rule="SR-01"),
            Counter("communication_low", flag("communication < positive_from"), failure=True, rule="SR-01"),
        ),
        RATING_DAY,
    ),
    Anchor(
        "eligible",
        Subject.ORDER,
        "eligible_at",
        ELIGIBLE,
        (
            Counter("r_dispatch_n", flag(DISPATCH_RATED), rule="SR-08"),
            Counter("r_dispatch_ontime", flag(f"{DISPATCH_RATED} AND {ON_TIME_DISPATCH}"), rule="SR-08"),
            Counter(
                "r_dispatch_late", flag(f"{DISPATCH_RATED} AND NOT {ON_TIME_DISPATCH}"), failure=True, rule="SR-08"
            ),
            Counter("r_delivery_n", flag(DELIVERY_RATED), rule="SR-08"),
            Counter("r_delivery_ontime", flag(f"{DELIVERY_RATED} AND {ON_TIME_DELIVERY}"), rule="SR-08"),
            Counter(
                "r_delivery_late", flag(f"{DELIVERY_RATED} AND NOT {ON_TIME_DELIVERY}"), failure=True, rule="SR-08"
            ),
            Counter("r_value_cents_usd", USD_CENTS, rule="SR-09", large=True),
            Counter("r_value_n", rule="SR-09"),
        ),
        RATING_DAY,
    ),
    Anchor(
        "ureview",
        Subject.ORDER,
        "counts_at",
        f"{COUNTING} AND {HAS_REVIEW}",
        (Counter("u_reviews", rule="SR-06"), Counter("u_negative", flag("described <= negative_to"), rule="SR-06")),
        RATING_DAY,
    ),
    Anchor(
        "uestimate",
        Subject.ORDER,
        "estimated_delivery_at",
        f"{COUNTING} AND {DELIVERY_DUE}",
        (
            Counter("u_delivery_due", rule="SR-06"),
            Counter("u_delivery_late", flag(f"{DELIVERED_LATE} AND NOT x_delivery_late"), rule="SR-06"),
        ),
        RATING_DAY,
    ),
    Anchor(
        "answer",
        Subject.WAIT,
        "begun_at + reply_seconds",
        PLATFORM,
        (
            Counter("messages_due", rule="PN-23"),
            Counter(
                "messages_missed",
                flag("(answered_at IS NULL OR answered_at > begun_at + reply_seconds) AND NOT x_reply_missed"),
                failure=True,
                rule="PN-23",
            ),
        ),
    ),
    Anchor(
        "closed",
        Subject.DISPUTE,
        "closed_at",
        f"{PLATFORM} AND closed_at IS NOT NULL AND NOT x_dispute",
        (
            Counter("disputes_closed", rule="DP-02"),
            Counter(
                "disputes_seller_liable",
                flag("liability = 'seller' AND NOT x_liability_rate"),
                failure=True,
                rule="DP-02",
            ),
        ),
    ),
    Anchor(
        "upheld",
        Subject.COMPLAINT,
        "resolved_at",
        "resolved_at IS NOT NULL AND upheld",
        (Counter("copyright_upheld", failure=True, rule="PN-24"),),
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


def unit(counter: Counter) -> bool:
    """Whether the counter is 1 wherever its anchor holds, so that its state needs no column."""
    return counter.amount is None
