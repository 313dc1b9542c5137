"""What people, programs and timers do to disputes (DM-22, DP-01, DP-10)."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.dirty import mark_orders_dirty
from core.rules import has_lapsed
from disputes.models import Dispute
from disputes.rules import TRANSITIONS
from disputes.services.answering import answer_ends_at, derive_answer_deadlines
from orders.commands import Command, CommandSubject, Outcome, perform
from stores.principals import Person, Principal, Program, System


def follow_dispute(dispute: Dispute, at: datetime) -> None:
    """Mark the order dirty and update the deadline for the answer."""
    mark_orders_dirty(order_ids=[dispute.order_id], store_id=dispute.store_id)
    derive_answer_deadlines(dispute_ids=[dispute.pk], at=at)


def answered_late(dispute: Dispute, at: datetime) -> bool:
    """Whether the time for an answer is over (DP-10)."""
    return has_lapsed(answer_ends_at(dispute), at)


DISPUTE = CommandSubject("dispute", _("Dispute"), "dispute_no", TRANSITIONS, follow_dispute)

ANSWER = Command(
    DISPUTE,
    "dispute.answered",
    pgettext_lazy("action", "answer"),
    "DP-10",
    by=(Person, Program),
    to=Dispute.State.RESPONDED,
    instant="responded_at",
    is_late=answered_late,
)
ESCALATE = Command(
    DISPUTE,
    "dispute.escalated",
    pgettext_lazy("action", "hand to arbitration"),
    "DP-01",
    by=(Program, System),
    to=Dispute.State.ARBITRATION,
)
CLOSE = Command(
    DISPUTE,
    "dispute.closed",
    pgettext_lazy("action", "close"),
    "DP-01",
    by=(Program, System),
    to=Dispute.State.CLOSED,
    instant="closed_at",
)
WITHDRAW = Command(
    DISPUTE,
    "dispute.withdrawn",
    pgettext_lazy("action", "withdraw"),
    "DP-01",
    by=(Program, System),
    to=Dispute.State.WITHDRAWN,
    instant="closed_at",
)


def answer_dispute(*, dispute: Dispute, principal: Principal, at: datetime) -> Outcome:
    """The seller gave the store's side; late after the days for it."""
    return perform(ANSWER, dispute, principal=principal, at=at)


def escalate_dispute(*, dispute: Dispute, principal: Principal, at: datetime) -> Outcome:
    """The dispute goes to operations."""
    return perform(ESCALATE, dispute, principal=principal, at=at)


def close_dispute(
    *, dispute: Dispute, liability: str, outcome_usd: Decimal | None, principal: Principal, at: datetime
) -> Outcome:
    """The dispute ends with a verdict."""
    return perform(CLOSE, dispute, principal=principal, at=at, liability=liability, outcome_usd=outcome_usd)


def withdraw_dispute(*, dispute: Dispute, principal: Principal, at: datetime) -> Outcome:
    """The buyer takes it back."""
    return perform(WITHDRAW, dispute, principal=principal, at=at)
