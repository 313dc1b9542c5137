"""What is declared of a list that people see, so that it can be taken away as a file.

An app declares its lists in its module ``list_exports``; pages, routes and jobs know them by their code::

    @list_export("refunds", page="orders:refunds", access=OfStore(Area.ORDERS))
    def refunds(asked: Asked) -> ListFile:
        …

The declaration reads the address as the list's page does, so the file holds what the page lists, all pages of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.module_loading import autodiscover_modules

from core.pages.people_sheets import Sheet
from core.sql import Composable
from exports.columns import ListColumn
from stores.models import Store
from stores.principals import Area, Principal

Found = TypeVar("Found")
# What is read from the database at once.
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class OfStore:
    """Who sees the store, and programs with a scope in the area."""

    area: Area


@dataclass(frozen=True, slots=True)
class OfPerson:
    """Everybody signed in; the list itself holds only what the person may see."""


@dataclass(frozen=True, slots=True)
class OfStaff:
    """Staff with the permission, on the pages of the desk."""

    permission: str


@dataclass(frozen=True)
class Asked:
    """Which list is asked for: by whom, with the parameters of the page's address and its further parts."""

    principal: Principal
    params: QueryDict
    at: datetime
    place: Store | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The store whose list it is."""
        if self.place is None:
            raise LookupError("this list belongs to no store")
        return self.place


@dataclass(frozen=True)
class ListFile:
    """A list as it is asked for. ``rows`` gives its rows in constant memory, ``count`` their number, ``name`` is the
    file's, without suffix. ``query``: the columns of programs as the database itself can write them; ``sheet``: the
    table of people, where it has other columns."""

    name: str
    title: Any
    columns: Sequence[ListColumn]
    rows: Callable[[], Iterable[Any]]
    count: Callable[[], int]
    query: Callable[[], Composable] | None = None
    sheet: Callable[[], Sheet] | None = None


Make = Callable[[Asked], ListFile]


@dataclass(frozen=True, slots=True)
class ListExport:
    """A list that can be taken away: ``page`` is the name of its page's route."""

    code: str
    page: str
    access: OfStore | OfPerson | OfStaff
    make: Make


_exports: dict[str, ListExport] = {}


def list_export(code: str, *, page: str, access: OfStore | OfPerson | OfStaff) -> Callable[[Make], ListExport]:
    """Declare a list under a code."""

    def declare(make: Make) -> ListExport:
        _exports[code] = ListExport(code, page, access, make)
        return _exports[code]

    return declare


def export_named(code: str) -> ListExport | None:
    """The declared list, or none. A worker loads the apps' declarations, and with them what pages read, only here."""
    if code not in _exports:
        autodiscover_modules("list_exports")
    return _exports.get(code)


def declared_exports() -> Sequence[ListExport]:
    """All lists, by code."""
    autodiscover_modules("list_exports")
    return [_exports[code] for code in sorted(_exports)]


def of_rows(name: str, title: Any, columns: Sequence[ListColumn], rows: "QuerySet[Any]", **more: Any) -> ListFile:
    """A list that is a queryset: streamed through a server-side cursor where the database has them."""
    return ListFile(name, title, columns, lambda: rows.iterator(chunk_size=ROWS_AT_ONCE), rows.count, **more)


def beside(rows: "QuerySet[Any]", look_up: Callable[[Sequence[Any]], Found]) -> Iterator[tuple[Any, Found]]:
    """Rows, each with what is known of its batch: one look-up for many rows."""
    for batch in in_batches(rows.iterator(chunk_size=ROWS_AT_ONCE)):
        found = look_up(batch)
        for row in batch:
            yield row, found


def in_batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """Rows in batches of as many as are read at once."""
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch
