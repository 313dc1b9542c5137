"""Pure rules of refunds, returns and funds (TM-04, TM-12, TM-13). No database, no clock, no request."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class RefundState(StrEnum):
    """The states that this product gives; a source's own words stay as it wrote them and allow no action."""

    REQUESTED = "requested"
    AGREED = "agreed"
    PARTIAL = "partial"
    REFUSED = "refused"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class InspectionResult(StrEnum):
    """What the inspection of a returned parcel came to (TM-13)."""

    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    AS_DESCRIBED = "as_described"


# What actions may lead to from each state (TM-12). A source that names no state tells of a request. A refund that was
# agreed is refused only by the inspection of the parcel that came back (TM-13).
REFUND_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "": frozenset({"agreed", "partial", "refused", "completed", "withdrawn"}),
    "requested": frozenset({"agreed", "partial", "refused", "completed", "withdrawn"}),
    "agreed": frozenset({"completed", "refused", "withdrawn"}),
    "partial": frozenset({"completed", "withdrawn"}),
    "refused": frozenset({"withdrawn"}),
    "completed": frozenset(),
    "withdrawn": frozenset(),
}
UNANSWERED = ("", RefundState.REQUESTED)
# Those that still wait for something; they keep an order from closing (DM-21).
OPEN_REFUNDS = (*UNANSWERED, RefundState.AGREED, RefundState.PARTIAL)


def days_after_delivery(delivered_at: datetime, days: int, hour: int) -> datetime:
    """``hour`` o'clock UTC of the ``days``-th day after the day of delivery, both days in UTC (TM-04)."""
    day = delivered_at.astimezone(UTC).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), tzinfo=UTC)


def amount_left(total: Decimal, total_usd: Decimal, refunded_usd: Decimal, decimals: int) -> Decimal:
    """What is left of an order's total after refunds in US dollars, in the order's currency, half up; never below 0."""
    if total_usd <= 0:
        return total
    share = max(Decimal(0), 1 - refunded_usd / total_usd)
    return (total * share).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
