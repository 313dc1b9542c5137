"""The table of metrics of metrics.md, as the oracle reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from .policy import DAY, HOUR, Policy, percent

Terms = tuple[tuple[int, str], ...]


def plus(*counters: str, minus: tuple[str, ...] = ()) -> Terms:
    """A sum of counters, some of them subtracted."""
    return tuple((1, name) for name in counters) + tuple((-1, name) for name in minus)


@dataclass(frozen=True)
class Metric:
    """One row of the MX table.

    kind: ``rate`` (failures / denominator), ``floor`` ((denominator − failures) / denominator), ``share`` and ``mean``
    (upper / denominator / unit), ``sum`` (upper / unit), ``score`` (composed, no counts of its own).
    `feeds` are all needed, `any_feed` needs one of them; `scaled` names the factors of DM-31.
    """

    code: str
    kind: str
    upper: Terms = ()
    denominator: Terms = ()
    window: int = 30
    feeds: tuple[str, ...] = ()
    any_feed: tuple[str, ...] = ()
    yellow: Fraction | None = None
    red: Fraction | None = None
    scaled: tuple[str, ...] = ()
    unit: int = 1
    calendar: str = "performance"

    @property
    def lower_is_worse(self) -> bool:
        """Floors and stars fall when things go wrong; rates rise."""
        return self.kind in {"floor", "score"}

    @property
    def perfect(self) -> int:
        """The value without any failure: 0 for a rate, 1 for a floor, 5 for stars (MX-10, DM-31)."""
        return {"floor": 1, "score": 5}.get(self.kind, 0)


BUYER_REVIEWS = ("reviews_positive", "reviews_neutral", "reviews_negative")

_TABLE = (
    Metric(
        "odr",
        "rate",
        plus("defect_orders", "copyright_upheld"),
        plus("orders_paid"),
        30,
        ("orders",),
        ("reviews", "disputes"),
        percent("0.8"),
        percent("1"),
        ("category", "level"),
    ),
    Metric(
        "late_dispatch",
        "rate",
        plus("dispatch_late"),
        plus("dispatch_due"),
        30,
        ("orders",),
        (),
        percent("4"),
        percent("5"),
        ("category", "level"),
    ),
    Metric(
        "dispute_rate",
        "rate",
        plus("disputes_opened_orders"),
        plus("settled"),
        30,
        ("orders", "disputes"),
        (),
        percent("2.4"),
        percent("3"),
        ("level",),
    ),
    Metric(
        "dsr",
        "score",
        window=180,
        feeds=("orders", "reviews"),
        yellow=Fraction("4.7"),
        red=Fraction("4.6"),
        scaled=("level",),
        calendar="rating",
    ),
    Metric(
        "delivered",
        "floor",
        plus("undelivered"),
        plus("outcomes"),
        30,
        ("orders",),
        (),
        percent("96"),
        percent("95"),
        ("level", "site"),
    ),
    Metric("liability_rate", "rate", plus("disputes_seller_liable"), plus("disputes_closed"), 30, ("disputes",)),
    Metric(
        "slow_fulfilment",
        "rate",
        plus("shipped_over_72h"),
        plus("shipped"),
        90,
        ("orders",),
        (),
        percent("12"),
        percent("15"),
    ),
    Metric(
        "sla_dispute_rate",
        "rate",
        plus("disputes_opened_orders"),
        plus("settled"),
        90,
        ("orders", "disputes"),
        (),
        percent("2.56"),
        percent("3.2"),
    ),
    Metric(
        "positive_rate",
        "floor",
        plus("reviews_negative"),
        plus("reviews_positive", "reviews_negative"),
        90,
        ("reviews",),
        (),
        percent("95.6"),
        percent("94.5"),
    ),
    Metric(
        "cancel_rate",
        "rate",
        plus("cancelled_by_seller"),
        plus("orders_paid"),
        90,
        ("orders",),
        (),
        percent("2"),
        percent("2.5"),
    ),
    Metric(
        "logistics_abnormal",
        "rate",
        plus("logistics_abnormal"),
        plus("shipped"),
        90,
        ("tracking",),
        (),
        percent("8"),
        percent("10"),
    ),
    Metric(
        "delivery_late",
        "rate",
        plus("delivery_late"),
        plus("delivery_due"),
        30,
        ("orders",),
        (),
        percent("9.6"),
        percent("12"),
        ("level", "site"),
    ),
    Metric(
        "reply_missed",
        "rate",
        plus("messages_missed"),
        plus("messages_due"),
        30,
        ("messages",),
        (),
        percent("8"),
        percent("10"),
        ("level",),
    ),
    Metric(
        "trace_complete",
        "floor",
        plus("trace_incomplete"),
        plus("outcomes"),
        30,
        ("tracking",),
        (),
        percent("99.2"),
        None,
    ),
    Metric("refund_rate", "rate", plus("refunded_orders"), plus("orders_paid"), 90, ("orders", "refunds")),
    Metric("auto_review_share", "share", plus("reviews_auto"), plus("reviews_auto", *BUYER_REVIEWS), 90, ("reviews",)),
    Metric("text_review_rate", "share", plus("reviews_text"), plus(*BUYER_REVIEWS), 90, ("reviews",)),
    Metric("photo_review_rate", "share", plus("reviews_photo"), plus(*BUYER_REVIEWS), 90, ("reviews",)),
    Metric("review_rate", "share", plus(*BUYER_REVIEWS, "reviews_auto"), plus("successes"), 90, ("orders", "reviews")),
    Metric("avg_handling_hours", "mean", plus("handling_seconds"), plus("shipped"), 90, ("orders",), unit=HOUR),
    Metric(
        "avg_transit_days",
        "mean",
        plus("transit_seconds"),
        plus("outcomes", minus=("undelivered",)),
        90,
        ("orders",),
        unit=DAY,
    ),
    Metric("orders", "sum", plus("orders_paid"), (), 90, ("orders",)),
    Metric("gmv", "sum", plus("gmv_cents_usd"), (), 90, ("orders",), unit=100),
    Metric("aov", "mean", plus("gmv_cents_usd"), plus("orders_paid"), 90, ("orders",), unit=100),
    # reading: "settlements" acts as a feed of its own (the table names it; MX-07's list does not).
    Metric(
        "avg_collection_days",
        "mean",
        plus("collection_seconds"),
        plus("collected_orders"),
        90,
        ("settlements",),
        unit=DAY,
    ),
    # reading: the stars need orders and reviews like dsr; shipping is measured on orders alone.
    Metric("described", "score", window=180, feeds=("orders", "reviews"), calendar="rating"),
    Metric("communication", "score", window=180, feeds=("orders", "reviews"), calendar="rating"),
    Metric("shipping", "score", window=180, feeds=("orders",), calendar="rating"),
    Metric("shs", "score", calendar="rating"),
    Metric("sla", "score"),
)

METRICS: dict[str, Metric] = {metric.code: metric for metric in _TABLE}


def metric_under(policy: Policy, code: str) -> Metric:
    """A row of the table as a policy version has it (DM-30)."""
    return replace(METRICS[code], **policy.changed.get(code, {}))


DIMENSIONS = ("described", "communication", "shipping")
