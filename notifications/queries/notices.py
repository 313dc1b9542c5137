"""Notices of a store: finding, filtering and counting them, their problem orders, and the metric's current value."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404

from core.models import Deadline
from core.pages.formats import told_apart
from insights.queries.status import MetricStatus, PageBenchmarks, load_span, status_of
from metrics.catalogue import METRICS
from metrics.models import Published
from metrics.queries.days import page_days, published_rows
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import load_profiles
from notifications.models import JudgedDay, Notice, NoticeOrder
from notifications.rules import APART_STATES, OPEN_STATES, NoticeLevel, State, is_within
from notifications.titles import figures_of
from rulebook.queries import policy_at
from stores.models import Carrier, Category, Store

# What stands in a store: open notices, and of a mirrored one those that the platform is expected to issue until a day
# within bounds (PN-33, DM-11a).
STANDING = Q(state__in=OPEN_STATES) | Q(state=State.PREDICTED, ended_day=None)


@dataclass(frozen=True, slots=True)
class OpenNotices:
    """How many notices are open in a store; ``predicted``: how many of them the platform has yet to issue (DM-11a)."""

    red: int = 0
    yellow: int = 0
    predicted: int = 0

    @property
    def total(self) -> int:
        return self.red + self.yellow


@dataclass(frozen=True, slots=True)
class RecordPart:
    """A part of the performance record: which notices, and which states occur among them."""

    which: Q
    states: frozenset[State]


# What stands now, what acts or acted, and what is shown apart (PG-10, PN-33).
PARTS = {
    "open": RecordPart(STANDING, OPEN_STATES | {State.PREDICTED}),
    "record": RecordPart(~Q(state__in=APART_STATES), frozenset(State) - APART_STATES),
    "predicted": RecordPart(Q(state=State.PREDICTED), frozenset({State.PREDICTED})),
    "historical": RecordPart(Q(state=State.HISTORICAL), frozenset({State.HISTORICAL})),
}
DEFAULT_PART = "open"
ORDER_FILTERS = ("carrier", "site", "category")
SUBJECT = "notice"
VIEW = "notice_view"
APPEAL = "notice_appeal"
PLAN_DUE = "plan_due"
# The day of a measure; its deadlines are about the notice's number, the kind and the place.
MEASURE_DUE = "measure_due"
PLAN_VERIFY = "plan_verify"
# When a copyright notice is rectified if nothing changes (PN-24).
MENDED = "notice_mended"
CLOCKS = (VIEW, APPEAL, PLAN_DUE, PLAN_VERIFY, MENDED)
# Those that wait for the seller; a plan's verification doesn't.
ACTION_CLOCKS = (VIEW, APPEAL, PLAN_DUE)

Orders = QuerySet[NoticeOrder]


@dataclass(frozen=True, slots=True)
class NoticeQuery:
    """Which notices of a store: of a part (a key of `PARTS`), with ``exact`` values of columns, on performance days
    from ``first`` to ``last``."""

    store: Store
    part: str = DEFAULT_PART
    exact: Mapping[str, str] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None


def find_notices(query: NoticeQuery) -> QuerySet[Notice]:
    """Newest first."""
    return _narrowed(query, query.exact).filter(PARTS[query.part].which).order_by("-day", "-id")


def count_parts(query: NoticeQuery) -> dict[str, int]:
    """How many notices of each part pass the filters; a state is one of the parts in which it occurs alone."""
    exact = {name: value for name, value in query.exact.items() if name != "state"}
    counts = {name: Count("id", filter=part.which) for name, part in PARTS.items()}
    return _narrowed(query, exact).aggregate(**counts)


def _narrowed(query: NoticeQuery, exact: Mapping[str, str]) -> QuerySet[Notice]:
    rows = Notice.objects.filter(store=query.store, **exact)
    if query.first:
        rows = rows.filter(day__gte=query.first)
    if query.last:
        rows = rows.filter(day__lte=query.last)
    return rows


def open_notices(store: Store) -> QuerySet[Notice]:
    """Open notices, red ones first."""
    return Notice.objects.filter(store=store, state__in=OPEN_STATES).order_by("level", "triggered_at", "id")


def active_notices(store: Store) -> QuerySet[Notice]:
    """Open notices, predicted ones too, red ones first."""
    return Notice.objects.filter(STANDING, store=store).order_by("level", "triggered_at", "id")


def open_notices_of(store_ids: Collection[int]) -> dict[tuple[int, str], list[Notice]]:
    """Those that stand in stores, by store and metric: one at most."""
    rows = Notice.objects.filter(store_id__in=store_ids, state__in=OPEN_STATES)
    return {(notice.store_id, notice.metric): [notice] for notice in rows}


def active_counts(store_ids: Collection[int]) -> dict[int, OpenNotices]:
    """How many notices are open in each store that has any, and how many of them are predicted."""
    rows = Notice.objects.filter(STANDING, store_id__in=store_ids).order_by().values_list("store_id")
    counted = rows.annotate(
        red=Count("id", filter=Q(level=NoticeLevel.RED)),
        yellow=Count("id", filter=Q(level=NoticeLevel.YELLOW)),
        predicted=Count("id", filter=Q(state=State.PREDICTED)),
    )
    return {store_id: OpenNotices(red, yellow, predicted) for store_id, red, yellow, predicted in counted}


def notices_between(store: Store, metric: str, first: date, last: date) -> list[Notice]:
    """Those of a metric on performance days ``first`` … ``last``, in whatever state, oldest first."""
    return list(Notice.objects.filter(store=store, metric=metric, day__gte=first, day__lte=last).order_by("day", "id"))


def notice_of(store: Store, number: str) -> Notice:
    """The store's notice of this number; Http404 as for a store that isn't there (RL-08)."""
    found = find_notice(store, number)
    if found is None:
        raise Http404
    return found


def find_notice(store: Store, number: str) -> Notice | None:
    """The store's notice of this number, if there is one."""
    # PostgreSQL refuses text with NUL as an error of the query.
    rows = Notice.objects.select_related("replaces", "opened_by", "assignee").filter(store=store)
    found = None if "\x00" in number else rows.filter(number=number).first()
    if found is not None:
        found.store = store
    return found


