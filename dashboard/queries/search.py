"""Orders in all the stores that somebody may see (PG-06, RL-08)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orders.models import Order
from orders.queries.search import Found, Match, find_orders
from stores.access import visible_stores
from stores.models import Store
from stores.principals import Principal


@dataclass(frozen=True, slots=True)
class StoreHits:
    """The orders found in a store, newest first."""

    store: Store
    orders: Sequence[Order]


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found, by store; ``stores``: how many were searched."""

    text: str
    stores: int
    hits: Sequence[StoreHits] = ()
    matches: Mapping[int, Match] | None = None
    all_found: bool = True
    all_asked: bool = True


def search_orders(principal: Principal, text: str) -> Search:
    """Search every store that the principal may see; a fixed number of queries."""
    ids = list(visible_stores(principal).values_list("pk", flat=True))
    found = find_orders(ids, text) if text.strip() else Found({})
    orders = Order.objects.filter(pk__in=list(found.matches)).select_related("store__company")
    by_store: dict[int, list[Order]] = {}
    for order in orders.order_by("store__name", "store_id", "-created_at", "-pk"):
        by_store.setdefault(order.store_id, []).append(order)
    hits = [StoreHits(rows[0].store, rows) for rows in by_store.values()]
    return Search(text, len(ids), hits, found.matches, found.all_found, found.all_asked)
