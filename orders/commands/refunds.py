"""What sellers and timers do about refunds (TM-12). Buyers ask, accept an offered part and withdraw by data or through
a program.

An agreed refund is paid at once, unless goods are on their way back: then their inspection pays it (TM-13). An offered
part is paid when the buyer accepts it; until then it stands (assumption).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.events import record_event
from core.rules import has_lapsed
from evidence.models import EvidenceFile
from orders.commands.actions import ORDER, follow_order
from orders.commands.frame import Command, CommandSubject, Outcome, Result, hold_clocks, perform
from orders.models import Order, OrderState, Refund
from orders.queries.refunds import answer_due_at, left_usd, requested_usd, waits_for_return
from orders.rules.refunds import REFUND_TRANSITIONS, RefundState
from orders.services.proofs import attach_to_refund, hold
from orders.services.refund_clocks import derive_refund_clocks
from rulebook.queries import policy_at
from stores.principals import Person, Principal, Program, System

Values = dict[str, Any]


class InvalidAnswerError(ValueError):
    """An answer that lacks what TM-12 asks for: a preset reason, an amount below the requested one, a file."""


def follow_refund(refund: Refund, at: datetime) -> None:
    """Derive the order again, which a refund may end, and bring the countdown in line."""
    follow_order(refund.order, at)
    derive_refund_clocks(order_ids=[refund.order_id], at=at)


def answered_late(refund: Refund, at: datetime) -> bool:
    """Whether the refund was answered otherwise, or its time is over (TM-12)."""
    return not refund.is_unanswered or has_lapsed(answer_due_at(refund), at)


def is_answered(refund: Refund, at: datetime) -> bool:
    """Whether nothing follows from silence: the refund was answered."""
    return not refund.is_unanswered


REFUNDS = CommandSubject("refund", _("Refund"), "refund_no", REFUND_TRANSITIONS, follow_refund)
SELLER = (Person, Program)
OTHERS = (Program, System)


def _answer(event: str, label: Any, to: RefundState) -> Command:
    return Command(REFUNDS, event, label, "TM-12", SELLER, to, instant="answered_at", is_late=answered_late)


AGREE = _answer("refund.agreed", pgettext_lazy("action", "agree to the refund"), RefundState.AGREED)
OFFER = _answer("refund.part_offered", pgettext_lazy("action", "offer a part"), RefundState.PARTIAL)
REFUSE = _answer("refund.refused", pgettext_lazy("action", "refuse the refund"), RefundState.REFUSED)
REFUSE_CONTENT = Command(
    REFUNDS,
    "refund.refused",
    pgettext_lazy("action", "refuse the refund"),
    "TM-13",
    SELLER,
    RefundState.REFUSED,
    instant="answered_at",
)
COMPLETE = Command(
    REFUNDS,
    "refund.completed",
    pgettext_lazy("action", "pay the refund"),
    "TM-12",
    OTHERS,
    RefundState.COMPLETED,
    instant="completed_at",
)
DEFAULT = Command(
    REFUNDS,
    "refund.defaulted",
    pgettext_lazy("action", "refund in full by default"),
    "TM-12",
    (System,),
    RefundState.COMPLETED,
    instant="completed_at",
    is_late=is_answered,
)
WITHDRAW = Command(
    REFUNDS,
    "refund.withdrawn",
    pgettext_lazy("action", "withdraw the refund request"),
    "TM-12",
    OTHERS,
    RefundState.WITHDRAWN,
)


# ── The three answers ──────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def agree_refund(*, refund: Refund, principal: Principal, at: datetime) -> Outcome:
    """The seller pays what was asked for: at once, or after the inspection of the goods that come back."""
    order = _hold_order(refund)
    outcome = perform(AGREE, refund, principal=principal, at=at)
    if outcome.result is Result.DONE and not waits_for_return(refund.order_id):
        _pay(COMPLETE, refund, order, System(), at, _agreed_values)
    return outcome


@transaction.atomic
def offer_part(
    *,
    refund: Refund,
    amount_usd: Decimal,
    note: str,
    files: Sequence[EvidenceFile] = (),
    principal: Principal,
    at: datetime,
) -> Outcome:
    """The seller offers a part, says why and proves it: by ``files``, or by those that the refund has. Raises
    InvalidAnswerError where one of these is missing."""
    _hold_order(refund)
    if not 0 < amount_usd < requested_usd(refund) or not note.strip() or not _has_proof(refund, files):
        raise InvalidAnswerError("a part needs an amount below the requested one, a reason and a file")
    outcome = perform(OFFER, refund, principal=principal, at=at, offered_usd=amount_usd, note=note.strip())
    _attach(refund, outcome, files, at)
    return outcome


@transaction.atomic
def refuse_refund(
    *, refund: Refund, reason: str, note: str, files: Sequence[EvidenceFile] = (), principal: Principal, at: datetime
) -> Outcome:
    """The seller pays nothing, for a preset reason and with evidence: ``files``, or those that the refund has. Raises
    InvalidAnswerError without them."""
    _hold_order(refund)
    if reason not in policy_at(at).transactions.refund_refuse_reasons or not _has_proof(refund, files):
        raise InvalidAnswerError("a refusal needs one of the preset reasons and a file")
    outcome = perform(REFUSE, refund, principal=principal, at=at, refusal=reason, note=note.strip())
    _attach(refund, outcome, files, at)
    return outcome


def _has_proof(refund: Refund, files: Sequence[EvidenceFile]) -> bool:
    """Whether the answer has a file; those of the refund stay as they are until the answer is given."""
    hold(refund)
    return bool(files) or refund.files.exists()


def _attach(refund: Refund, outcome: Outcome, files: Sequence[EvidenceFile], at: datetime) -> None:
    if outcome.result is Result.DONE:
        attach_to_refund(refund=refund, files=files, at=at)


# ── Payment ────────────────────────────────────────────────────────────────────────────────────────────────────────


def complete_refund(*, refund: Refund, principal: Principal, at: datetime) -> Outcome:
    """Pay what was agreed or accepted. The only way to a payment beside the default; an order that thereby is refunded
    in full becomes so (DM-20)."""
    with transaction.atomic():
        return _pay(COMPLETE, refund, _hold_order(refund), principal, at, _agreed_values)


def pay_by_default(*, refund: Refund, at: datetime) -> Outcome:
    """Nobody answered in time: all that is not paid back yet goes to the buyer (TM-12)."""
    with transaction.atomic():
        return _pay(DEFAULT, refund, _hold_order(refund), System(), at, _full_values)


def withdraw_refund(*, refund: Refund, principal: Principal, at: datetime) -> Outcome:
    """The buyer takes the request back."""
    return perform(WITHDRAW, refund, principal=principal, at=at)


def _agreed_values(refund: Refund) -> Values:
    if refund.state == RefundState.PARTIAL and refund.offered_usd is not None:
        return {"amount_usd": refund.offered_usd, "asked_usd": refund.amount_usd, "full": False}
    return {"amount_usd": requested_usd(refund)}


def _full_values(refund: Refund) -> Values:
    return {"amount_usd": left_usd(refund), "asked_usd": refund.amount_usd, "full": True, "defaulted": True}


def _pay(
    command: Command,
    refund: Refund,
    order: Order,
    principal: Principal,
    at: datetime,
    values_of: Callable[[Refund], Values],
) -> Outcome:
    """Pay a refund of an order that `_hold_order` has locked."""
    refund.refresh_from_db()
    before = order.state
    outcome = perform(command, refund, principal=principal, at=at, **values_of(refund))
    order.refresh_from_db()
    if outcome.result is Result.DONE and order.state == OrderState.REFUNDED != before:
        record_event(
            kind="order.refunded",
            subject_kind="order",
            subject_key=order.order_no,
            store_no=refund.store.store_no,
            actor=principal.actor,
            at=at,
            before={"state": before},
            after={"state": order.state, "refunded_at": at.isoformat()},
            cause="DM-20",
        )
    return outcome


def _hold_order(refund: Refund) -> Order:
    """Lock the order of a refund, after the clocks of both and before the refund itself: two refunds that are paid at
    once would each find the whole total unpaid."""
    hold_clocks(REFUNDS, refund)
    hold_clocks(ORDER, refund.order)
    return Order.objects.select_for_update().get(pk=refund.order_id)
