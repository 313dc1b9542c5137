"""The orders that a protected event meets (BX-01): which they are, what is protected already, and a preview that is
counted in bounded time."""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from appeals.models import ProtectedEvent
from appeals.rules import LEG_OF, Leg
from core.fields import InstantField
from core.timebase import performance_day
from metrics.catalogue import problem_counters
from metrics.models import Problem
from metrics.scorecards.store_profiles import load_categories
from orders.models import Exclusion, Order, Protection
from rulebook.queries import policy_at
from stores.models import Listing, Store

# An order created longer before the event is not on its way any more: no window is longer.
OLDEST = timedelta(days=180)
STORES_AT_ONCE = 100
# A preview ends after so many seconds or orders, and says so.
PREVIEW_SECONDS = 3.0
PREVIEW_ORDERS = 50_000
SAMPLE = 20


@dataclass(frozen=True, slots=True)
class MetOrders:
    """Ids of a store's orders that an event meets: those whose deadlines it extends, and by metric those that are no
    failure of it."""

    extended: frozenset[int] = frozenset()
    excluded: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @property
    def orders(self) -> frozenset[int]:
        return self.extended.union(*self.excluded.values())


@dataclass(frozen=True, slots=True)
class EventPreview:
    """What applying an event would touch: orders and stores; by metric how many of the orders are failures of it as
    things are; some of the orders. ``capped``: counting was ended, there are more."""

    orders: int
    stores: int
    failures: Mapping[str, int]
    sample: Sequence[Order]
    capped: bool


def met_orders(event: ProtectedEvent, store: Store) -> MetOrders:
    """The orders of a store that an event meets."""
    rows = _candidates(event).filter(store=store)
    by_leg = {leg: frozenset(_on_leg(rows, event, leg).values_list("pk", flat=True)) for leg in legs_of(event)}
    return MetOrders(
        by_leg[Leg.DISPATCH] if event.extend_hours else frozenset(),
        {code: by_leg[LEG_OF[code]] for code in event.metrics},
    )


def stores_met(event: ProtectedEvent, store_ids: Collection[int]) -> list[int]:
    """The stores among ``store_ids`` that have an order that the event meets."""
    rows = _met(event, _candidates(event).filter(store__in=store_ids))
    return sorted(set(rows.order_by().values_list("store_id", flat=True).distinct()))


def stores_protected(number: str, store_ids: Collection[int]) -> list[int]:
    """The stores among ``store_ids`` in which an event protects an order now."""
    found: set[int] = set()
    found.update(Exclusion.objects.filter(store__in=store_ids, cause_no=number).values_list("store_id", flat=True))
    found.update(Protection.objects.filter(store__in=store_ids, event_no=number).values_list("store_id", flat=True))
    return sorted(found)


def protected_orders(number: str, store: Store) -> MetOrders:
    """The orders of a store that an event protects at present."""
    excluded: dict[str, set[int]] = defaultdict(set)
    rows = Exclusion.objects.filter(store=store, cause_no=number)
    for metric, order_id in rows.values_list("metric", "order_id"):
        excluded[metric].add(order_id)
    extended = Protection.objects.filter(store=store, event_no=number).values_list("order_id", flat=True)
    return MetOrders(frozenset(extended), {metric: frozenset(ids) for metric, ids in excluded.items()})


def preview_event(event: ProtectedEvent) -> EventPreview:
    """Count what an event would touch, store by store, until time or orders run out."""
    end = time.monotonic() + PREVIEW_SECONDS
    ids = list(Store.objects.order_by("id").values_list("pk", flat=True))
    orders: set[int] = set()
    stores: set[int] = set()
    failures: Counter[str] = Counter()
    done = 0
    while done < len(ids) and len(orders) < PREVIEW_ORDERS and time.monotonic() < end:
        chunk = ids[done : done + STORES_AT_ONCE]
        rows = _met(event, _candidates(event).filter(store__in=chunk)).order_by().values_list("pk", "store_id")
        found = dict(rows[: PREVIEW_ORDERS - len(orders)])
        orders |= found.keys()
        stores |= set(found.values())
        failures.update(_failures(event, found.keys(), set(found.values())))
        done += STORES_AT_ONCE
    sample = Order.objects.select_related("store").filter(pk__in=sorted(orders)[-SAMPLE:]).order_by("-created_at")
    return EventPreview(len(orders), len(stores), dict(failures), list(sample), capped=done < len(ids))


