"""What timers do about the funds of orders (TM-04): hold them with a reason, release them, close the order.

A release pays nothing out: it is a record in the order's currency with its value in CNY on that day.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.dirty import mark_orders_dirty
from core.pages.currencies import decimals_of
from orders.commands.frame import Command, CommandSubject, Outcome, perform
from orders.models import Order, Settlement
from orders.queries.rates import cny_rates
from orders.queries.refunds import refunded_usd
from orders.rules.refunds import amount_left
from orders.services.clocks import derive_order_clocks
from stores.principals import System

# What is left of an order's funds follows from its instants alone: no action leads to a state by name.
NO_WAYS: Mapping[str, frozenset[str]] = {state: frozenset() for state in ("pending", "held", "released")}
UNRELEASED = frozenset({"pending", "held"})


def follow_funds(settlement: Settlement, at: datetime) -> None:
    """Mark the order dirty, and bring its deadlines in line: it may be closed now."""
    mark_orders_dirty(order_ids=[settlement.order_id], store_id=settlement.store_id)
    derive_order_clocks(order_ids=[settlement.order_id], at=at)


FUNDS = CommandSubject("order", _("Funds of order"), "order_no", NO_WAYS, follow_funds)

HOLD = Command(
    FUNDS,
    "funds.held",
    pgettext_lazy("action", "hold the funds"),
    "TM-04",
    (System,),
    within=UNRELEASED,
    instant="held_since",
)
RELEASE = Command(
    FUNDS,
    "funds.released",
    pgettext_lazy("action", "release the funds"),
    "TM-04",
    (System,),
    within=UNRELEASED | {"released"},
    instant="released_at",
)


def hold_funds(*, order: Order, codes: Collection[str], at: datetime) -> Outcome:
    """Keep the funds because of holds; ``codes`` names them. Held funds stay as they are."""
    reason = " ".join(sorted(codes))
    told = {"held_reason": reason}
    return perform(HOLD, _settlement(order), principal=System(), at=at, also=lambda _row: told, held_reason=reason)


@transaction.atomic
def release_funds(*, order: Order, at: datetime) -> Outcome:
    """Record the release of what was not paid back to the buyer."""
    # A refund that is paid at the same time comes wholly before the release, or after it.
    Order.objects.select_for_update().get(pk=order.pk)
    settlement = _settlement(order)
    amount = amount_left(order.total_amount, order.total_usd, refunded_usd(order.pk), decimals_of(order.currency))
    values: dict[str, Any] = {"amount": amount, "currency": order.currency, "held_reason": "", "held_since": None}
    rate = cny_rates([order.currency], at).get(order.currency)
    if rate is not None:
        values |= {"cny_rate": rate, "amount_cny": (amount * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)}
    told = {"amount": str(amount), "currency": order.currency}
    return perform(RELEASE, settlement, principal=System(), at=at, also=lambda _row: told, **values)


def _settlement(order: Order) -> Settlement:
    """The order's settlement, which its delivery froze; a new one where no source told of it."""
    known = {"store": order.store, "currency": order.currency, "amount": order.total_amount}
    settlement, _made = Settlement.objects.get_or_create(order=order, defaults=known)
    settlement.order, settlement.store = order, order.store
    return settlement