def numbered_notices(numbers: Collection[str]) -> dict[str, Notice]:
    """Notices by their numbers, whatever the store, with stores and companies."""
    rows = Notice.objects.select_related("store__company").filter(number__in=numbers)
    return {notice.number: notice for notice in rows}


def active_records(store_ids: Collection[int], day: date) -> dict[tuple[int, str], list[Notice]]:
    """Historical and predicted notices up to a day that no day within bounds has ended, by store and metric."""
    rows = Notice.objects.filter(store_id__in=store_ids, state__in=APART_STATES, ended_day=None, day__lte=day)
    found: dict[tuple[int, str], list[Notice]] = {}
    for notice in rows.order_by("day", "id"):
        found.setdefault((notice.store_id, notice.metric), []).append(notice)
    return found


def days_within(notice: Notice, until: date, most: int) -> dict[date, bool]:
    """The judged days of a notice's metric after its own, at most so many before ``until``, and whether each was within
    its threshold (PN-33)."""
    calendar = METRICS[notice.metric].calendar
    first = max(notice.day + timedelta(days=1), until - timedelta(days=most))
    judged = JudgedDay.objects.filter(store=OuterRef("store_id"), day=OuterRef("day"), calendar=calendar)
    rows = Published.objects.filter(Exists(judged), store_id=notice.store_id, calendar=calendar, day__gte=first)
    level = NoticeLevel(notice.level)
    return {day: is_within(level, card.get(notice.metric, {})) for day, card in rows.values_list("day", "scorecard")}


def deadlines_of(store: Store, numbers: Collection[str]) -> dict[str, dict[str, Deadline]]:
    """The deadlines of notices: number → kind → deadline."""
    found: dict[str, dict[str, Deadline]] = {number: {} for number in numbers}
    rows = Deadline.objects.filter(store_id=store.pk, subject_kind=SUBJECT, subject_key__in=found, kind__in=CLOCKS)
    for deadline in rows.order_by("id"):
        found[deadline.subject_key][deadline.kind] = deadline
    return found


def appeal_window_end(notice: Notice) -> datetime:
    """The last second at which a notice can be appealed (PN-08)."""
    return notice.triggered_at + timedelta(days=policy_at(notice.triggered_at).appeals.window_days)


def orders_of(notice: Notice, *, exact: Mapping[str, str], first: date | None, last: date | None) -> Orders:
    """The problem orders of the snapshot, newest first."""
    rows = NoticeOrder.objects.filter(notice=notice, **exact)
    if first:
        rows = rows.filter(day__gte=first)
    if last:
        rows = rows.filter(day__lte=last)
    return rows.order_by("place")


def occurring(notice: Notice) -> dict[str, list[tuple[str, str]]]:
    """The failures, reasons, carriers, sites and categories of the snapshot, as choices with their names."""
    columns = ("counter", "reason", *ORDER_FILTERS)
    rows: list[Any] = list(NoticeOrder.objects.filter(notice=notice).order_by().values_list(*columns).distinct())
    values = {name: {row[place] for row in rows} - {""} for place, name in enumerate(columns)}
    names = {
        "carrier": dict(Carrier.objects.filter(pk__in=values["carrier"]).values_list("code", "name")),
        "category": dict(Category.objects.filter(pk__in=values["category"]).values_list("code", "name")),
    }
    return {
        name: told_apart((value, names.get(name, {}).get(value, value)) for value in found)
        for name, found in values.items()
    }


def present_figures(notice: Notice, at: datetime) -> tuple[MetricStatus, StoreSpan]:
    """The notice's metric, or the one beside it, on the last known day, and the figures that it comes from."""
    metric = figures_of(notice.metric)
    profile = load_profiles([notice.store])[0]
    days = page_days(profile, at)
    published = published_rows(notice.store_id, days)
    store_span = load_span(notice.store, days, 1, [metric], profile=profile)
    benchmarks = PageBenchmarks(days, [metric], published, store=profile)
    return status_of(store_span, metric, days, benchmarks, published), store_span
