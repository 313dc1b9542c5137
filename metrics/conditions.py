"""The named conditions under which a subject counts, each with the rule that leaves out what fails it (DM-32).

They are SQL over the columns of the subjects' views, as `metrics.counters` explains. The order of the conditions of an
anchor or counter is the order in which explanations ask: the first that fails names the rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Condition:
    """``sql`` holds for what counts; ``text`` says of what fails it why it is left out. ``mark`` names the exclusion
    mark that the condition asks for, whose rows tell the cause's number (DM-34)."""

    sql: str
    rule: str
    text: Any
    mark: str = ""


def all_of(*parts: str) -> str:
    """The conditions joined by AND; those that are empty fall away."""
    return " AND ".join(part for part in parts if part)


def sql_of(conditions: Iterable[Condition]) -> str:
    return all_of(*(condition.sql for condition in conditions))


def not_excluded(mark: str) -> Condition:
    """No appeal or protected event excludes the subject from the metrics of the mark (DM-34)."""
    return Condition(f"NOT {mark}", "DM-34", _("excluded"), mark)


def before(instant: str, limit: str) -> str:
    """The instant is absent or lies after the limit."""
    return f"({instant} IS NULL OR {instant} > {limit})"


# Certified and external orders count in none of the performance calendar's counters (MX-04).
PLATFORM = Condition("in_performance", "MX-04", _("of another channel, or of a certified one, which the rating counts"))
COUNTING = Condition("in_rating", "MX-04", _("of a channel that is not certified"))
# Of orders that the platform ships itself nobody asks when and how they were shipped (MX-04a).
BY_SELLER = Condition("by_seller", "MX-04a", _("shipped by the platform: not judged on dispatch or carriage"))
PAID = Condition("paid_at IS NOT NULL", "MX-02", _("not paid"))

SHIP_BY_KNOWN = Condition("ship_by IS NOT NULL", "DM-20", _("a presale without a dispatch deadline"))
DISPATCH_DUE = (
    BY_SELLER,
    PAID,
    SHIP_BY_KNOWN,
    Condition(before("cancelled_at", "ship_by"), "MX-02", _("cancelled before its dispatch deadline")),
    Condition(before("refunded_at", "ship_by"), "MX-02", _("refunded before its dispatch deadline")),
)
DELIVERY_DUE = (
    BY_SELLER,
    Condition("estimated_delivery_at IS NOT NULL", "MX-02", _("without an estimated delivery")),
    Condition("shipped_at <= estimated_delivery_at", "MX-02", _("not shipped before its estimated delivery")),
    Condition(before("cancelled_at", "estimated_delivery_at"), "MX-02", _("cancelled before its estimated delivery")),
    Condition(before("refunded_at", "estimated_delivery_at"), "MX-02", _("refunded before its estimated delivery")),
)
CANCELLED_BY_SELLER = (PAID, Condition("cancelled_by = 'seller'", "TM-05", _("cancelled by the buyer or platform")))

REVIEW_STANDS = Condition("NOT x_review", "DM-34", _("the review is excluded"), "x_review")
AUTO_STANDS = Condition(
    "auto_reviewed_at IS NOT NULL", "AF-07", _("the automatic review is revoked, or replaced by the buyer's")
)
DISPUTE_STANDS = Condition("disputed_at IS NOT NULL", "DM-34", _("its disputes are excluded"), "x_dispute_rate")
DEFECT_STANDS = Condition("defect_at IS NOT NULL", "DM-34", _("the review or dispute is excluded"), "x_odr")

# SR-02, in its order; the instant itself needs the buyer's review or the system's confirmation.
ELIGIBLE = (
    COUNTING,
    Condition("confirmed_at IS NOT NULL", "SR-02", _("receipt is not confirmed")),
    Condition("cancelled_at IS NULL", "SR-02", _("cancelled")),
    Condition("refunded_at IS NULL", "SR-02", _("fully refunded")),
    Condition("eligible_at IS NOT NULL", "SR-02", _("neither reviewed by the buyer nor confirmed by the system")),
    Condition("total_usd >= min_usd", "SR-02", _("below the least order value")),
    Condition("intervened = 0", "SR-02", _("a dispute in which the platform intervened")),
)
LOGISTICS_RATED = Condition("logistics_rated", "SR-08", _("of a category that is not logistics-rated"))
DISPATCH_RATED = (
    BY_SELLER,
    LOGISTICS_RATED,
    SHIP_BY_KNOWN,
    Condition("shipped_at IS NOT NULL", "SR-01", _("never shipped")),
)
DELIVERY_RATED = (
    BY_SELLER,
    LOGISTICS_RATED,
    Condition("estimated_delivery_at IS NOT NULL", "SR-01", _("without an estimated delivery")),
    Condition("delivered_at IS NOT NULL", "SR-01", _("not delivered")),
)
