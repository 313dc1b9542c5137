"""How the data of stores is: sources, data streams, rows that wait, orders with data issues (PN-20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from intake.models import Import, Source, WaitingRow
from intake.queries import is_operator, visible_imports
from orders.models import Order
from stores.access import visible_companies, visible_stores
from stores.models import Feed, Store
from stores.principals import Principal

STORES_AT_ONCE = 50
ROWS_AT_ONCE = 50
FAILED_SHOWN = 10
ABSENT_SHOWN = 50

SILENT, FAILING = "silent", "failing"
# Which stores are shown, by what their sources are.
STATES = {SILENT: Q(silent_since__isnull=False), FAILING: Q(failures__gt=0)}


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How a store's data is: sources, data streams by what they are known until, rows that wait, orders with data
    issues."""

    store: Store
    sources: Sequence[Source]
    feeds: Sequence[Feed]
    waiting: int
    data_issues: int


def stores_by_state(principal: Principal, state: str = "", search: str = "") -> QuerySet[Store]:
    """The stores that the person sees, found by number or name; ``state``: a key of `STATES`, or empty for all."""
    stores = visible_stores(principal).order_by("name", "store_no")
    if state in STATES:
        stores = stores.filter(Exists(Source.objects.filter(STATES[state], store=OuterRef("pk"))))
    if search:
        stores = stores.filter(Q(name__icontains=search) | Q(store_no__icontains=search))
    return stores


def state_counts(principal: Principal) -> dict[str, int]:
    """How many stores there are in each state."""
    return {state: stores_by_state(principal, state).count() for state in ("", *STATES)}


def health_of(stores: Sequence[Store]) -> list[StoreHealth]:
    """The health of some stores, in a fixed number of queries."""
    feeds, sources = _by_store(Feed, stores, "known_until"), _by_store(Source, stores, "kind")
    theirs = Store.objects.filter(pk__in=[store.pk for store in stores], store_no=OuterRef("store_no"))
    waiting = _counted(WaitingRow.objects.filter(Exists(theirs.filter(company=OuterRef("company")))), "store_no")
    data_issues = _counted(Order.objects.filter(store__in=stores, data_issues__gt=0), "store_id")
    return [
        StoreHealth(
            store,
            sources.get(store.pk, []),
            feeds.get(store.pk, []),
            waiting.get(store.store_no, 0),
            data_issues.get(store.pk, 0),
        )
        for store in stores
    ]


def _by_store(model: Any, stores: Sequence[Store], order: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in model.objects.filter(store__in=stores).order_by(order, "pk"):
        found.setdefault(row.store_id, []).append(row)
    return found


def _counted(rows: QuerySet[Any], column: str) -> dict[object, int]:
    return dict(rows.order_by().values_list(column).annotate(rows=Count("pk")).values_list(column, "rows"))


# ── Rows that wait ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """Rows of one file that wait for the same kind of thing; ``since``: the oldest export that brought one."""

    kind: str
    rows: int
    since: Any


@dataclass(frozen=True, slots=True)
class AbsentStore:
    """A store number that rows wait for and that no store has yet."""

    store_no: str
    rows: int
    since: Any


def visible_waiting(principal: Principal) -> QuerySet[WaitingRow]:
    """Rows that wait, of the companies that the person sees; operations also see what is nobody's (RL-19)."""
    if is_operator(principal):
        return WaitingRow.objects.all()
    return WaitingRow.objects.filter(company__in=visible_companies(principal))


def absent_stores(principal: Principal) -> list[AbsentStore]:
    """The first stores that rows wait for."""
    theirs = Store.objects.filter(store_no=OuterRef("store_no"), company=OuterRef("company"))
    rows = visible_waiting(principal).filter(~Exists(theirs)).order_by("store_no").values("store_no")
    found = rows.annotate(rows=Count("pk"), since=Min("source_at"))[:ABSENT_SHOWN]
    return [AbsentStore(row["store_no"], row["rows"], row["since"]) for row in found]


def waiting_in(store: Store) -> QuerySet[WaitingRow]:
    """Rows that wait in a store of their company, most of them for an order."""
    return WaitingRow.objects.filter(store_no=store.store_no, company=store.company_id)


def waiting_groups(store: Store) -> list[WaitingGroup]:
    """How many rows of each file wait in a store."""
    groups = waiting_in(store).order_by("kind").values("kind").annotate(rows=Count("pk"), since=Min("source_at"))
    return [WaitingGroup(row["kind"], row["rows"], row["since"]) for row in groups]


def waiting_page(store: Store, kind: str, page: str | None) -> Page[WaitingRow]:
    """Waiting rows of one file in a store, by the order for which they wait."""
    rows = waiting_in(store).filter(kind=kind).order_by("order_no", "pk")
    return Paginator(rows, ROWS_AT_ONCE).get_page(page)


# ── Failures ───────────────────────────────────────────────────────────────────────────────────────────────────────


def failed_imports(principal: Principal, store: Store) -> list[Import]:
    """The latest imports of the store's company that failed, as far as the person sees them."""
    jobs = visible_imports(principal).filter(company=store.company_id, state=Import.State.FAILED)
    return list(jobs.order_by("-pk")[:FAILED_SHOWN])


def sources_of(store: Store) -> list[Source]:
    return list(Source.objects.filter(store=store).order_by("kind", "name"))


def silent_sources(store: Store) -> list[Source]:
    """The store's sources that have fallen silent."""
    return list(Source.objects.filter(store=store, silent_since__isnull=False).order_by("silent_since", "pk"))
