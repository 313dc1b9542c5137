"""The performance record of a store (PG-10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from core.pages import formats
from core.pages.components import Tab
from core.pages.tables import Column
from metrics import words
from metrics.models import PlatformNotice
from notifications.forms import NoticeFilter
from notifications.models import LEVELS, Notice
from notifications.presenters.parts import notice_url, plan_url, threshold_of, unit_of
from notifications.presenters.wording import figure
from notifications.queries.notices import ACTION_CLOCKS, APPEAL, MENDED, PLAN_DUE, PLAN_VERIFY, VIEW
from notifications.queries.record import RecordPage
from notifications.rules import State
from notifications.titles import title_of
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store

PART_WORDS = {
    "open": pgettext_lazy("notices", "Open"),
    "record": gettext_lazy("Performance record"),
    "predicted": pgettext_lazy("notices", "Predicted"),
    "historical": pgettext_lazy("notices", "Historical"),
}


CLOCK_WORDS = {
    VIEW: gettext_lazy("open it"),
    APPEAL: gettext_lazy("appeal"),
    PLAN_DUE: gettext_lazy("hand in the plan"),
    PLAN_VERIFY: gettext_lazy("the plan is verified"),
    MENDED: gettext_lazy("rectified if nothing changes"),
}


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice of the record; ``ended``: since when its metric is within its thresholds again; ``due``: its next
    deadline, with ``action``: what it is for, with its page if it has one, and ``calm``: nobody has to act;
    ``platform``: what the platform issued beside a predicted notice; ``record_url``: where that is recorded, empty for
    whoever may not."""

    notice: Notice
    url: str
    metric: str
    value: str
    line: str
    predicted: bool
    ended: str
    responsible: str
    due: datetime | None
    action: str
    action_url: str
    calm: bool
    platform: list[str]
    record_url: str


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


def record_list_of(
    request: StoreRequest, form: NoticeFilter, part: str, found: RecordPage, now: datetime, *, may_record: bool
) -> RecordList:
    """The performance record of the request's store, one part of it."""
    store_no, page = request.store.store_no, found.page
    return RecordList(
        nav=nav(request, current="notices"),
        store=request.store,
        now=now,
        form=form,
        part=part,
        has_predicted=any(notice.state == State.PREDICTED for notice in page),
        tabs=[
            Tab(str(label), _part_address(request, form, name), current=name == part, count=found.counts[name])
            for name, label in PART_WORDS.items()
        ],
        columns=_columns(),
        rows=[list_row(notice, store_no, found, may_record=may_record) for notice in page],
        page=page,
        clear_url=f"{request.path}?part={part}",
    )


def _part_address(request: StoreRequest, form: NoticeFilter, part: str) -> str:
    """Another part by the same filters; states are each part's own."""
    kept = {name: request.GET.get(name) for name in form.fields if name not in ("part", "state")}
    return f"{request.path}?{urlencode({'part': part} | {name: value for name, value in kept.items() if value})}"


def _columns() -> list[Column]:
    return [
        Column("number", _("Number")),
        Column("level", _("Level")),
        Column("metric", _("Metric")),
        Column("deadline", _("Deadline")),
        Column("trigger", _("Trigger")),
        Column("value", _("Value"), figure=True),
        Column("opened", pgettext("notice", "Opened")),
        Column("responsible", _("Responsible")),
        Column("state", _("State")),
    ]


def list_row(notice: Notice, store_no: str, found: RecordPage, *, may_record: bool) -> NoticeRow:
    """A notice as the record lists it."""
    deadline = found.deadlines.get(notice.number)
    predicted = notice.state == State.PREDICTED
    return NoticeRow(
        notice=notice,
        url=notice_url(notice, store_no),
        metric=str(title_of(notice.metric)),
        value=figure(notice.value, unit_of(notice), threshold_of(notice)),
        line=words.threshold_text(threshold_of(notice), unit_of(notice)),
        predicted=predicted,
        ended=_ended(notice),
        responsible=str(notice.assignee or ""),
        due=deadline.due_at if deadline else None,
        action=str(CLOCK_WORDS[deadline.kind]) if deadline else "",
        action_url=plan_url(notice, store_no) if notice.state == State.PLAN else "",
        calm=deadline is not None and deadline.kind not in ACTION_CLOCKS,
        platform=[platform_text(one) for one in found.platform.get(notice.pk, ())],
        record_url=record_url(notice, store_no) if predicted and may_record else "",
    )


def platform_text(notice: PlatformNotice) -> str:
    """The platform's own notice in a line; its level is in the platform's words unless they are ours."""
    words = {
        "number": notice.number,
        "level": dict(LEVELS).get(notice.level, notice.level),
        "at": formats.instant(notice.triggered_at, get_current_timezone()),
    }
    return _("The platform: %(number)s, %(level)s, %(at)s") % words


def record_url(notice: Notice, store_no: str) -> str:
    """Where the platform's own notice is recorded beside a predicted one."""
    asked = urlencode({"metric": notice.metric, "level": notice.level})
    return f"{reverse('dashboard:platform_entry', args=[store_no])}?{asked}"


def _ended(notice: Notice) -> str:
    """Since when a notice that nothing follows from stands no more; empty for others and while it stands."""
    if not notice.is_apart or notice.ended_day is None:
        return ""
    return _("ended %(day)s") % {"day": formats.day(notice.ended_day)}
