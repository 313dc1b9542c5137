"""A page of the list of all stores that a person sees: searched, filtered, sorted (PG-02)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from dashboard.queries.needs import Need, needs_of, with_first_dues
from dashboard.queries.stores import StoreRow, linked_among, sorted_rows, store_rows, trends
from rulebook.queries import policy_at
from stores.access import visible_companies, visible_stores
from stores.models import Store
from stores.principals import Principal

PAGE = 25
# More visible stores than this are not sorted and filtered by what they stand at: only by name and number.
MOST_COMPARED = 500
LEVELS = {"red": {"red", "L2", "L3"}, "yellow": {"yellow", "L1"}, "ok": {"ok"}}


@dataclass(frozen=True, slots=True)
class StoreQuery:
    """Which stores: with a text in the name or number; with the worst metric at a level (red, yellow, ok); with open
    notices (any, red); with something due within so many hours; linked ones only. ``key``: what they are sorted by;
    ``page``: its number as the address gives it."""

    text: str
    level: str
    notices: str
    due_hours: int | None
    linked: bool
    key: str
    descending: bool
    page: str | None


@dataclass(frozen=True, slots=True)
class StoreList:
    """A page of the list. ``linked``: why a store is linked to another, by id; ``needs``: what each needs; ``trends``:
    the published rating of 30 days; ``units``: of metrics."""

    page: Page[Any]
    rows: list[StoreRow]
    linked: Mapping[int, str]
    needs: Mapping[int, Need]
    trends: Mapping[int, list[Decimal | None]]
    units: Mapping[str, str]


def count_stores(principal: Principal) -> int:
    """How many stores there are to list."""
    return visible_stores(principal).count()


def can_compare(total: int) -> bool:
    """Whether so few stores are all brought to hand to be sorted and filtered by what they stand at."""
    return total <= MOST_COMPARED


def compared_stores(principal: Principal, query: StoreQuery, at: datetime) -> StoreList:
    """A page of all stores, which are at hand, so that they sort and filter by what they stand at."""
    rows, linked = _compared(principal, query, at)
    page = Paginator(rows, PAGE).get_page(query.page)
    return _listed(page, list(page.object_list), linked, at)


def compared_rows(principal: Principal, query: StoreQuery, at: datetime) -> list[StoreRow]:
    """Every store that passes the filters, sorted."""
    return _compared(principal, query, at)[0]


def _compared(principal: Principal, query: StoreQuery, at: datetime) -> tuple[list[StoreRow], Mapping[int, str]]:
    rows = store_rows(_searched(visible_stores(principal), query.text).order_by("name", "store_no"), at)
    linked = linked_among([row.store for row in rows], visible_companies(principal))
    passing = [row for row in rows if _passes(row, query, linked, at)]
    return sorted_rows(passing, query.key, descending=query.descending), linked


def paged_stores(principal: Principal, query: StoreQuery, at: datetime) -> StoreList:
    """A page of stores that are too many to compare: the database sorts them by what falls due first or by name; the
    page alone is loaded."""
    page = Paginator(listed_ids(principal, query, at), PAGE).get_page(query.page)
    rows = rows_of_ids(list(page.object_list), at)
    return _listed(page, rows, linked_among([row.store for row in rows], visible_companies(principal)), at)


def listed_ids(principal: Principal, query: StoreQuery, at: datetime) -> QuerySet[Any]:
    """The ids of every store that is searched for, sorted by the database."""
    return _sorted_ids(_searched(visible_stores(principal), query.text), query, at)


def rows_of_ids(ids: Sequence[int], at: datetime) -> list[StoreRow]:
    """The rows of stores in the order of their ids here."""
    places = {pk: place for place, pk in enumerate(ids)}
    return sorted(store_rows(Store.objects.filter(pk__in=places), at), key=lambda row: places[row.store.pk])


def _listed(page: Page[Any], rows: list[StoreRow], linked: Mapping[int, str], at: datetime) -> StoreList:
    units = {code: rules.unit for code, rules in policy_at(at).metrics.items()}
    needs = needs_of([row.store.pk for row in rows], at)
    return StoreList(page, rows, linked, needs, trends(rows), units)


def _searched(stores: QuerySet[Store], text: str) -> QuerySet[Store]:
    return stores.filter(Q(name__icontains=text) | Q(store_no__icontains=text)) if text else stores


def _sorted_ids(stores: QuerySet[Store], query: StoreQuery, at: datetime) -> QuerySet[Any]:
    key = "due_first" if query.key == "due" else "name"
    ordered = with_first_dues(stores, at) if query.key == "due" else stores
    return ordered.order_by(f"-{key}" if query.descending else key, "name", "store_no").values_list("pk", flat=True)


def _passes(row: StoreRow, wanted: StoreQuery, linked: Mapping[int, str], at: datetime) -> bool:
    if wanted.linked and row.store.pk not in linked:
        return False
    if not _has_notices(row, wanted.notices) or not _is_due(row, wanted.due_hours, at):
        return False
    return not wanted.level or row.level in LEVELS[wanted.level]


def _has_notices(row: StoreRow, wanted: str) -> bool:
    return {"any": row.notices.total, "red": row.notices.red}.get(wanted, 1) > 0


def _is_due(row: StoreRow, hours: int | None, at: datetime) -> bool:
    return hours is None or (row.due is not None and row.due.at < at + timedelta(hours=hours, seconds=1))
