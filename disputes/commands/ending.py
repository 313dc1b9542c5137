"""What follows when a dispute of a governed store ends with money for the buyer (DP-01, DP-19, TM-12)."""

from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from disputes.models import Dispute
from orders.commands.refunds import complete_refund
from orders.models import Refund
from orders.queries.refunds import waits_for_return
from orders.rules.refunds import RefundState
from stores.principals import System


def pay_outcome(*, dispute: Dispute, actor: str, at: datetime, after_return: bool = False) -> None:
    """Pay the outcome's amount to the buyer as a refund of the order, once for each end; one that reaches the total
    refunds the order. ``after_return``: it is agreed only, and the inspection of the goods that come back pays it
    (TM-13)."""
    if not dispute.outcome_usd or dispute.outcome_usd <= Decimal(0):
        return
    refund, _is_new = Refund.objects.get_or_create(
        store_id=dispute.store_id,
        refund_no=_refund_no(dispute),
        defaults={
            "order": dispute.order,
            "requested_at": dispute.opened_at,
            "answered_at": at,
            "state": RefundState.AGREED,
            "amount_usd": dispute.outcome_usd,
            "source_at": at,
        },
    )
    if not after_return and not waits_for_return(dispute.order_id):
        complete_refund(refund=refund, principal=System(actor), at=at)


def _refund_no(dispute: Dispute) -> str:
    """The number of the refund that pays this end of a dispute: a hash, which fits however long the dispute's own
    number is, and is none that the source gave another refund."""
    end = f"{dispute.store_id} {dispute.dispute_no} {dispute.reopenings}"
    return f"dw-{sha256(end.encode()).hexdigest()[:32]}"
