"""The parcels of orders (DM-17)."""

from collections import defaultdict
from collections.abc import Iterable

from orders.models import Order, ReplacedShipment, Shipment, ShipmentItem
from orders.rules.parcels import Parcel

FIRST = 1


def parcels_of(orders: Iterable[Order]) -> dict[int, list[Parcel]]:
    """The parcels of each order by its id, the order's own first, in three queries; none of orders not yet shipped."""
    by_id = {order.pk: order for order in orders}
    former = _former(by_id)
    found = {order.pk: [_own(order, former)] for order in by_id.values() if order.shipped_at or order.tracking_no}
    further = list(
        Shipment.objects.filter(order__in=list(by_id), parcel_no__gt=FIRST).order_by("order_id", "parcel_no")
    )
    lines: dict[int, list[int]] = defaultdict(list)
    for shipment_id, line in ShipmentItem.objects.filter(order__in=list(by_id)).values_list("shipment_id", "line_no"):
        lines[shipment_id].append(line)
    for row in further:
        parcel = Parcel(
            row.parcel_no,
            row.carrier,
            row.tracking_no,
            row.shipped_at,
            tuple(sorted(lines[row.pk])),
            tuple(former[row.order_id, row.tracking_no]),
        )
        found.setdefault(row.order_id, []).append(parcel)
    return found


def _own(order: Order, former: dict[tuple[int, str], list[str]]) -> Parcel:
    """The order's own parcel; a number that an import replaced is also its former one."""
    earlier = (*former[order.pk, ""], *former[order.pk, order.tracking_no])
    return Parcel(FIRST, order.carrier, order.tracking_no, order.shipped_at, former=earlier)


def _former(order_ids: Iterable[int]) -> dict[tuple[int, str], list[str]]:
    """The replaced numbers by order and present number, '' for what an import replaced."""
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    rows = ReplacedShipment.objects.filter(order__in=list(order_ids)).order_by("replaced_at", "pk")
    for order_id, number, present in rows.values_list("order_id", "tracking_no", "replaced_by"):
        found[order_id, present].append(number)
    return found


def numbers_of_orders(orders: Iterable[Order]) -> dict[int, frozenset[str]]:
    """All tracking numbers of each order by its id, present and former ones."""
    by_id = {order.pk: {order.tracking_no} - {""} for order in orders}
    for model in (Shipment, ReplacedShipment):
        rows = model.objects.filter(order__in=list(by_id))
        for order_id, number in rows.values_list("order_id", "tracking_no"):
            by_id[order_id].add(number)
    return {order_id: frozenset(numbers) for order_id, numbers in by_id.items()}
