"""Every metric of the specification, declared once (MX): what is divided by what, which feeds it needs.

Windows, minimum denominators and thresholds are policy (`rulebook.policy.MetricPolicy`); adding a metric is adding a
declaration here, its policy and its rulebook text.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """How a metric's value comes from its counters."""

    RATE = "rate"  # failures ÷ denominator
    FLOOR = "floor"  # (denominator − failures) ÷ denominator
    SHARE = "share"  # a part ÷ the whole, no failure
    MEAN = "mean"  # a sum ÷ a number, in a unit
    SUM = "sum"  # a sum alone
    STARS = "stars"  # the rating and its dimensions (SR-01)
    COMPOSITE = "composite"  # SHS and SLA


class Calendar(StrEnum):
    """The two calendars (DM-25)."""

    PERFORMANCE = "performance"
    RATING = "rating"


@dataclass(frozen=True)
class Metric:
    """``upper`` names the failures of a rate or floor, else what is divided; ``lower`` the denominator; a name with a
    leading minus is subtracted. ``per`` divides the quotient (seconds in an hour, cents in a dollar)."""

    code: str
    kind: Kind
    title: Any
    rule: str
    upper: tuple[str, ...] = ()
    lower: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ("orders",)
    any_feed: tuple[str, ...] = ()
    calendar: Calendar = Calendar.PERFORMANCE
    per: int = 1

    @property
    def counters(self) -> frozenset[str]:
        """Every counter that the value needs."""
        return frozenset(name.lstrip("-") for name in (*self.upper, *self.lower))


BUYER_REVIEWS = ("reviews_positive", "reviews_neutral", "reviews_negative")
RATING_COUNTERS = (
    "described_n",
    "described_sum",
    "communication_n",
    "communication_sum",
    "r_dispatch_n",
    "r_dispatch_ontime",
    "r_delivery_n",
    "r_delivery_ontime",
    "r_value_cents_usd",
    "r_value_n",
    "unconfirmed",
)

