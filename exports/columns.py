"""Columns of lists: what programs read under a name that never changes, and what people read under a heading.

A column takes its value from a row of the list, whatever that is: a model's instance, a tuple, a dataclass::

    code("order_no", pgettext_lazy("column", "Order number"), width=22, link=lambda row: order_url(row.order_no)),
    instant("paid_at", pgettext_lazy("column", "Paid")),
    word("state", pgettext_lazy("column", "Order state"), STATES),
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter, itemgetter
from typing import Any

from django.db.models import Model
from django.utils.functional import lazy
from django.utils.text import capfirst

from core.pages.people_sheets import Amount, Code, Share

Get = Callable[[Any], Any]
# Places of decimals in Parquet: as many as any stored decimal or exported figure has.
PLACES = 10


class ColumnType(StrEnum):
    """The type of a column's values for programs; people may be shown a word, an amount or a share in its place."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    TRUTH = "truth"
    INSTANT = "instant"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class ListColumn:
    """``value`` is what programs read, of the column's type or None; ``shown`` what people read, in the reader's
    language."""

    name: str
    heading: Any
    type: ColumnType
    value: Get
    shown: Get
    width: int = 14


def label(model: type[Model], name: str) -> Any:
    """The heading that a column of the database gives itself."""
    field: Any = model._meta.get_field(name)
    return _capital(field.verbose_name)


def _capitalised(words: object) -> str:
    return capfirst(str(words))


_capital: Any = lazy(_capitalised, str)


def _column(kind: ColumnType, width: int) -> Callable[..., ListColumn]:
    def make(
        name: str, heading: Any, value: Get | None = None, *, shown: Get | None = None, width: int = width
    ) -> ListColumn:
        get = value or attrgetter(name)
        return ListColumn(name, heading, kind, get, shown or get, width)

    return make


text = _column(ColumnType.TEXT, 24)
whole = _column(ColumnType.WHOLE, 10)
decimal = _column(ColumnType.DECIMAL, 14)
truth = _column(ColumnType.TRUTH, 10)
instant = _column(ColumnType.INSTANT, 20)
day = _column(ColumnType.DAY, 12)


def code(name: str, heading: Any, value: Get | None = None, *, link: Get | None = None, width: int = 20) -> ListColumn:
    """An identifier, always text; ``link``: the path on this site that it leads to, or empty."""
    get = value or attrgetter(name)

    def shown(row: Any) -> Code | None:
        number = get(row)
        return Code(number, link(row) if link else "") if number else None

    return ListColumn(name, heading, ColumnType.TEXT, get, shown, width)


def word(
    name: str, heading: Any, words: Mapping[Any, Any] | Get, value: Get | None = None, *, width: int = 16
) -> ListColumn:
    """A code that people read as a word; one without a word stays as it is."""
    get = value or attrgetter(name)
    look_up = words if callable(words) else lambda given: words.get(given, given)

    def shown(row: Any) -> str | None:
        given = get(row)
        return None if given is None or given == "" else str(look_up(given))

    return ListColumn(name, heading, ColumnType.TEXT, get, shown, width)


def amount(
    name: str, heading: Any, value: Get | None = None, *, currency: Get | None = None, width: int = 14
) -> ListColumn:
    """Money; ``currency``: of the row, else US dollars."""
    get = value or attrgetter(name)

    def shown(row: Any) -> Amount | None:
        found = get(row)
        return None if found is None else Amount(found, currency(row) if currency else "USD")

    return ListColumn(name, heading, ColumnType.DECIMAL, get, shown, width)


def share(name: str, heading: Any, value: Get | None = None, *, width: int = 12) -> ListColumn:
    """A share between 0 and 1, for people as percent."""
    get = value or attrgetter(name)

    def shown(row: Any) -> Share | None:
        found = get(row)
        return None if found is None else Share(found)

    return ListColumn(name, heading, ColumnType.DECIMAL, get, shown, width)


def cell_columns(names: Sequence[str], types: Mapping[str, ColumnType]) -> list[ListColumn]:
    """Columns of rows that are cells in this order, for programs; those without a type are text. People are given a
    table of their own (`ListFile.sheet`)."""
    return [
        ListColumn(name, name, types.get(name, ColumnType.TEXT), itemgetter(place), itemgetter(place))
        for place, name in enumerate(names)
    ]
