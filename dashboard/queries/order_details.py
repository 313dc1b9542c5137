"""Everything that the page of one order shows (PG-06, TM-01)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from appeals.queries.appealable import Appealable, appealable_of
from appeals.queries.corrections import OrderProtection, protections_of
from core.events import kinds_for_company
from core.models import Deadline, Event
from dashboard.queries.parcels import ParcelFile, carriers_by_code, parcel_files
from disputes.queries.disputed_orders import DisputesOfOrder, disputes_of
from insights.queries.order_counts import Count, order_counts
from orders.holds import Hold, holds_of
from orders.models import Order
from orders.queries.names import site_names
from orders.queries.order import Countdown, OrderFile, countdowns_of, order_file
from orders.queries.pool import recheck_after
from rulebook.queries import policies
from stores.actors import names_of_actors
from stores.models import Carrier, Store


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """``cases``: its disputes; ``clocks``: what runs for the seller; ``recheck``: from which silence a person checks a
    parcel; ``sites``: names by code; ``counts``: where the order counts; ``protections``: the events that protect
    it; ``appealable``: its review and verdicts that can be appealed; ``parcels`` with their traces; ``carriers`` by
    code; ``related``: the events of its refunds, returns and
    disputes, with ``actors``; ``deadlines`` that run."""

    file: OrderFile
    cases: DisputesOfOrder
    holds: Sequence[Hold]
    clocks: Sequence[Countdown]
    recheck: timedelta
    sites: dict[str, str]
    counts: Sequence[Count]
    protections: Sequence[OrderProtection]
    appealable: Sequence[Appealable]
    parcels: Sequence[ParcelFile]
    carriers: Mapping[str, Carrier]
    related: Sequence[Event]
    actors: Mapping[str, str]
    deadlines: Sequence[Deadline]


def order_details(order: Order, at: datetime) -> OrderDetails:
    """Load what stands around an order, whose store is loaded."""
    store = order.store
    file, cases = order_file(store, order), disputes_of(order)
    related = related_events(store, file, cases)
    return OrderDetails(
        file=file,
        cases=cases,
        holds=holds_of([order], at)[order.pk],
        clocks=countdowns_of(order, at, policies()),
        recheck=recheck_after(at),
        sites=site_names(at),
        counts=order_counts(order, at),
        protections=protections_of([order.pk]).get(order.pk, ()),
        appealable=appealable_of(store, order, file.reviews, cases.disputes, at),
        parcels=parcel_files(file.parcels, file.scans),
        carriers=carriers_by_code(),
        related=related,
        actors=names_of_actors(event.actor for event in related),
        deadlines=running_deadlines(store, order.order_no),
    )


def related_events(store: Store, file: OrderFile, cases: DisputesOfOrder) -> list[Event]:
    """What was done to the order's refunds, returns and disputes, as far as its company may see it."""
    numbers = {
        "refund": [refund.refund_no for refund in file.refunds],
        "return": [parcel.return_no for parcel in file.returns],
        "dispute": [dispute.dispute_no for dispute in cases.disputes],
    }
    wanted = [Q(subject_kind=kind, subject_key__in=keys) for kind, keys in numbers.items() if keys]
    if not wanted:
        return []
    events = Event.objects.filter(reduce(or_, wanted), store_no=store.store_no, kind__in=kinds_for_company())
    return list(events.order_by("at", "pk"))


def running_deadlines(store: Store, order_no: str) -> list[Deadline]:
    """The clocks that run on the order itself, the next to end first (DM-27)."""
    rows = Deadline.objects.filter(store_id=store.pk, subject_kind="order", subject_key=order_no)
    return list(rows.filter(state=Deadline.State.OPEN).order_by("due_at"))
