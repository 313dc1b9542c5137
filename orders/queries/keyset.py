"""One page of rows by keyset, for lists that an index sorts."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet

from core.timebase import to_epoch
from orders.queries.listing import Cursor

PAGE = 50


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """The rows, and the cursors to the neighbouring pages, empty where there is none."""

    rows: list[Any] = field(default_factory=list)
    earlier: str = ""
    later: str = ""


def keyset_page(rows: QuerySet[Any], *, key: str, descending: bool, cursor: Cursor | None) -> KeysetPage:
    """The page at a cursor; ``key`` is the column of an instant that sorts, the primary key breaks ties."""
    upwards = cursor.later if cursor else not descending
    keyed = _beyond(rows.annotate(key=F(key), tie=F("pk")), cursor)
    ordered = keyed.order_by("key", "tie") if upwards else keyed.order_by("-key", "-tie")
    read = list(ordered[: PAGE + 1])
    shown, more = read[:PAGE], len(read) > PAGE
    onward = _place(shown[-1]) if more else ""
    back = _place(shown[0]) if shown and cursor else ""
    if upwards == descending:
        shown.reverse()
    return KeysetPage(shown, back if upwards else onward, onward if upwards else back)


def _beyond(rows: QuerySet[Any], cursor: Cursor | None) -> QuerySet[Any]:
    """The range of the index beyond the cursor, then the ties at its edge."""
    if cursor is None:
        return rows
    if cursor.later:
        return rows.filter(key__gte=cursor.key).filter(Q(key__gt=cursor.key) | Q(tie__gt=cursor.tie))
    return rows.filter(key__lte=cursor.key).filter(Q(key__lt=cursor.key) | Q(tie__lt=cursor.tie))


def _place(row: Any) -> str:
    return f"{to_epoch(row.key)}.{row.tie}"
