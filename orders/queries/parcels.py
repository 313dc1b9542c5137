"""The parcels of orders (DM-17)."""

from collections import defaultdict
from collections.abc import Iterable

from orders.models import Order, ReplacedShipment, Shipment
from orders.rules.parcels import Parcel

FIRST = 1
# Replaced numbers by order and the parcel's present number, '' for what an export replaced.
_Former = dict[tuple[int, str], list[str]]


def parcels_of(orders: Iterable[Order], replaced: Iterable[ReplacedShipment] | None = None) -> dict[int, list[Parcel]]:
    """The parcels of each order by its id, the order's own first, in at most three queries; none of orders not yet
    shipped. ``replaced``: the orders' replaced numbers in order of time, where they are known already."""
    by_id = {order.pk: order for order in orders}
    if replaced is None:
        replaced = ReplacedShipment.objects.filter(order__in=list(by_id)).order_by("replaced_at", "pk")
    former: _Former = defaultdict(list)
    for earlier in replaced:
        former[earlier.order_id, earlier.replaced_by].append(earlier.tracking_no)
    found = {order.pk: [_own(order, former)] for order in by_id.values() if order.shipped_at or order.tracking_no}
    further = Shipment.objects.filter(order__in=list(by_id), parcel_no__gt=FIRST).order_by("order_id", "parcel_no")
    for row in further.prefetch_related("items"):
        parcel = Parcel(
            row.parcel_no,
            row.carrier,
            row.tracking_no,
            row.shipped_at,
            tuple(sorted(item.line_no for item in row.items.all())),
            tuple(former[row.order_id, row.tracking_no]),
        )
        found.setdefault(row.order_id, []).append(parcel)
    return found


def _own(order: Order, former: _Former) -> Parcel:
    """The order's own parcel; a number that an import replaced is also its former one."""
    earlier = (*former[order.pk, ""], *former[order.pk, order.tracking_no])
    return Parcel(FIRST, order.carrier, order.tracking_no, order.shipped_at, former=earlier)


def numbers_of_orders(orders: Iterable[Order]) -> dict[int, frozenset[str]]:
    """All tracking numbers of each order by its id, present and former ones."""
    by_id = {order.pk: {order.tracking_no} - {""} for order in orders}
    for model in (Shipment, ReplacedShipment):
        rows = model.objects.filter(order__in=list(by_id))
        for order_id, number in rows.values_list("order_id", "tracking_no"):
            by_id[order_id].add(number)
    return {order_id: frozenset(numbers) for order_id, numbers in by_id.items()}
