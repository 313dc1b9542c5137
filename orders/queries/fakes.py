"""Dispatches that look fake, from stored scans (TM-07)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from orders.models import Fulfilment, Order, OrderState, Shipment, TrackingEvent
from orders.queries.parcels import parcels_of
from orders.rules.fake_dispatch import (
    AT_THE_BUYERS,
    DELIVERED,
    PICKUP,
    DispatchedParcel,
    RoutedScan,
    Suspicion,
    fake_dispatch,
)
from orders.rules.parcels import Parcel
from orders.rules.places import country_code, country_of
from orders.rules.pool import BEFORE_PICKUP
from rulebook.queries import policy_at

# What may still be found out about: parcels under way, and those that came but whose receipt is open.
LOOKED_AT = (OrderState.SHIPPED, OrderState.DELIVERED)
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FakeDispatch:
    """A parcel of an order with what makes its dispatch look fake."""

    order: Order
    parcel: Parcel
    suspicions: Sequence[Suspicion]


def fake_dispatches(orders: QuerySet[Order], at: datetime) -> Iterator[FakeDispatch]:
    """The suspected parcels of ``orders``. The database sifts out orders that show none of the causes; the rule
    judges the rest, with three queries per 500 of them."""
    wait = timedelta(days=policy_at(at).transactions.fake_dispatch_days)
    suspects = _suspects(orders, wait, at).select_related("store__company").order_by("pk")
    ids = list(suspects.values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        yield from _judged(list(suspects.filter(pk__in=ids[start : start + AT_ONCE])), wait, at)


def _suspects(orders: QuerySet[Order], wait: timedelta, at: datetime) -> QuerySet[Order]:
    events = TrackingEvent.objects.filter(order=OuterRef("pk"), at__lte=at)
    unscanned = Q(state=OrderState.SHIPPED, shipped_at__lt=at - wait) & ~Exists(events.exclude(kind=BEFORE_PICKUP))
    # A further parcel may lack its pickup where the first has one.
    further = Exists(Shipment.objects.filter(order=OuterRef("pk"), parcel_no__gt=1, shipped_at__lt=at - wait))
    late_pickup = TrackingEvent.objects.filter(order=OuterRef("order"), kind=PICKUP, at__gt=OuterRef("at"))
    reversed_trace = Exists(events.filter(kind=DELIVERED).filter(Exists(late_pickup)))
    placed = Exists(events.filter(kind__in=AT_THE_BUYERS, place__gt="").exclude(place=OuterRef("site")))
    others = Order.objects.filter(tracking_no=OuterRef("tracking_no"), tracking_no__gt="").exclude(pk=OuterRef("pk"))
    used = Exists(others.filter(delivered_at__lt=OuterRef("shipped_at")))
    open_orders = orders.filter(
        state__in=LOOKED_AT, fulfilled_by=Fulfilment.SELLER, shipped_at__isnull=False, shipped_at__lte=at
    )
    return open_orders.filter(unscanned | Q(further) | Q(reversed_trace) | Q(placed) | Q(used))


def _judged(orders: Sequence[Order], wait: timedelta, at: datetime) -> Iterator[FakeDispatch]:
    parcels = parcels_of(orders)
    scans: dict[tuple[int, int], list[RoutedScan]] = defaultdict(list)
    for event in TrackingEvent.objects.filter(order__in=orders, at__lte=at):
        scan = RoutedScan(event.at, event.kind, country_of(event.place))
        scans[event.order_id, event.parcel_no or 1].append(scan)
    elsewhere = _delivered_elsewhere(orders)
    for order in orders:
        for parcel in parcels.get(order.pk, []):
            shipped_at = parcel.shipped_at or order.shipped_at
            if shipped_at is None or not parcel.tracking_no:
                continue
            first = parcel.number == 1
            dispatched = DispatchedParcel(
                shipped_at=shipped_at,
                scans=scans[order.pk, parcel.number],
                destination=country_code(order.site),
                delivered_elsewhere=elsewhere.get(order.pk, ()) if first else (),
            )
            if found := fake_dispatch(dispatched, wait=wait, at=at):
                yield FakeDispatch(order, parcel, found)


def _delivered_elsewhere(orders: Sequence[Order]) -> Mapping[int, Sequence[tuple[str, datetime]]]:
    """Other orders, of whatever store, that had the number delivered: by id, each as ``store/order``."""
    numbers = {order.tracking_no for order in orders} - {""}
    rows: Any = Order.objects.filter(tracking_no__in=numbers, tracking_no__gt="", delivered_at__isnull=False)
    by_number: dict[str, list[tuple[int, str, datetime]]] = defaultdict(list)
    found = rows.values_list("tracking_no", "pk", F("store__store_no"), "order_no", "delivered_at")
    for number, pk, store_no, order_no, delivered_at in found:
        by_number[number].append((pk, f"{store_no}/{order_no}", delivered_at))
    return {
        order.pk: [(name, at) for pk, name, at in by_number[order.tracking_no] if pk != order.pk] for order in orders
    }
