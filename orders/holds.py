"""What overlays an order's state (DM-21): apps declare their holds here, pages and clocks ask for all of them.

An app declares a hold in its module ``holds``, which is loaded at the start::

    @hold("in_dispute", label=_("in dispute"))
    def in_dispute(orders: Sequence[Order], at: datetime) -> Periods: ...

The function gets any number of orders, governed and mirrored, and returns when each of them is or was held, in a fixed
number of queries. Periods that are over matter too: a clock may wait for the end of the last one (AF-05).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from orders.models import Order
from orders.rules.holds import HoldPeriod

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

__all__ = ["Hold", "HoldPeriod", "Periods", "hold", "hold_label", "hold_periods", "holds_of"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that is on an order."""

    code: str
    since: datetime
    reason: str = ""


# Periods by the id of the order.
Periods = Mapping[int, Sequence[HoldPeriod]]
Finder = Callable[[Sequence[Order], datetime], Periods]


@dataclass(frozen=True)
class HoldKind:
    label: "StrPromise"
    find: Finder


_kinds: dict[str, HoldKind] = {}


def hold(code: str, *, label: "StrPromise") -> Callable[[Finder], Finder]:
    """Declare a hold. Raises ValueError for a code that is declared already."""

    def register(find: Finder) -> Finder:
        if code in _kinds:
            raise ValueError(f"two declarations of the hold {code!r}")
        _kinds[code] = HoldKind(label, find)
        return find

    return register


def hold_label(code: str) -> "StrPromise | str":
    """How a hold is called, in the reader's language."""
    return _kinds[code].label if code in _kinds else code


def hold_periods(orders: Sequence[Order], at: datetime) -> dict[int, dict[str, list[HoldPeriod]]]:
    """Every period of every hold that is known at ``at``, by order id and code; orders without any are missing."""
    found: dict[int, dict[str, list[HoldPeriod]]] = {}
    for code, order_id, periods in _found(orders, at):
        found.setdefault(order_id, {})[code] = sorted(periods, key=lambda period: period.since)
    return found


def holds_of(orders: Sequence[Order], at: datetime) -> dict[int, list[Hold]]:
    """The holds that are on orders at an instant, by order id, the oldest first; every order has an entry."""
    holding: dict[int, list[Hold]] = {order.pk: [] for order in orders}
    for order_id, periods in hold_periods(orders, at).items():
        lasting = [(code, one) for code, some in periods.items() for one in some if one.lasts_at(at)]
        holds = [Hold(code, one.since, one.reason) for code, one in lasting]
        holding[order_id] = sorted(holds, key=lambda found: (found.since, found.code))
    return holding


def _found(orders: Sequence[Order], at: datetime) -> Iterator[tuple[str, int, Sequence[HoldPeriod]]]:
    for code, kind in _kinds.items() if orders else ():
        for order_id, periods in kind.find(orders, at).items():
            if periods:
                yield code, order_id, periods
