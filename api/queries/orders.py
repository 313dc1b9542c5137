"""Pages of a store's orders for programs, by keyset in an index, at any size of the store (IX-22)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from core.sql import Differing, execute
from core.timebase import from_epoch
from disputes.models import Dispute
from disputes.queries.disputed_orders import disputes_of
from insights.queries.order_counts import Count, order_counts
from orders.models import Order
from orders.queries.listing import HIDDEN_COLUMNS
from orders.queries.order import OrderFile, order_file, order_of
from stores.models import Store

# A state is looked for among this many orders at once: a page may hold fewer than were asked for, and have a next one.
SIFTED = 5_000
# Seconds between the reading of the database's clock and the beginning of a write, at most.
SETTLING = 5

Place = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class OrderQuery:
    """Which orders of a store; beginnings are included, ends are not. In the order of their creation, or, with
    ``updated_since``, of their last update as far as ``updated_until``."""

    state: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_since: datetime | None = None
    updated_until: datetime | None = None

    @property
    def key(self) -> str:
        """The column that sorts them; ties go by primary key."""
        return "created_at" if self.updated_since is None else "updated_at"

    @property
    def span(self) -> dict[str, Any]:
        """Filters of that column: a range of an index."""
        if self.updated_since is None:
            return self._created
        return {"updated_at__gte": self.updated_since, "updated_at__lt": self.updated_until}

    @property
    def sifting(self) -> dict[str, Any]:
        """Filters that no index serves."""
        state = {"state": self.state} if self.state else {}
        return state if self.updated_since is None else state | self._created

    @property
    def _created(self) -> dict[str, Any]:
        bounds = {"created_at__gte": self.created_from, "created_at__lt": self.created_to}
        return {name: value for name, value in bounds.items() if value is not None}


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


def updates_settled_at() -> datetime:
    """Before this instant all updates of orders are known: reading up to it loses none that commits later, however long
    its transaction takes. To be asked before the orders are read, and after something was written: that waits for
    SQLite's one writer, as counting the request does."""
    with connection.cursor() as cursor:
        execute(cursor, Differing(lambda dialect: dialect.settled(SETTLING)))
        return from_epoch(cursor.fetchone()[0])


def orders_after(store: Store, query: OrderQuery, after: Place | None, limit: int) -> tuple[list[Order], Place | None]:
    """Up to ``limit`` orders after a place, and the place after which the next ones are, None where there are none."""
    rows = Order.objects.filter(store=store, **query.span).defer(*HIDDEN_COLUMNS)
    rows = _beyond(rows, query.key, after).order_by(query.key, "pk")
    if not query.sifting:
        return _page(rows, query.key, limit)
    looked_at = rows[:SIFTED]
    page, place = _page(rows.filter(pk__in=looked_at.values("pk"), **query.sifting), query.key, limit)
    if place is None:
        place = rows.values_list(query.key, "pk")[SIFTED - 1 : SIFTED].first()
    return page, place


def _beyond(rows: QuerySet[Order], key: str, after: Place | None) -> QuerySet[Order]:
    """The range of the index beyond the place, then the ties at its edge."""
    if after is None:
        return rows
    instant, pk = after
    return rows.filter(**{f"{key}__gte": instant}).filter(Q(**{f"{key}__gt": instant}) | Q(pk__gt=pk))


def _page(rows: QuerySet[Order], key: str, limit: int) -> tuple[list[Order], Place | None]:
    found: Sequence[Order] = list(rows[: limit + 1])
    page = list(found[:limit])
    return page, (getattr(page[-1], key), page[-1].pk) if len(found) > limit else None
