"""Pages of a store's orders for programs, by keyset in an index, at any size of the store (IX-22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from disputes.models import Dispute
from disputes.queries.disputed_orders import disputes_of
from insights.queries.order_counts import Count, order_counts
from orders.models import Order
from orders.queries.listing import HIDDEN_COLUMNS
from orders.queries.order import OrderFile, order_file, order_of
from stores.models import Store

# A state is looked for among this many orders at once: a page may hold fewer than were asked for, and have a next one.
SIFTED = 5_000

Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """Which orders of a store, in the order of their creation; ``created_from`` is included, ``created_to`` is not."""

    state: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """An order with what belongs to it; ``counts``: how it stands in each metric."""

    file: OrderFile
    disputes: Sequence[Dispute]
    counts: Sequence[Count]


def order_details(store: Store, order_no: str, at: datetime) -> OrderDetails:
    """The store's order with this number, in a fixed number of queries; raises Http404."""
    order = order_of(store, order_no)
    order.store = store
    return OrderDetails(order_file(store, order), disputes_of(order).disputes, order_counts(order, at))


def orders_after(store: Store, query: OrderQuery, after: Place | None, limit: int) -> tuple[list[Order], Place | None]:
    """Up to ``limit`` orders after a place, and the place after which the next ones are, None where there are none."""
    rows = _beyond(_within(store, query), after).order_by("created_at", "pk")
    if not query.state:
        return _page(rows, limit)
    looked_at = rows[:SIFTED]
    page, place = _page(rows.filter(pk__in=looked_at.values("pk"), state=query.state), limit)
    if place is None:
        place = rows.values_list("created_at", "pk")[SIFTED - 1 : SIFTED].first()
    return page, place


def _within(store: Store, query: OrderQuery) -> QuerySet[Order]:
    rows = Order.objects.filter(store=store).defer(*HIDDEN_COLUMNS)
    if query.created_from is not None:
        rows = rows.filter(created_at__gte=query.created_from)
    if query.created_to is not None:
        rows = rows.filter(created_at__lt=query.created_to)
    return rows


def _beyond(rows: QuerySet[Order], after: Place | None) -> QuerySet[Order]:
    """The range of the index beyond the place, then the ties at its edge."""
    if after is None:
        return rows
    instant, pk = after
    return rows.filter(created_at__gte=instant).filter(Q(created_at__gt=instant) | Q(pk__gt=pk))


def _page(rows: QuerySet[Order], limit: int) -> tuple[list[Order], Place | None]:
    found: Sequence[Order] = list(rows[: limit + 1])
    page = list(found[:limit])
    return page, (page[-1].created_at, page[-1].pk) if len(found) > limit else None
