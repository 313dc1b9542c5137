"""What people, programs and timers do to disputes (DM-22, DP-01, DP-10)."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.dirty import mark_orders_dirty
from core.rules import has_lapsed
from disputes.commands.ending import pay_outcome
from disputes.models import Dispute
from disputes.rules.liability import liable_party
from disputes.rules.states import TRANSITIONS
from disputes.services.answering import answer_ends_at, reopening_ends_at
from disputes.services.clocks import derive_dispute_clocks
from disputes.services.evidence import has_evidence_in_time
from orders.commands import Command, CommandSubject, Outcome, Result, perform
from orders.services.clocks import derive_order_clocks
from orders.updates import note_updates
from stores.principals import Person, Principal, Program, System


def follow_dispute(dispute: Dispute, at: datetime) -> None:
    """Mark the order dirty; bring its deadlines, the dispute's and its arbitration in line."""
    note_updates([dispute.order_id])
    mark_orders_dirty(order_ids=[dispute.order_id], store_id=dispute.store_id)
    derive_order_clocks(order_ids=[dispute.order_id], at=at)
    derive_dispute_clocks(dispute_ids=[dispute.pk], at=at)


def answered_late(dispute: Dispute, at: datetime) -> bool:
    """Whether the time for an answer is over (DP-10)."""
    return has_lapsed(answer_ends_at(dispute), at)


def reopened_late(dispute: Dispute, at: datetime) -> bool:
    """Whether the days after the withdrawal are over (DP-01)."""
    ends_at = reopening_ends_at(dispute)
    return ends_at is not None and has_lapsed(ends_at, at)


DISPUTE = CommandSubject("dispute", _("Dispute"), "dispute_no", TRANSITIONS, follow_dispute, holds_order=True)

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
SETTLE = Command(
    DISPUTE,
    "dispute.settled",
    pgettext_lazy("action", "settle"),
    "DP-01",
    by=(Program, System),
    to=Dispute.State.CLOSED,
    instant="closed_at",
)
REOPEN = Command(
    DISPUTE,
    "dispute.reopened",
    pgettext_lazy("action", "re-open"),
    "DP-01",
    by=(Program, System),
    to=Dispute.State.OPEN,
    instant="reopened_at",
    is_late=reopened_late,
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
    """The dispute ends with a verdict. A seller without evidence is liable, unless a program, the source, says who is
    (DP-16)."""
    if not (isinstance(principal, Program) and liability):
        liability = liable_party(liability, has_evidence=has_evidence_in_time(dispute))
    return _end(CLOSE, dispute, principal, at, liability, outcome_usd)


def settle_dispute(
    *,
    dispute: Dispute,
    outcome_usd: Decimal | None,
    principal: Principal,
    at: datetime,
    after_return: bool = False,
) -> Outcome:
    """Seller and buyer agree, perhaps on a refund once the goods are back; a seller without evidence is liable all the
    same (DP-16)."""
    liability = liable_party(Dispute.Liability.NONE, has_evidence=has_evidence_in_time(dispute))
    return _end(SETTLE, dispute, principal, at, liability, outcome_usd, after_return=after_return)


@transaction.atomic
def _end(
    command: Command,
    dispute: Dispute,
    principal: Principal,
    at: datetime,
    liability: str,
    outcome_usd: Decimal | None,
    *,
    after_return: bool = False,
) -> Outcome:
    outcome = perform(command, dispute, principal=principal, at=at, liability=liability, outcome_usd=outcome_usd)
    if outcome.result is Result.DONE:
        pay_outcome(dispute=dispute, actor=principal.actor, at=at, after_return=after_return)
    return outcome


def withdraw_dispute(*, dispute: Dispute, principal: Principal, at: datetime) -> Outcome:
    """The buyer takes it back; nobody is liable."""
    return perform(WITHDRAW, dispute, principal=principal, at=at)


def reopen_dispute(*, dispute: Dispute, principal: Principal, at: datetime) -> Outcome:
    """The buyer raises a withdrawn dispute again: it is the same dispute, with the clock of its answer begun anew."""
    again = F("reopenings") + 1
    return perform(REOPEN, dispute, principal=principal, at=at, closed_at=None, responded_at=None, reopenings=again)
