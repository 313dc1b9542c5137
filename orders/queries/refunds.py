"""What refunds and returns wait for (TM-12, TM-13)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Generic, TypeVar

from django.db.models import Sum

from core.rules import has_lapsed
from orders.models import Refund, ReturnParcel
from orders.queries.names import site_names
from rulebook.queries import policies, policy_in

ANSWER = "refund_answer"
REFUND = "refund"
INSPECTION = "return_inspection"
RETURN = "return"
CENT = Decimal("0.01")
R = TypeVar("R", Refund, ReturnParcel)


@dataclass(frozen=True, slots=True)
class Clocked(Generic[R]):
    """A refund or return, and until when the seller's act is awaited; None where none is, or its time is over.
    ``sites``: names by code."""

    row: R
    due: datetime | None
    sites: Mapping[str, str]

    @property
    def site(self) -> str:
        """The name of the order's site."""
        return self.sites.get(self.row.order.site, self.row.order.site)


def answer_due_at(refund: Refund) -> datetime:
    """The last instant of the seller's answer; after it the refund is paid in full (TM-12)."""
    terms = policy_in(policies(), refund.requested_at).transactions
    return refund.requested_at + timedelta(days=terms.refund_answer_days)


def inspection_due_at(parcel: ReturnParcel) -> datetime | None:
    """The last instant of the inspection of a parcel that is back; after it all goes as the buyer described (TM-13)."""
    if parcel.received_at is None:
        return None
    terms = policy_in(policies(), parcel.received_at).transactions
    return parcel.received_at + timedelta(hours=terms.inspect_hours)


def refunded_usd(order_id: int) -> Decimal:
    """What was paid back to the buyer of an order, US dollars."""
    paid = Refund.objects.filter(order=order_id, completed_at__isnull=False).aggregate(paid=Sum("amount_usd"))["paid"]
    return Decimal(paid or 0)


def waits_for_return(order_id: int) -> bool:
    """Whether goods of an order are on their way back and not inspected yet: refunds wait for them (TM-13)."""
    return ReturnParcel.objects.filter(order=order_id, inspected_at=None).exists()


def left_usd(refund: Refund) -> Decimal:
    """What of the order's total is not paid back yet, in cents of US dollars."""
    total = refund.order.total_usd.quantize(CENT, ROUND_HALF_UP)
    return max(Decimal(0), total - refunded_usd(refund.order_id))


def requested_usd(refund: Refund) -> Decimal:
    """What the buyer asks for, US dollars: the amount, else all that is not paid back yet; never more than that."""
    left = left_usd(refund)
    return left if refund.full or refund.amount_usd is None else min(refund.amount_usd, left)


def clocked_refunds(refunds: Iterable[Refund], at: datetime) -> list[Clocked[Refund]]:
    """Refunds with their clocks that run at an instant."""
    sites = site_names(at)
    return [Clocked(one, _running(answer_due_at(one) if one.is_unanswered else None, at), sites) for one in refunds]


def clocked_returns(parcels: Iterable[ReturnParcel], at: datetime) -> list[Clocked[ReturnParcel]]:
    """Returns with their clocks that run at an instant."""
    sites = site_names(at)
    return [Clocked(one, _running(None if one.inspected_at else inspection_due_at(one), at), sites) for one in parcels]


def _running(due: datetime | None, at: datetime) -> datetime | None:
    return None if due is None or has_lapsed(due, at) else due
