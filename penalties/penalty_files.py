"""Penalties as files for people (IX-13)."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.pages.people_sheets import Code, Field, Sheet
from insights.presenters.figure_files import STORE
from metrics.exports.selection import Selection
from penalties.exports import ROWS_AT_ONCE, penalties_between
from penalties.models import Penalty
from penalties.presenters.words import KIND_WORDS, scope_words
from penalties.sources import source_named

FIELDS = (
    Field(pgettext_lazy("column", "Penalty"), 26),
    Field(pgettext_lazy("column", "Reaches"), 16),
    Field(pgettext_lazy("column", "Listing"), 20),
    Field(pgettext_lazy("column", "Cause"), 60),
    Field(pgettext_lazy("column", "What lifts it"), 60),
    Field(pgettext_lazy("column", "From"), 20, instant=True),
    Field(pgettext_lazy("column", "Until"), 20, instant=True),
    Field(pgettext_lazy("column", "Ended"), 20, instant=True),
    Field(pgettext_lazy("column", "How it ended"), 16),
    Field(pgettext_lazy("column", "Predicted"), 12),
)


def penalties_sheet(selection: Selection, _at: datetime) -> Sheet:
    """Penalties by store and begin, for ``export penalties`` (IX-13)."""

    def rows() -> Iterator[list[object]]:
        for store in selection.stores:
            url = reverse("penalties:penalties", args=[store.store_no])
            for row in penalties_between(store, selection).iterator(ROWS_AT_ONCE):
                row.store = store
                yield [Code(store.store_no, url), *_cells(row)]

    return Sheet(pgettext_lazy("sheet", "Penalties"), [STORE, *FIELDS], rows())


def _cells(row: Penalty) -> list[object]:
    words = source_named(row.source).words(row)
    return [
        KIND_WORDS[row.kind],
        scope_words(row.kind),
        Code(row.subject) if row.subject else None,
        words.cause,
        words.lifted_by,
        row.starts_at,
        row.ends_at,
        row.ended_at,
        row.get_ending_display(),
        _("yes") if row.predicted else _("no"),
    ]
