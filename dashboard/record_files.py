"""The performance record as tables, each notice with the penalties that it brought (PN-13)."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.pages.people_sheets import Code, Field, Sheet
from insights.presenters.figure_files import STORE
from metrics.exports.selection import Selection
from notifications.exports import RECORD_COLUMNS, record_row
from notifications.models import Notice
from notifications.notice_files import RECORD_FIELDS, record_cells
from notifications.queries.record import with_history
from penalties.presenters.words import KIND_WORDS
from penalties.queries.penalties import kinds_by_notice
from stores.models import Store

ROWS_AT_ONCE = 1_000
COLUMNS = (*RECORD_COLUMNS, "penalties")
FIELDS = (*RECORD_FIELDS, Field(pgettext_lazy("column", "Penalties"), 40))
Found = tuple[Any, list[str]]


def record_rows(store: Store, notices: QuerySet[Notice]) -> Iterator[tuple[Any, ...]]:
    """The performance record as its page lists it, under `COLUMNS`."""
    for notice, kinds in _with_penalties(store, notices):
        yield (*record_row(notice), " ".join(kinds) or None)


def record_sheet(store: Store, notices: QuerySet[Notice]) -> Sheet:
    """The same for people."""
    return Sheet(pgettext_lazy("sheet", "Notices"), FIELDS, _cells(store, notices))


def notices_sheet(selection: Selection, _at: datetime) -> Sheet:
    """Notices by store, performance day and number, for ``export notices`` (IX-13)."""

    def rows() -> Iterator[list[object]]:
        for store in selection.stores:
            notices = Notice.objects.filter(store=store, day__gte=selection.first, day__lte=selection.last)
            for cells in _cells(store, notices.order_by("day", "id")):
                yield [Code(store.store_no), *cells]

    return Sheet(pgettext_lazy("sheet", "Notices"), [STORE, *FIELDS], rows())


def _cells(store: Store, notices: QuerySet[Notice]) -> Iterator[list[object]]:
    for notice, kinds in _with_penalties(store, notices):
        words = _(", ").join(str(KIND_WORDS[kind]) for kind in kinds)
        yield [*record_cells(notice, store.store_no), words or None]


def _with_penalties(store: Store, notices: QuerySet[Notice]) -> Iterator[Found]:
    rows = with_history(notices).iterator(ROWS_AT_ONCE)
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        kinds = kinds_by_notice(store, [notice.number for notice in chunk])
        for notice in chunk:
            yield notice, kinds.get(notice.number, [])
