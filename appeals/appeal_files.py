"""Appeals as a file for people (IX-13)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from appeals.exports import ROWS_AT_ONCE, appeals_begun
from core.pages.people_sheets import Code, Field, Sheet
from insights.presenters.figure_files import STORE
from metrics.exports.selection import Selection
from notifications.titles import title_of

FIELDS = (
    Field(pgettext_lazy("column", "Appeal"), 22),
    Field(pgettext_lazy("column", "Against"), 20),
    Field(pgettext_lazy("column", "Subject"), 22),
    Field(pgettext_lazy("column", "State"), 16),
    Field(pgettext_lazy("column", "Begun"), 20, instant=True),
    Field(pgettext_lazy("column", "Submitted"), 20, instant=True),
    Field(pgettext_lazy("column", "Expedited"), 10),
    Field(pgettext_lazy("column", "Orders of the appeal"), 10),
    Field(pgettext_lazy("column", "Accepted orders"), 10),
    Field(pgettext_lazy("column", "Rejected orders"), 10),
    Field(pgettext_lazy("column", "Files"), 8),
    Field(pgettext_lazy("column", "Decided"), 20, instant=True),
)


def appeals_sheet(selection: Selection, _at: datetime) -> Sheet:
    """Appeals by store and number, for ``export appeals``."""

    def rows() -> Iterator[list[object]]:
        for store in selection.stores:
            for appeal in appeals_begun(store, selection).iterator(ROWS_AT_ONCE):
                yield [Code(store.store_no), *_cells(appeal, store.store_no)]

    return Sheet(pgettext_lazy("sheet", "Appeals"), [STORE, *FIELDS], rows())


def _cells(appeal: Any, store_no: str) -> list[object]:
    return [
        Code(appeal.number, reverse("appeals:appeal", args=[store_no, appeal.number])),
        title_of(appeal.notice.metric) if appeal.notice else appeal.get_kind_display(),
        Code(appeal.subject_key),
        appeal.get_state_display(),
        appeal.created_at,
        appeal.submitted_at,
        appeal.expedited,
        appeal.named,
        appeal.accepted,
        appeal.rejected,
        appeal.attached,
        appeal.decided_at,
    ]
