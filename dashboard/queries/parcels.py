"""The parcels of an order with their traces, and what speaks against a number (DM-17, TM-18)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.queries.dispatch import CheckedLine
from dashboard.rules.dispatch_lines import Line
from orders.commands.dispatching import DispatchRow, check_dispatch
from orders.models import Order, TrackingEvent
from orders.queries.number_checks import NumberRow, check_numbers
from orders.queries.parcels import FIRST
from orders.rules.parcels import Parcel
from stores.models import Carrier


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """A parcel with its scans, oldest first."""

    parcel: Parcel
    scans: Sequence[TrackingEvent]


def parcel_files(parcels: Sequence[Parcel], scans: Sequence[TrackingEvent]) -> list[ParcelFile]:
    """The parcels of an order with their scans; ``scans``: all of the order's."""
    return [
        ParcelFile(parcel, [scan for scan in scans if (scan.parcel_no or FIRST) == parcel.number]) for parcel in parcels
    ]


def check_parcel(order: Order, carrier: str, number: str) -> CheckedLine:
    """A number for one parcel of an order, checked: with the order itself while it waits for dispatch."""
    line = Line(1, number, order.order_no, carrier, number)
    if order.shipped_at is None:
        row = DispatchRow(order.order_no, carrier, number)
        return CheckedLine(line, carrier, check_dispatch(store=order.store, rows=[row])[0])
    return CheckedLine(line, carrier, check_numbers(order.store, [NumberRow(carrier, number, order.order_no)])[0])


def carriers_by_code() -> Mapping[str, Carrier]:
    """Every carrier."""
    return {carrier.code: carrier for carrier in Carrier.objects.all()}


def positions_of(order: Order) -> list[tuple[int, str]]:
    """The positions of an order: number and SKU."""
    return [
        (line, f"{line} · {sku}") for line, sku in order.orderlines.order_by("line_no").values_list("line_no", "sku")
    ]
