"""The performance record of a store (PG-10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.pages import formats
from core.pages.components import Tab
from core.pages.downloads import file_links
from core.pages.tables import Column
from metrics import words
from metrics.catalogue import METRICS
from notifications.forms import NoticeFilter
from notifications.models import Notice
from notifications.presenters.parts import notice_url, threshold_of, unit_of
from notifications.presenters.wording import figure
from notifications.queries.record import RecordPage
from notifications.rules import State
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store

PART_WORDS = {
    "open": pgettext_lazy("notices", "Open"),
    "record": gettext_lazy("Performance record"),
    "predicted": pgettext_lazy("notices", "Predicted"),
    "historical": pgettext_lazy("notices", "Historical"),
}


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice of the record; ``ended``: since when its metric is within its thresholds again."""

    notice: Notice
    url: str
    metric: str
    value: str
    line: str
    predicted: bool
    ended: str


@dataclass(frozen=True, slots=True)
class RecordList:
    """What templates/notifications/list.html reads."""

    nav: dict[str, Any]
    store: Store
    now: datetime
    form: NoticeFilter
    part: str
    has_predicted: bool
    tabs: list[Tab]
    columns: list[Column]
    rows: list[NoticeRow]
    page: Page[Notice]
    clear_url: str
    files: list[dict[str, str]]


def record_list_of(
    request: StoreRequest, form: NoticeFilter, part: str, found: RecordPage, now: datetime
) -> RecordList:
    """The performance record of the request's store, one part of it."""
    store_no, page = request.store.store_no, found.page
    asked = request.GET.copy()
    asked.pop("page", None)
    return RecordList(
        nav=nav(request, current="notices", open_notices=found.counts["open"]),
        store=request.store,
        now=now,
        form=form,
        part=part,
        has_predicted=any(notice.state == State.PREDICTED for notice in page),
        tabs=[
            Tab(str(label), f"{request.path}?part={name}", current=name == part, count=found.counts[name])
            for name, label in PART_WORDS.items()
        ],
        columns=_columns(),
        rows=[list_row(notice, store_no) for notice in page],
        page=page,
        clear_url=f"{request.path}?part={part}",
        files=file_links(lambda suffix: reverse(f"notifications:list_{suffix}", args=[store_no]), asked.dict()),
    )


def _columns() -> list[Column]:
    return [
        Column("number", _("Number")),
        Column("level", _("Level")),
        Column("metric", _("Metric")),
        Column("trigger", _("Trigger")),
        Column("value", _("Value"), figure=True),
        Column("opened", pgettext("notice", "Opened")),
        Column("state", _("State")),
    ]


def list_row(notice: Notice, store_no: str) -> NoticeRow:
    """A notice as the record lists it."""
    return NoticeRow(
        notice=notice,
        url=notice_url(notice, store_no),
        metric=str(METRICS[notice.metric].title),
        value=figure(notice.value, unit_of(notice), threshold_of(notice)),
        line=words.threshold_text(threshold_of(notice), unit_of(notice)),
        predicted=notice.state == State.PREDICTED,
        ended=_ended(notice),
    )


def _ended(notice: Notice) -> str:
    """Since when a notice that nothing follows from stands no more; empty for others and while it stands."""
    if not notice.is_apart or notice.ended_day is None:
        return ""
    return _("ended %(day)s") % {"day": formats.day(notice.ended_day)}
