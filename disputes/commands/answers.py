"""Handing in the seller's answer, and the buyer's acceptance of it (DP-10)."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from django.db import transaction

from disputes.commands.actions import answer_dispute, settle_dispute
from disputes.models import Dispute, DisputeAnswer
from disputes.services.drafting import Said, hand_in
from orders.commands import Outcome, Result
from stores.principals import Principal, System

Plan = DisputeAnswer.Plan
CENT = Decimal("0.01")
REFUNDS = (Plan.PARTIAL_REFUND, Plan.FULL_REFUND, Plan.RETURN_REFUND)


class InvalidAnswerError(ValueError):
    """An answer without words, or whose amount doesn't fit its plan; ``code`` is ``text``, ``amount``, or
    ``full`` for a full refund below what the buyer claims."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def submit_answer(*, dispute: Dispute, said: Said, principal: Principal, at: datetime) -> Outcome:
    """Hand in the answer. One that offers all that the buyer claims settles the dispute at once. Raises
    InvalidAnswerError."""
    check_answer(dispute, said)
    outcome = answer_dispute(dispute=dispute, principal=principal, at=at)
    if outcome.result is not Result.DONE:
        return outcome
    hand_in(dispute=dispute, said=said, principal=principal, at=at)
    if said.plan == Plan.FULL_REFUND:
        accept_answer(dispute=dispute, principal=System(principal.actor), at=at)
    return outcome


def accept_answer(*, dispute: Dispute, principal: Principal, at: datetime) -> Outcome:
    """The buyer accepts what the answer offers: the dispute is settled."""
    answer = DisputeAnswer.objects.filter(dispute=dispute, round=dispute.reopenings, submitted_at__isnull=False).first()
    pays = answer is not None and answer.plan in REFUNDS
    return settle_dispute(
        dispute=dispute,
        outcome_usd=answer.amount_usd if answer is not None and pays else None,
        principal=principal,
        at=at,
        after_return=answer is not None and answer.plan == Plan.RETURN_REFUND,
    )


def check_answer(dispute: Dispute, said: Said) -> None:
    """See that an answer says something and offers what its plan means. Raises InvalidAnswerError."""
    if not said.text.strip():
        raise InvalidAnswerError("text")
    total, amount = dispute.order.total_usd, said.amount_usd
    if said.plan in REFUNDS and (amount is None or not 0 < amount <= total):
        raise InvalidAnswerError("amount")
    if said.plan == Plan.FULL_REFUND and amount is not None and amount < all_claimed(dispute):
        raise InvalidAnswerError("full")


def all_claimed(dispute: Dispute) -> Decimal:
    """What a full refund comes to, in cents of US dollars: all that the buyer claims, else the order's total."""
    total, claimed = dispute.order.total_usd, dispute.claimed_usd
    return (min(claimed, total) if claimed else total).quantize(CENT, ROUND_DOWN)
