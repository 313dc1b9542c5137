"""What refunds and returns wait for (TM-12, TM-13)."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from orders.models import Refund, ReturnParcel
from orders.rules.refunds import RefundState
from rulebook.queries import policies, policy_in

ANSWER = "refund_answer"
REFUND = "refund"
INSPECTION = "return_inspection"
RETURN = "return"


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


def is_unanswered(refund: Refund) -> bool:
    """Whether the seller's answer is still outstanding."""
    return refund.state in ("", RefundState.REQUESTED) and refund.answered_at is None and refund.completed_at is None


def refunded_usd(order_id: int) -> Decimal:
    """What was paid back to the buyer of an order, US dollars."""
    paid = Refund.objects.filter(order=order_id, completed_at__isnull=False).aggregate(paid=Sum("amount_usd"))["paid"]
    return Decimal(paid or 0)


def waits_for_return(order_id: int) -> bool:
    """Whether goods of an order are on their way back and not inspected yet: refunds wait for them (TM-13)."""
    return ReturnParcel.objects.filter(order=order_id, inspected_at=None).exists()
