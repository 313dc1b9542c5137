"""One action for many orders of a store, each judged and done by itself (PG-06, DM-22)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.commands.actions import cancel_order, confirm_dispatch
from orders.commands.frame import Outcome, Result
from orders.models import Order
from stores.models import Store
from stores.principals import Principal

# Orders of one request; further ones are left out.
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OrderResult:
    """What became of an order; ``outcome`` is None where the store has none with this number."""

    order_no: str
    outcome: Outcome | None

    @property
    def holds(self) -> bool:
        """Whether what was asked for is so now."""
        return self.outcome is not None and self.outcome.holds

    @property
    def is_done(self) -> bool:
        """Whether this request did it, not an earlier one."""
        return self.outcome is not None and self.outcome.result is Result.DONE


def confirm_dispatches(
    *, store: Store, order_nos: Sequence[str], principal: Principal, at: datetime
) -> list[OrderResult]:
    """Confirm the dispatch of each order (TM-02)."""
    return _each(store, order_nos, lambda order: confirm_dispatch(order=order, principal=principal, at=at))


def cancel_orders(
    *, store: Store, order_nos: Sequence[str], reason: str, principal: Principal, at: datetime
) -> list[OrderResult]:
    """The seller cancels each order for the same reason."""

    def cancel(order: Order) -> Outcome:
        return cancel_order(order=order, cancelled_by="seller", reason=reason, principal=principal, at=at)

    return _each(store, order_nos, cancel)


def _each(store: Store, order_nos: Sequence[str], act: Callable[[Order], Outcome]) -> list[OrderResult]:
    """The results in the sequence of the numbers, each once; every order in a transaction of its own."""
    wanted = [number for number in dict.fromkeys(order_nos) if "\x00" not in number][:MOST_AT_ONCE]
    orders = Order.objects.filter(store=store, order_no__in=wanted).select_related("store__company")
    found = {order.order_no: order for order in orders}
    return [OrderResult(number, act(found[number]) if number in found else None) for number in wanted]
