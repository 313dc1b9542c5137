"""The performance record of a store, page by page (PG-10, PN-13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, Value, When

from core.models import Deadline
from metrics.models import PlatformNotice
from metrics.rules.days import day_end
from notifications.models import ImprovementPlan, Notice
from notifications.queries.notices import (
    ACTION_CLOCKS,
    DEFAULT_PART,
    SUBJECT,
    NoticeQuery,
    count_parts,
    deadlines_of,
    find_notices,
)
from notifications.rules import NoticeLevel, State
from notifications.titles import calendar_of
from stores.models import Store

NOTICES_A_PAGE = 50
SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of a part of the record, and how many notices of each part the filters leave; ``deadlines``: of each
    number its open one that comes first; ``platform``: what the platform issued, by the id of the predicted notice."""

    page: Page[Notice]
    counts: Mapping[str, int]
    deadlines: Mapping[str, Deadline]
    platform: Mapping[int, Sequence[PlatformNotice]]


def record_page(query: NoticeQuery, page: str | None, at: datetime) -> RecordPage:
    """The page of this number: what is open by urgency, all else newest first."""
    notices = with_history(find_notices(query))
    if query.part == DEFAULT_PART:
        notices = urgent_first(notices, at)
    shown = Paginator(notices, NOTICES_A_PAGE).get_page(page)
    return RecordPage(
        page=shown,
        counts=count_parts(query) | {query.part: shown.paginator.count},
        deadlines=_next_deadlines(query, [notice.number for notice in shown]),
        platform=platform_notices(query.store, shown),
    )


def with_history(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Notices with the people of their history, and whether they have a plan (``has_plan``)."""
    plans = ImprovementPlan.objects.filter(notice=OuterRef("pk"))
    return notices.select_related("opened_by", "assignee").annotate(has_plan=Exists(plans))


def urgent_first(notices: QuerySet[Notice], at: datetime) -> QuerySet[Notice]:
    """Overdue, due within a day, red ones, the rest; within each group what is due first, and without a deadline what
    was triggered first."""
    clocks = Deadline.objects.filter(
        store_id=OuterRef("store_id"),
        subject_kind=SUBJECT,
        subject_key=OuterRef("number"),
        kind__in=ACTION_CLOCKS,
        state=Deadline.State.OPEN,
    )
    urgency = Case(
        When(next_due__lt=at, then=Value(0)),
        When(next_due__lte=at + SOON, then=Value(1)),
        When(level=NoticeLevel.RED, then=Value(2)),
        default=Value(3),
    )
    due = notices.annotate(next_due=Subquery(clocks.order_by("due_at").values("due_at")[:1]))
    return due.annotate(urgency=urgency).order_by("urgency", F("next_due").asc(nulls_last=True), "triggered_at", "id")


def platform_notices(store: Store, notices: Iterable[Notice]) -> dict[int, list[PlatformNotice]]:
    """What the platform itself issued about the metric of each predicted notice while that stood, by the notice's id,
    oldest first (IX-08)."""
    predicted = [notice for notice in notices if notice.state == State.PREDICTED]
    if not predicted:
        return {}
    rows = PlatformNotice.objects.filter(store=store, metric__in={notice.metric for notice in predicted})
    known = list(rows.order_by("triggered_at", "number"))
    return {
        notice.pk: [one for one in known if one.metric == notice.metric and _stood(notice, one.triggered_at)]
        for notice in predicted
    }


def _stood(notice: Notice, at: datetime) -> bool:
    """Whether a predicted notice stood at an instant: from its day on, until the end of the day that ended it."""
    calendar = calendar_of(notice.metric)
    ended = notice.ended_day is not None and at >= day_end(notice.ended_day, calendar)
    return at >= day_end(notice.day - timedelta(days=1), calendar) and not ended


def _next_deadlines(query: NoticeQuery, numbers: Sequence[str]) -> dict[str, Deadline]:
    running = {
        number: [deadline for deadline in kinds.values() if deadline.state == Deadline.State.OPEN]
        for number, kinds in deadlines_of(query.store, numbers).items()
    }
    return {number: min(found, key=lambda one: one.due_at) for number, found in running.items() if found}
