"""The traces of many orders' parcels as clocks and holds need them (TM-03, AF-06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.models import Fulfilment, Order, OrderState, TrackingEvent
from orders.queries.parcels import parcels_of
from orders.queries.pool import pool_stays
from orders.queries.traces import trace_faults_of
from orders.rules.parcels import Parcel
from orders.rules.pool import BEFORE_PICKUP, PoolPeriod

# In these states what scans tell decides about what is awaited.
JUDGED = (OrderState.DELIVERED, OrderState.SUCCESS, OrderState.CLOSED)


@dataclass(frozen=True, slots=True)
class Traced:
    """An order's parcels; its stays in the abnormal pool; its last scan of pickup or later; whether the traces of all
    parcels are valid, True where that isn't judged yet."""

    parcels: Sequence[Parcel] = ()
    stays: Sequence[PoolPeriod] = ()
    last_scan_at: datetime | None = None
    is_valid: bool = True


def traced_orders(orders: Sequence[Order], at: datetime) -> dict[int, Traced]:
    """By order id, in a fixed number of queries. What the platform ships is not judged (MX-04a)."""
    shipped = [order for order in orders if order.shipped_at is not None]
    parcels, scans = parcels_of(shipped), scans_of(shipped)
    judged = [one for one in orders if one.state in JUDGED and one.fulfilled_by == Fulfilment.SELLER]
    faults = trace_faults_of(judged, at) if judged else {}
    return {
        order.pk: Traced(
            parcels=parcels.get(order.pk, ()),
            stays=pool_stays(order, scans.get(order.pk, ()), parcels.get(order.pk, ())),
            last_scan_at=_last_scan(scans.get(order.pk, ())),
            is_valid=not faults.get(order.pk),
        )
        for order in orders
    }


def scans_of(orders: Sequence[Order]) -> Mapping[int, Sequence[TrackingEvent]]:
    """All tracking events of orders by order id, in order of time."""
    scans: dict[int, list[TrackingEvent]] = {order.pk: [] for order in orders}
    for event in TrackingEvent.objects.filter(order__in=list(scans)).order_by("at", "pk") if scans else ():
        scans[event.order_id].append(event)
    return scans


def _last_scan(events: Sequence[TrackingEvent]) -> datetime | None:
    return max((event.at for event in events if event.kind != BEFORE_PICKUP), default=None)
