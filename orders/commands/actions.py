"""What people, programs and timers do to orders (DM-22, TM-02). Buyers' acts come as data, or from a program."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.dirty import mark_orders_dirty
from core.rules import has_lapsed
from orders.commands.frame import Command, CommandSubject, Outcome, perform
from orders.deriving import derive_order
from orders.models import Order, OrderState
from orders.rules.states import TRANSITIONS
from orders.services.clocks import derive_order_clocks
from rulebook.queries import policies, policy_in
from stores.principals import Person, Principal, Program, System


def follow_order(order: Order, at: datetime) -> None:
    """Derive the order's columns again, mark it dirty and bring its deadlines in line."""
    derive_order(order.pk)
    mark_orders_dirty(order_ids=[order.pk], store_id=order.store_id)
    derive_order_clocks(order_ids=[order.pk], at=at)


def confirmed_late(order: Order, at: datetime) -> bool:
    """Whether it is too late to confirm the dispatch of a paid order (TM-02); of presale orders it never is."""
    if order.is_presale or order.paid_at is None:
        return False
    hours = policy_in(policies(), order.created_at).counting.confirm_hours
    return has_lapsed(order.paid_at + timedelta(hours=hours), at)


ORDER = CommandSubject("order", _("Order"), "order_no", TRANSITIONS, follow_order)
SELLER = (Person, Program)
PLATFORM = (Program, System)


def command(event: str, label: Any, **more: Any) -> Command:
    """A command given to orders."""
    return Command(subject=ORDER, event=event, label=label, **{"rule": "DM-22", **more})


PAY = command(
    "order.paid", pgettext_lazy("action", "record the payment"), by=PLATFORM, to=OrderState.PAID, instant="paid_at"
)
CONFIRM_DISPATCH = command(
    "order.dispatch_confirmed",
    pgettext_lazy("action", "confirm dispatch"),
    rule="TM-02",
    by=SELLER,
    within=frozenset({OrderState.PAID}),
    instant="dispatch_confirmed_at",
    is_late=confirmed_late,
)
DELIVER = command(
    "order.delivered",
    pgettext_lazy("action", "record the delivery"),
    by=PLATFORM,
    to=OrderState.DELIVERED,
    instant="delivered_given",
)
CONFIRM_RECEIPT = command(
    "order.receipt_confirmed",
    pgettext_lazy("action", "confirm receipt"),
    by=PLATFORM,
    to=OrderState.SUCCESS,
    instant="confirmed_at",
)
CANCEL = command(
    "order.cancelled",
    pgettext_lazy("action", "cancel"),
    by=(Person, Program, System),
    to=OrderState.CANCELLED,
    instant="cancelled_at",
)
REFUND = command(
    "order.refunded",
    pgettext_lazy("action", "refund in full"),
    by=(Person, Program, System),
    to=OrderState.REFUNDED,
    instant="refunded_given",
)
CLOSE = command(
    "order.closed", pgettext_lazy("action", "close"), by=PLATFORM, to=OrderState.CLOSED, instant="closed_at"
)


def record_payment(*, order: Order, principal: Principal, at: datetime) -> Outcome:
    """The buyer paid."""
    return perform(PAY, order, principal=principal, at=at)


def confirm_dispatch(*, order: Order, principal: Principal, at: datetime) -> Outcome:
    """The seller says that the order will be dispatched; the state stays (TM-02)."""
    return perform(CONFIRM_DISPATCH, order, principal=principal, at=at)


def record_delivery(*, order: Order, principal: Principal, at: datetime) -> Outcome:
    """The parcel reached the buyer."""
    return perform(DELIVER, order, principal=principal, at=at)


def confirm_receipt(*, order: Order, confirmed_by: str, principal: Principal, at: datetime) -> Outcome:
    """The buyer confirmed receipt, or the time for it ran out; ``confirmed_by`` is ``buyer`` or ``system``."""
    return perform(CONFIRM_RECEIPT, order, principal=principal, at=at, confirmed_by=confirmed_by)


def cancel_order(*, order: Order, cancelled_by: str, reason: str, principal: Principal, at: datetime) -> Outcome:
    """The order ends before it is delivered; ``cancelled_by`` is ``buyer``, ``seller`` or ``platform``."""
    return perform(CANCEL, order, principal=principal, at=at, cancelled_by=cancelled_by, cancel_reason=reason)


def refund_order(*, order: Order, principal: Principal, at: datetime) -> Outcome:
    """All of the money goes back to the buyer."""
    return perform(REFUND, order, principal=principal, at=at)


def close_order(*, order: Order, principal: Principal, at: datetime) -> Outcome:
    """Funds are released; nothing is open any more."""
    return perform(CLOSE, order, principal=principal, at=at)
