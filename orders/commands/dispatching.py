"""Dispatch of many orders by a list: each row judged by itself (PG-06, DM-22)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied

from orders.commands.frame import Outcome, Result
from orders.commands.parcels import SHIP, NewParcel, ship_order
from orders.models import Order, OrderState
from orders.queries.number_checks import NUL, NumberRow, check_numbers, in_parts
from orders.queries.parcels import numbers_of_orders
from orders.rules.tracking_numbers import Code, Finding, Severity, compact
from stores.access import may_write
from stores.models import Store
from stores.principals import Area, Principal


@dataclass(frozen=True, slots=True)
class DispatchRow:
    """A line of a list; rows with the same order number are parcels of one order, in their sequence. ``place``: where
    the row stood, for whoever shows the results."""

    order_no: str
    carrier: str
    tracking_no: str
    place: int = 0
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DispatchResult:
    """What became of a row. ``outcome`` is None where a finding blocked it, or another row of its order; such a row
    stays for correction. Warnings stand beside what was done."""

    row: DispatchRow
    outcome: Outcome | None
    findings: tuple[Finding, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the parcel is dispatched now."""
        return self.outcome is not None and self.outcome.holds


def check_dispatch(*, store: Store, rows: Sequence[DispatchRow]) -> list[tuple[Finding, ...]]:
    """The findings of each row without dispatching anything: for the preview of a list and while typing."""
    return _check(store, rows, _orders(store, rows))


def dispatch_orders(
    *, store: Store, rows: Sequence[DispatchRow], principal: Principal, at: datetime
) -> list[DispatchResult]:
    """Dispatch what can be, order by order, each in a transaction of its own; results are in the sequence of the rows.

    Rows whose findings block stay, with the other rows of their order, and hold up nobody else's. Given twice the list
    changes nothing: rows whose parcel is on record return REPEATED. Raises PermissionDenied where the principal may not
    ship in the store.
    """
    if not isinstance(principal, SHIP.by) or not may_write(principal, store, Area.ORDERS):
        raise PermissionDenied
    orders = _orders(store, rows)
    findings = _check(store, rows, orders)
    outcomes: dict[int, Outcome] = {}
    for order_no, places in _by_order(rows).items():
        if not any(finding.blocks for place in places for finding in findings[place]):
            outcome = _ship(orders[order_no].order, [rows[place] for place in places], principal, at)
            outcomes.update(dict.fromkeys(places, outcome))
    return [DispatchResult(row, outcomes.get(place), findings[place]) for place, row in enumerate(rows)]


@dataclass(frozen=True, slots=True)
class _Found:
    """An order of the list with its tracking numbers, compact."""

    order: Order
    numbers: frozenset[str]


def _by_order(rows: Sequence[DispatchRow]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        groups[row.order_no].append(place)
    return groups


def _orders(store: Store, rows: Sequence[DispatchRow]) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for some in in_parts(sorted({row.order_no for row in rows if NUL not in row.order_no})):
        orders = list(Order.objects.filter(store=store, order_no__in=some).select_related("store__company"))
        numbers = numbers_of_orders(orders)
        found |= {order.order_no: _Found(order, frozenset(map(compact, numbers[order.pk]))) for order in orders}
    return found


def _check(store: Store, rows: Sequence[DispatchRow], orders: Mapping[str, _Found]) -> list[tuple[Finding, ...]]:
    checked = check_numbers(store, [NumberRow(row.carrier, row.tracking_no, row.order_no) for row in rows])
    return [(*_of_order(row, orders.get(row.order_no)), *found) for row, found in zip(rows, checked, strict=True)]


def _of_order(row: DispatchRow, found: _Found | None) -> Iterator[Finding]:
    """Whether the row's order is there and can be shipped with this number, or was."""
    if found is None:
        yield Finding(Code.NO_ORDER, Severity.BLOCKS)
    elif found.order.shipped_at is not None and found.numbers and compact(row.tracking_no) not in found.numbers:
        yield Finding(Code.SHIPPED_OTHERWISE, Severity.BLOCKS, params={"number": found.order.tracking_no})
    elif found.order.shipped_at is None and not SHIP.is_allowed_in(found.order.state):
        yield Finding(Code.NOT_SHIPPABLE, Severity.BLOCKS, params={"state": found.order.state})


def _ship(order: Order, rows: Sequence[DispatchRow], principal: Principal, at: datetime) -> Outcome:
    """Ship an order; where it was shipped with these numbers and is further on by now, that is a repeat, too."""
    if order.shipped_at is not None and order.state != OrderState.SHIPPED:
        return Outcome(Result.REPEATED, SHIP, order.order_no, order.state, str(order.get_state_display()))
    parcels = {compact(row.tracking_no): NewParcel(row.carrier, compact(row.tracking_no), row.lines) for row in rows}
    try:
        return ship_order(order=order, parcels=list(parcels.values()), principal=principal, at=at)
    except ValueError:
        return Outcome(Result.OVERTAKEN, SHIP, order.order_no, order.state, str(order.get_state_display()))
