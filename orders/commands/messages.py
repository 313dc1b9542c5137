"""Writing to an order's buyer (PN-23)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import pgettext_lazy

from orders.commands.actions import ORDER, SELLER
from orders.commands.frame import Command, Outcome, Result
from orders.models import Message, Order, OrderState, OutgoingMessage
from orders.rules.texts import fingerprint
from orders.services.sending import write_to_buyer
from stores.access import may_write
from stores.models import Store
from stores.principals import Area, Principal

SEND = Command(
    subject=ORDER,
    event="message.sent",
    label=pgettext_lazy("action", "write to the buyer"),
    rule="PN-23",
    by=SELLER,
    within=frozenset(OrderState.values),
)


class AnsweredMeanwhileError(Exception):
    """Somebody wrote in the thread since the sender looked at it (RL-06)."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.message_no)
        self.message = message


@transaction.atomic
def send_message(
    *,
    order: Order,
    text: str,
    language: str,
    template: str,
    principal: Principal,
    at: datetime,
    seen: int | None = None,
) -> Outcome:
    """Send a text in a governed store. In a mirrored one it is kept as prepared to copy, and the outcome says so.

    ``seen``: the id of the thread's last message that the sender knew, 0 for an empty thread; None: whatever it is.
    Raises AnsweredMeanwhileError if another one was last, PermissionDenied for who may not write.
    """
    if not isinstance(principal, SEND.by) or not may_write(principal, order.store, Area.ORDERS):
        raise PermissionDenied
    Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    _check_seen(order, seen)
    mirrored = order.store.mode == Store.Mode.MIRRORED
    if not mirrored or not _is_prepared(order, text):
        outgoing = OutgoingMessage(text=text, language=language, template=template)
        write_to_buyer(outgoing=outgoing, order=order, at=at, actor=principal.actor)
    result = Result.MIRRORED if mirrored else Result.DONE
    return Outcome(result, SEND, order.order_no, order.state, str(OrderState(order.state).label))


def _check_seen(order: Order, seen: int | None) -> None:
    if seen is None:
        return
    last = order.messages.order_by("-sent_at", "-pk").first()
    if last is not None and last.pk != seen:
        raise AnsweredMeanwhileError(last)


def _is_prepared(order: Order, text: str) -> bool:
    return order.outgoing_messages.filter(message=None, fingerprint=fingerprint(text)).exists()
