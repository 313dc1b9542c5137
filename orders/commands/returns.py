"""What sellers and timers do about parcels that come back (TM-13)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.dirty import mark_orders_dirty
from core.rules import has_lapsed
from evidence.models import EvidenceFile
from orders.commands.frame import Command, CommandSubject, Outcome, Result, hold_clocks, perform
from orders.commands.refunds import REFUSE_CONTENT, InvalidAnswerError, complete_refund
from orders.models import Refund, ReturnParcel
from orders.queries.refunds import inspection_due_at
from orders.rules.refunds import InspectionResult, RefundState
from orders.services.proofs import attach_to_refund, attach_to_return, hold
from orders.services.refund_clocks import derive_refund_clocks
from orders.updates import note_updates
from stores.principals import Person, Principal, Program, System

# The preset reason of a refusal after the content was disputed.
INCOMPLETE = "returned_incomplete"
# A return's state follows from its instants alone: no action leads to one by name.
NO_WAYS: Mapping[str, frozenset[str]] = {
    state: frozenset() for state in ("expected", "under_way", "received", "inspected")
}


def follow_return(parcel: ReturnParcel, at: datetime) -> None:
    """Mark the order dirty and bring the countdown of the inspection in line."""
    note_updates([parcel.order_id])
    mark_orders_dirty(order_ids=[parcel.order_id], store_id=parcel.store_id)
    derive_refund_clocks(order_ids=[parcel.order_id], at=at)


def inspected_late(parcel: ReturnParcel, at: datetime) -> bool:
    """Whether the time for the inspection is over (TM-13)."""
    due_at = inspection_due_at(parcel)
    return due_at is not None and has_lapsed(due_at, at)


RETURNS = CommandSubject("return", _("Return"), "return_no", NO_WAYS, follow_return, holds_order=True)
INSPECTED = frozenset({"received", "inspected"})

RECEIVE = Command(
    RETURNS,
    "return.received",
    pgettext_lazy("action", "record the returned parcel"),
    "TM-13",
    (Person, Program),
    within=frozenset({"expected", "under_way", "received", "inspected"}),
    instant="received_at",
)
INSPECT = Command(
    RETURNS,
    "return.inspected",
    pgettext_lazy("action", "inspect the returned parcel"),
    "TM-13",
    (Person, Program),
    within=INSPECTED,
    instant="inspected_at",
    is_late=inspected_late,
)
INSPECT_BY_DEFAULT = Command(
    RETURNS,
    "return.defaulted",
    pgettext_lazy("action", "take the return as the buyer described it"),
    "TM-13",
    (System,),
    within=INSPECTED,
    instant="inspected_at",
)


def receive_return(*, parcel: ReturnParcel, principal: Principal, at: datetime) -> Outcome:
    """The parcel is back; the time for its inspection begins."""
    return perform(RECEIVE, parcel, principal=principal, at=at)


@transaction.atomic
def accept_return(*, parcel: ReturnParcel, principal: Principal, at: datetime) -> Outcome:
    """The content is as the buyer says: the order's refunds that wait for it are paid."""
    outcome = perform(INSPECT, parcel, principal=principal, at=at, result=InspectionResult.ACCEPTED)
    _pay_waiting(parcel, outcome, at)
    return outcome


@transaction.atomic
def dispute_content(
    *, parcel: ReturnParcel, note: str, files: Sequence[EvidenceFile] = (), principal: Principal, at: datetime
) -> Outcome:
    """Something is missing or damaged: the order's refunds that wait are refused with the proof, which is ``files`` and
    those that the return has, and the buyer may open a dispute. Raises InvalidAnswerError without words or a file."""
    hold_clocks(RETURNS, parcel)
    hold(parcel)
    files = [*files, *EvidenceFile.objects.filter(returnfiles__parcel=parcel)]
    if not note.strip() or not files:
        raise InvalidAnswerError("what is wrong with a return needs words and a file")
    words = note.strip()
    outcome = perform(INSPECT, parcel, principal=principal, at=at, result=InspectionResult.DISPUTED, note=words)
    if outcome.result is Result.DONE:
        attach_to_return(parcel=parcel, files=files, at=at)
        for refund in _waiting(parcel):
            perform(REFUSE_CONTENT, refund, principal=principal, at=at, refusal=INCOMPLETE, note=words)
            attach_to_refund(refund=refund, files=files, at=at)
    return outcome


@transaction.atomic
def accept_by_default(*, parcel: ReturnParcel, at: datetime) -> Outcome:
    """Nobody inspected in time: what waits for the parcel goes as the buyer described. Without a refund request nothing
    is paid, as nothing was asked for."""
    result = InspectionResult.AS_DESCRIBED
    outcome = perform(INSPECT_BY_DEFAULT, parcel, principal=System(), at=at, result=result)
    _pay_waiting(parcel, outcome, at)
    return outcome


def _pay_waiting(parcel: ReturnParcel, outcome: Outcome, at: datetime) -> None:
    if outcome.result is Result.DONE:
        for refund in _waiting(parcel):
            complete_refund(refund=refund, principal=System(), at=at)


def _waiting(parcel: ReturnParcel) -> list[Refund]:
    """The refunds of the order that the inspection decides, unless other goods are still on their way back."""
    if ReturnParcel.objects.filter(order=parcel.order_id, inspected_at=None).exists():
        return []
    waiting = Refund.objects.filter(order=parcel.order_id, completed_at=None)
    decided = waiting.filter(state__in=("", RefundState.REQUESTED, RefundState.AGREED)).order_by("requested_at", "pk")
    return list(decided.select_related("store", "order"))