def touched_metrics(event: ProtectedEvent) -> tuple[str, ...]:
    """The metrics whose failures an event takes out; a longer deadline makes dispatch less late."""
    named = set(event.metrics) | ({"late_dispatch", "dsr"} if event.extend_hours else set())
    return tuple(code for code in LEG_OF if code in named)


def legs_of(event: ProtectedEvent) -> frozenset[Leg]:
    """The legs on which an event meets orders."""
    extending = {Leg.DISPATCH} if event.extend_hours else set()
    return frozenset({LEG_OF[code] for code in event.metrics} | extending)


def _failures(event: ProtectedEvent, orders: Collection[int], stores: Collection[int]) -> dict[str, int]:
    """How many of the orders are problem orders, by metric."""
    found = {}
    for code in touched_metrics(event):
        rows = Problem.objects.filter(
            store__in=stores, counter__in=problem_counters(code), day__gte=performance_day(event.starts_at)
        )
        found[code] = len(set(rows.values_list("order_id", flat=True)) & set(orders))
    return found


def _candidates(event: ProtectedEvent) -> QuerySet[Order]:
    """The orders on whose carriers, sites and categories an event acts, near it in time."""
    rows = Order.objects.filter(created_at__gte=event.starts_at - OLDEST, created_at__lte=event.ends_at)
    if event.carriers:
        rows = rows.filter(carrier__in=event.carriers)
    if event.sites:
        rows = rows.filter(site__in=event.sites)
    if event.categories:
        codes = _below(event.categories)
        listed = Listing.objects.filter(store=OuterRef("store_id"), sku=OuterRef("sku"), category__in=codes)
        rows = rows.filter(Q(category__in=codes) | Q(Exists(listed), category=""))
    return rows


def _below(categories: Collection[str]) -> list[str]:
    """The categories with everything below them."""
    chosen = set(categories)
    return sorted(code for code, traits in load_categories().items() if not chosen.isdisjoint(traits.path))


def _met(event: ProtectedEvent, rows: QuerySet[Order]) -> QuerySet[Order]:
    where = Q()
    for leg in legs_of(event):
        where |= Q(pk__in=_on_leg(rows, event, leg).values("pk"))
    return rows.filter(where) if where else rows.none()


def _on_leg(rows: QuerySet[Order], event: ProtectedEvent, leg: Leg) -> QuerySet[Order]:
    """Those that were on a leg at some time of the event: the leg began before its end, and ended or was to end after
    its begin."""
    begin, end = event.starts_at, event.ends_at
    oldest = begin - timedelta(days=policy_at(begin).counting.outcome_days)
    rows = rows.annotate(
        over_at=Coalesce("cancelled_at", "refunded_at", "closed_at", output_field=InstantField(null=True)),
        arrived_at=Coalesce("delivered_at", F("cancelled_at"), "refunded_at", output_field=InstantField(null=True)),
    )
    still_on = Q(over_at=None) | Q(over_at__gte=begin)
    match leg:
        case Leg.DISPATCH:
            waiting = Q(shipped_at=None) | Q(shipped_at__gte=begin)
            return rows.filter(still_on, waiting, paid_at__lte=end, ship_by__gte=begin)
        case Leg.CARRIAGE:
            under_way = Q(arrived_at__gte=begin) | Q(arrived_at=None, shipped_at__gte=oldest)
            return rows.filter(under_way, shipped_at__lte=end)
        case Leg.WHOLE:
            going_on = Q(shipped_at__gte=oldest) | Q(shipped_at=None, ship_by__gte=begin)
            return rows.filter(Q(arrived_at__gte=begin) | Q(going_on, arrived_at=None), paid_at__lte=end)
