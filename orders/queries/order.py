"""One order with its related records (TM-01), in a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404

from core.events import kinds_for_company
from core.models import Event
from orders.models import (
    Fulfilment,
    Message,
    Order,
    OrderLine,
    OrderState,
    Refund,
    ReplacedShipment,
    ReturnParcel,
    Review,
    Settlement,
    TrackingEvent,
)
from orders.queries.parcels import parcels_of
from orders.queries.pool import pool_stays
from orders.rules.parcels import Parcel
from orders.rules.pool import PoolPeriod
from rulebook.queries import PolicyPeriod, policy_in
from stores.access import StoreRequest
from stores.actors import names_of_actors
from stores.models import Category, Listing, Store


@dataclass(frozen=True)
class OrderFile:
    """An order and its rows, each sequence in order of time."""

    order: Order
    lines: Sequence[OrderLine]
    titles: dict[str, str]
    scans: Sequence[TrackingEvent]
    parcels: Sequence[Parcel]
    replaced: Sequence[ReplacedShipment]
    messages: Sequence[Message]
    reviews: Sequence[Review]
    refunds: Sequence[Refund]
    returns: Sequence[ReturnParcel]
    events: Sequence[Event]
    actors: dict[str, str]
    settlement: Settlement | None
    category: Category | None
    stays: Sequence[PoolPeriod]


def order_of(store: Store, order_no: str) -> Order:
    """The store's order with this number; Http404 as for a store that doesn't exist (RL-08)."""
    # PostgreSQL refuses text with NUL as an error of the query.
    found = None if "\x00" in order_no else Order.objects.filter(store=store, order_no=order_no).first()
    if found is None:
        raise Http404
    return found


def asked_order(request: StoreRequest, order_no: str) -> Order:
    """`order_of` the request's store, with that store: asked once for a page that only reads and the panels in it."""
    asked: dict[tuple[int, str], Order] = request.__dict__.setdefault("asked_orders", {})
    key = (request.store.pk, order_no)
    if key not in asked:
        asked[key] = order_of(request.store, order_no)
        asked[key].store = request.store
    return asked[key]


def order_file(store: Store, order: Order) -> OrderFile:
    """Read everything that the order page shows."""
    scans = list(order.trackingevents.order_by("at", "pk"))
    replaced = list(order.replacedshipments.order_by("replaced_at", "pk"))
    parcels = parcels_of([order], replaced).get(order.pk, [])
    lines = list(order.orderlines.order_by("line_no"))
    events = _events(store, order)
    skus = {order.sku, *(line.sku for line in lines)} - {""}
    return OrderFile(
        order=order,
        lines=lines,
        titles=dict(Listing.objects.filter(store=store, sku__in=skus).values_list("sku", "title")),
        scans=scans,
        replaced=replaced,
        messages=list(order.messages.order_by("sent_at", "pk")),
        reviews=list(order.reviews.order_by("created_at", "pk")),
        refunds=list(order.refunds.order_by("requested_at", "pk")),
        returns=list(order.returnparcels.order_by("pk")),
        events=events,
        actors=names_of_actors(event.actor for event in events),
        settlement=order.settlements.first(),
        category=Category.objects.filter(code=order.category).first() if order.category else None,
        parcels=parcels,
        stays=pool_stays(order, scans, parcels),
    )


def _events(store: Store, order: Order) -> list[Event]:
    """The events of the order that its company may see."""
    rows = Event.objects.filter(store_no=store.store_no, subject_kind="order", subject_key=order.order_no)
    return list(rows.filter(kind__in=kinds_for_company()))


@dataclass(frozen=True)
class Countdown:
    """What runs now: ``kind`` is ``confirm`` or ``ship``."""

    kind: str
    due_at: datetime


def countdowns_of(order: Order, at: datetime, periods: Sequence[PolicyPeriod]) -> list[Countdown]:
    """The seller's own clocks on the order: confirm dispatch (TM-02), ship by (DM-20); an overdue one stays.

    ``periods`` are all policies, taken once for many orders.
    """
    if order.state != OrderState.PAID or order.paid_at is None or order.fulfilled_by == Fulfilment.PLATFORM:
        return []
    running: list[Countdown] = []
    hours = policy_in(periods, order.created_at).counting.confirm_hours
    confirm_by = order.paid_at + timedelta(hours=hours)
    if order.dispatch_confirmed_at is None and not order.is_presale and confirm_by >= at:
        running.append(Countdown("confirm", confirm_by))
    if order.ship_by is not None:
        running.append(Countdown("ship", order.ship_by))
    return running
