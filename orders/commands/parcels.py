"""Dispatch of orders: their parcels and numbers (DM-17, DM-22)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from orders.commands.actions import SELLER, command
from orders.commands.frame import NotDoneError, Outcome, Result, perform
from orders.models import Order, OrderLine, OrderState, ReplacedShipment, Shipment, ShipmentItem
from orders.queries.parcels import numbers_of_orders
from stores.principals import Principal

UNDER_WAY = frozenset({OrderState.SHIPPED})


@dataclass(frozen=True, slots=True)
class NewParcel:
    """A parcel to dispatch. ``lines``: the numbers of the order lines in it; what no further parcel holds is in the
    first, so the first may leave them out."""

    carrier: str
    tracking_no: str
    lines: tuple[int, ...] = ()


SHIP = command("order.shipped", pgettext_lazy("action", "ship"), by=SELLER, to=OrderState.SHIPPED, instant="shipped_at")
ADD_PARCEL = command(
    "order.parcel_added", pgettext_lazy("action", "add a parcel"), rule="DM-17", by=SELLER, within=UNDER_WAY
)
REPLACE_NUMBER = command(
    "order.number_replaced", pgettext_lazy("action", "replace the number"), rule="DM-17", by=SELLER, within=UNDER_WAY
)


def ship_order(
    *,
    order: Order,
    principal: Principal,
    at: datetime,
    carrier: str = "",
    tracking_no: str = "",
    parcels: Sequence[NewParcel] = (),
) -> Outcome:
    """The seller handed the order over: as one parcel (``carrier``, ``tracking_no``), or split into ``parcels``, of
    which the first gives the order its carrier and number.

    Numbers are taken as they are: `dispatch_orders` and `check_numbers` judge them. Raises ValueError for parcels with
    equal numbers or lines in two of them. An order that was shipped already keeps its parcels: REPEATED where the
    number is one of theirs, else OVERTAKEN.
    """
    first, *others = parcels or [NewParcel(carrier, tracking_no)]
    _require_apart([first, *others])

    def add_others(order: Order) -> Mapping[str, Any]:
        for parcel in others:
            _add(order, parcel, at)
        _name_own(order, at)
        return {"parcels": 1 + len(others)} if others else {}

    number = first.tracking_no
    values = {"carrier": first.carrier, "tracking_no": number}
    outcome = perform(SHIP, order, principal=principal, at=at, also=add_others, **values)
    if outcome.result is Result.REPEATED and order.tracking_no and number not in numbers_of_orders([order])[order.pk]:
        return replace(outcome, result=Result.OVERTAKEN)
    return outcome


def add_parcel(*, order: Order, parcel: NewParcel, principal: Principal, at: datetime) -> Outcome:
    """Another parcel of an order under way was handed over.

    REPEATED: the order has a parcel with this number. OVERTAKEN: one of its lines is in another further parcel.
    """

    def add(order: Order) -> Mapping[str, Any]:
        if _has_number(order, parcel.tracking_no):
            raise NotDoneError(Result.REPEATED)
        _add(order, parcel, at)
        _name_own(order, at)
        return {"carrier": parcel.carrier, "parcels": Shipment.objects.filter(order=order).count()}

    return perform(ADD_PARCEL, order, principal=principal, at=at, also=add)


def replace_number(
    *, order: Order, old: str, carrier: str, tracking_no: str, principal: Principal, at: datetime
) -> Outcome:
    """The parcel with the number ``old`` has another number and carrier; the old one is kept with its scans.

    REPEATED: it has the new number already. OVERTAKEN: the order has no parcel with the old number any more, or another
    one has the new number.
    """

    def exchange(order: Order) -> Mapping[str, Any]:
        further = Shipment.objects.filter(order=order, tracking_no=old).exclude(tracking_no=order.tracking_no).first()
        parcel = order if order.tracking_no == old else further
        if parcel is None or old == tracking_no or _has_number(order, tracking_no):
            raise NotDoneError(_missed(order, old, tracking_no))
        _keep(order, parcel, tracking_no, at)
        # The order's own row is held by the command's swap, and so are its parcels.
        values = {"carrier": carrier, "tracking_no": tracking_no}
        type(parcel).objects.filter(pk=parcel.pk).update(**values)
        if parcel is order:
            Shipment.objects.filter(order=order, tracking_no=old).update(**values)
        return {"carrier": carrier}

    return perform(REPLACE_NUMBER, order, principal=principal, at=at, also=exchange)


def _require_apart(parcels: Sequence[NewParcel]) -> None:
    lines = [line for parcel in parcels for line in parcel.lines]
    if len(lines) > len(set(lines)) or len({parcel.tracking_no for parcel in parcels}) < len(parcels):
        raise ValueError("a number or a line is in two parcels")


def _add(order: Order, parcel: NewParcel, at: datetime) -> None:
    """Add a further parcel of an order that is held."""
    if ShipmentItem.objects.filter(order=order, line_no__in=parcel.lines).exists():
        raise NotDoneError(Result.OVERTAKEN)
    lines = OrderLine.objects.filter(order=order, line_no__in=parcel.lines).values_list("line_no", flat=True)
    made = Shipment.objects.create(
        store_id=order.store_id,
        order=order,
        carrier=parcel.carrier,
        tracking_no=parcel.tracking_no,
        shipped_at=at,
        source_at=at,
    )
    ShipmentItem.objects.bulk_create(
        ShipmentItem(store_id=order.store_id, order=order, shipment=made, line_no=line, source_at=at)
        for line in sorted(lines)
    )


def _name_own(order: Order, at: datetime) -> None:
    """Keep the order's own parcel as a row too, once there are others: an export may name one of those later."""
    if order.tracking_no and Shipment.objects.filter(order=order).exists():
        Shipment.objects.get_or_create(
            order=order,
            tracking_no=order.tracking_no,
            defaults={
                "store_id": order.store_id,
                "carrier": order.carrier,
                "shipped_at": order.shipped_at,
                "parcel_no": 1,
                "source_at": at,
            },
        )


def _has_number(order: Order, tracking_no: str) -> bool:
    return order.tracking_no == tracking_no or order.shipments.filter(tracking_no=tracking_no).exists()


def _missed(order: Order, old: str, new: str) -> Result:
    """Why a number is not replaced: it was already, or its parcel is another one now."""
    done = order.replacedshipments.filter(Q(replaced_by=new), tracking_no=old).exists()
    return Result.REPEATED if done or old == new else Result.OVERTAKEN


def _keep(order: Order, parcel: Order | Shipment, tracking_no: str, at: datetime) -> None:
    """Keep a number that is replaced, and lead earlier ones of the parcel to the new number."""
    order.replacedshipments.filter(replaced_by=parcel.tracking_no).update(replaced_by=tracking_no)
    ReplacedShipment.objects.update_or_create(
        order=order,
        tracking_no=parcel.tracking_no,
        defaults={
            "store_id": order.store_id,
            "carrier": parcel.carrier,
            "shipped_at": parcel.shipped_at,
            "replaced_at": at,
            "replaced_by": tracking_no,
            "source_at": at,
        },
    )
    # A number that comes back is no replaced one any more.
    order.replacedshipments.filter(tracking_no=tracking_no).delete()
