"""Pages of lists by cursor (IX-22): each goes on after the last row of the one before, whatever is added meanwhile."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import orjson
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field

from api.problems import FieldError, ProblemError

MOST = 200

Limit = Annotated[int, Query(50, ge=1, le=MOST, description="Items on a page, at most")]
Cursor = Annotated[
    str,
    Query("", max_length=400, description="`next_cursor` of the page before; empty for the first page"),
]


class Page(Schema):
    """A page of a list; each list adds its ``items``."""

    next_cursor: str | None = Field(description="For the next page; null on the last one")


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: a column and, among equal ones, the primary key. ``read``: the column's value from its
    text in a cursor; without it the primary key alone sorts."""

    descending: bool = True
    column: str = ""
    read: Callable[[str], Any] | None = None

    def keys(self) -> list[str]:
        """The columns as `order_by` takes them."""
        sign = "-" if self.descending else ""
        return [f"{sign}{name}" for name in (self.column, "pk") if name]


NEWEST_FIRST = Order()


def instant(text: str) -> datetime:
    """An instant from a cursor; raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant without an offset")
    return found


def page_of(
    rows: QuerySet[Any], *, order: Order = NEWEST_FIRST, cursor: str, limit: int
) -> tuple[list[Any], str | None]:
    """The rows of a page, and the cursor of the next one. Raises ProblemError for what is no cursor of this list."""
    found = list(_after(rows, order, cursor).order_by(*order.keys())[: limit + 1])
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    value = [getattr(last, order.column).isoformat()] if order.column else []
    return found[:limit], write_cursor([*value, last.pk])


def _after(rows: QuerySet[Any], order: Order, cursor: str) -> QuerySet[Any]:
    if not cursor:
        return rows
    beyond = "lt" if order.descending else "gt"
    if order.read is None:
        (pk,) = read_cursor(cursor, int)
        return rows.filter(**{f"pk__{beyond}": pk})
    value, pk = read_cursor(cursor, order.read, int)
    name = order.column
    return rows.filter(Q(**{f"{name}__{beyond}": value}) | Q(**{name: value, f"pk__{beyond}": pk}))


def write_cursor(values: Sequence[Any]) -> str:
    """Values as an opaque text."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def read_cursor(text: str, *readers: Callable[[Any], Any]) -> list[Any]:
    """The values in a cursor. Raises ProblemError for anything else."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
        return [_read(reader, value) for reader, value in zip(readers, values, strict=True)]
    except (ValueError, TypeError, binascii.Error):
        raise invalid("cursor", _("Take next_cursor of the page before as it is.")) from None


def _read(reader: Callable[[Any], Any], value: Any) -> Any:
    if reader is int and type(value) is int and 0 < value < 2**63:
        return value
    if reader is int or not isinstance(value, str):
        raise ValueError("not a value of this cursor")
    return reader(value)


def invalid(parameter: str, detail: str) -> ProblemError:
    """A query parameter that can't be used."""
    return ProblemError("invalid", errors=[FieldError(detail, parameter=parameter)])
