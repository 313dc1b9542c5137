"""What the pages of connections show (PG-16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from core.leases import is_held
from intake.models import ConnectionFeed, ConnectionField, ConnectionRun, StoreConnection
from stores.access import WRITE, visible_stores
from stores.models import Store
from stores.principals import Principal

STORES_AT_ONCE = 100
RUNS_SHOWN = 20
# A change of the platform is told so long.
CHANGED = timedelta(days=30)


@dataclass(frozen=True)
class ConnectionState:
    """A store's connection with its feeds and latest runs, the newest first; ``waiting``: objects whose answer is still
    out."""

    store: Store
    connection: StoreConnection | None
    feeds: Sequence[ConnectionFeed] = ()
    runs: Sequence[ConnectionRun] = ()
    waiting: int = 0
    fields: Sequence[ConnectionField] = ()
    is_running: bool = False
    may_change: bool = False


def connected_stores(principal: Principal) -> list[tuple[Store, StoreConnection | None]]:
    """The stores that the person sees, those with a connection first."""
    stores = (
        visible_stores(principal)
        .select_related("company", "platform_connection")
        .prefetch_related(Prefetch("platform_connection__feeds", ConnectionFeed.objects.order_by("pk")))
    )
    chosen = stores.order_by("platform_connection__pk", "name", "store_no")[:STORES_AT_ONCE]
    found = [(store, getattr(store, "platform_connection", None)) for store in chosen]
    return sorted(found, key=lambda one: (one[1] is None, one[0].name, one[0].store_no))


def connection_state(principal: Principal, store: Store, at: datetime) -> ConnectionState:
    """All that the page of a store's connection shows."""
    may_change = visible_stores(principal, WRITE).filter(pk=store.pk).exists()
    connection = StoreConnection.objects.filter(store=store).first()
    if connection is None:
        return ConnectionState(store, None, may_change=may_change)
    connection.store = store
    return ConnectionState(
        store,
        connection,
        list(connection.feeds.order_by("pk")),
        list(connection.runs.order_by("-pk")[:RUNS_SHOWN]),
        connection.items.filter(due_at__lte=at).count(),
        unknown_fields(connection),
        is_held(connection, at),
        may_change,
    )


def unknown_fields(connection: StoreConnection) -> list[ConnectionField]:
    """Fields that the map does not know: those that the platform added first, the newest before others."""
    return list(connection.fields.exclude(path="").order_by("-added", "-seen_at", "call", "path"))


def added_fields(store: Store, at: datetime) -> int:
    """How many fields the store's platform added to its answers lately."""
    rows = ConnectionField.objects.filter(connection__store=store, added=True, seen_at__gt=at - CHANGED)
    return rows.exclude(path="").count()