METRICS: dict[str, Metric] = {
    metric.code: metric
    for metric in (
        Metric(
            "odr",
            Kind.RATE,
            _("Order defect rate"),
            "PN-04",
            ("defect_orders", "copyright_upheld"),
            ("orders_paid",),
            any_feed=("reviews", "disputes"),
        ),
        Metric("late_dispatch", Kind.RATE, _("Late dispatch"), "PN-04", ("dispatch_late",), ("dispatch_due",)),
        Metric(
            "dispute_rate",
            Kind.RATE,
            _("Dispute rate"),
            "PN-04",
            ("disputes_opened_orders",),
            ("settled",),
            ("orders", "disputes"),
        ),
        Metric(
            "dsr",
            Kind.STARS,
            _("Store rating"),
            "SR-01",
            RATING_COUNTERS,
            feeds=("orders", "reviews"),
            calendar=Calendar.RATING,
        ),
        Metric("delivered", Kind.FLOOR, _("Delivered"), "PN-04", ("undelivered",), ("outcomes",)),
        Metric(
            "liability_rate",
            Kind.RATE,
            _("Liability rate"),
            "DP-02",
            ("disputes_seller_liable",),
            ("disputes_closed",),
            ("disputes",),
        ),
        Metric("slow_fulfilment", Kind.RATE, _("Slow fulfilment"), "TM-10", ("shipped_over_72h",), ("shipped",)),
        Metric(
            "sla_dispute_rate",
            Kind.RATE,
            _("Dispute rate, service level"),
            "TM-10",
            ("disputes_opened_orders",),
            ("settled",),
            ("orders", "disputes"),
        ),
        Metric(
            "positive_rate",
            Kind.FLOOR,
            _("Positive reviews"),
            "TM-10",
            ("reviews_negative",),
            ("reviews_positive", "reviews_negative"),
            ("reviews",),
        ),
        Metric(
            "cancel_rate", Kind.RATE, _("Cancelled by the seller"), "TM-05", ("cancelled_by_seller",), ("orders_paid",)
        ),
        Metric(
            "logistics_abnormal",
            Kind.RATE,
            _("Abnormal logistics"),
            "TM-05",
            ("logistics_abnormal",),
            ("shipped",),
            ("tracking",),
        ),
        Metric("delivery_late", Kind.RATE, _("Late delivery"), "TM-10", ("delivery_late",), ("delivery_due",)),
        Metric(
            "reply_missed",
            Kind.RATE,
            _("Missed replies"),
            "PN-23",
            ("messages_missed",),
            ("messages_due",),
            ("messages",),
        ),
        Metric(
            "trace_complete",
            Kind.FLOOR,
            _("Complete traces"),
            "AF-13",
            ("trace_incomplete",),
            ("outcomes",),
            ("tracking",),
        ),
        Metric(
            "refund_rate",
            Kind.RATE,
            _("Refund rate"),
            "TM-09",
            ("refunded_orders",),
            ("orders_paid",),
            ("orders", "refunds"),
        ),
        Metric(
            "auto_review_share",
            Kind.SHARE,
            _("Automatic reviews"),
            "AF-15",
            ("reviews_auto",),
            ("reviews_auto", *BUYER_REVIEWS),
            ("reviews",),
        ),
        Metric(
            "text_review_rate",
            Kind.SHARE,
            _("Reviews with text"),
            "AF-15",
            ("reviews_text",),
            BUYER_REVIEWS,
            ("reviews",),
        ),
        Metric(
            "photo_review_rate",
            Kind.SHARE,
            _("Reviews with photo"),
            "AF-15",
            ("reviews_photo",),
            BUYER_REVIEWS,
            ("reviews",),
        ),
        Metric(
            "review_rate",
            Kind.SHARE,
            _("Reviewed orders"),
            "AF-15",
            (*BUYER_REVIEWS, "reviews_auto"),
            ("successes",),
            ("orders", "reviews"),
        ),
        Metric(
            "avg_handling_hours",
            Kind.MEAN,
            _("Average handling time"),
            "TM-09",
            ("handling_seconds",),
            ("shipped",),
            per=3600,
        ),
        Metric(
            "avg_transit_days",
            Kind.MEAN,
            _("Average transit time"),
            "TM-09",
            ("transit_seconds",),
            ("deliveries",),
            per=86_400,
        ),
        Metric("orders", Kind.SUM, _("Orders"), "TM-09", ("orders_paid",)),
        Metric("gmv", Kind.SUM, _("Gross merchandise value"), "TM-09", ("gmv_cents_usd",), per=100),
        Metric("aov", Kind.MEAN, _("Average order value"), "TM-09", ("gmv_cents_usd",), ("orders_paid",), per=100),
        Metric(
            "avg_collection_days",
            Kind.MEAN,
            _("Average collection period"),
            "TM-09",
            ("collection_seconds",),
            ("collected_orders",),
            ("orders", "settlements"),
            per=86_400,
        ),
        Metric(
            "described",
            Kind.STARS,
            _("Item as described"),
            "SR-01",
            RATING_COUNTERS,
            feeds=("orders", "reviews"),
            calendar=Calendar.RATING,
        ),
        Metric(
            "communication",
            Kind.STARS,
            _("Communication"),
            "SR-01",
            RATING_COUNTERS,
            feeds=("orders", "reviews"),
            calendar=Calendar.RATING,
        ),
        Metric("shipping", Kind.STARS, _("Shipping"), "SR-01", RATING_COUNTERS, calendar=Calendar.RATING),
        Metric("shs", Kind.COMPOSITE, _("Seller health score"), "DP-06", feeds=(), calendar=Calendar.RATING),
        Metric("sla", Kind.COMPOSITE, _("Service level"), "TM-05", feeds=()),
    )
}

DIMENSIONS = ("described", "communication", "shipping")
RATED = ("dsr", *DIMENSIONS)
# What a metric's problem orders fail; the rest fail their own upper counters.
RATING_PROBLEMS: dict[str, tuple[str, ...]] = {
    "dsr": ("described_low", "communication_low", "r_dispatch_late", "r_delivery_late"),
    "described": ("described_low",),
    "communication": ("communication_low",),
    "shipping": ("r_dispatch_late", "r_delivery_late"),
}

# The failure counters of a metric that are the seller's own open work (MX-14): the facts of future days hold them as if
# nothing were done. All other failures are made by carriers, buyers or time.
OWN_WORK: dict[str, str] = {
    "late_dispatch": "dispatch_late",
    "reply_missed": "messages_missed",
    "dsr": "unconfirmed",
    "shipping": "unconfirmed",
}


def problem_counters(code: str) -> tuple[str, ...]:
    """The failure counters whose problem rows are a metric's problem orders; empty where it has none."""
    metric = METRICS[code]
    if metric.kind == Kind.STARS:
        return RATING_PROBLEMS[code]
    if metric.kind in (Kind.RATE, Kind.FLOOR):
        return metric.upper
    return ()


# The metrics whose scorecards sellers watch every day, and the scores made of several (PG-03).
WATCHED = (
    "odr",
    "late_dispatch",
    "dispute_rate",
    "delivered",
    "liability_rate",
    "slow_fulfilment",
    "sla_dispute_rate",
    "positive_rate",
    "cancel_rate",
    "logistics_abnormal",
    "delivery_late",
    "reply_missed",
    "trace_complete",
)
COMPOSITES = ("shs", "sla")
