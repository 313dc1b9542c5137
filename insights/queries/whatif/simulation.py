"""Each metric, score and notice of a store as it would be, by day (BX-04).

Ticked orders change facts as `ticked_orders` counts them; days ahead are filled as the forecast fills them at the usual
pace (MX-14), or at the pace that was set; levels come from the one `judge`.

Assumption: the benchmark stays as it is on the last known day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from core.timebase import day_number, days_between
from insights.queries.status import PageBenchmarks
from insights.queries.whatif.notices import CurrentNotice, NoticeBook, notice_book
from insights.queries.whatif.pace import CODES, Scene, usual_of
from insights.queries.whatif.ticked_orders import Ticked, changes_of
from insights.rules.whatif import USUAL, Changes, NoticeStep, Pace, volume_of, walk_notices
from metrics.catalogue import METRICS, Calendar
from metrics.queries.days import PageDays, page_days, published_rows
from metrics.scorecards.batches import history_days
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.evaluating import judge
from metrics.scorecards.loading import load_spans
from metrics.scorecards.results import BenchmarkValue, MetricResult
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import StoreProfile, load_profiles
from rulebook.policy import MetricPolicy
from rulebook.queries import policy_at
from stores.models import Store

ORDERS_PAID = "orders_paid"
# Days of the past in the chart.
PAST_DAYS = 30
# Notices that began earlier are not judged again.
MOST_DAYS_BACK = 180


NO_TICKS = Ticked()


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed: ticked orders, a number of new orders a day (None: the usual), failures in percent of the usual
    ones, for so many days ahead (0: none; None: as many as a forecast has)."""

    ticked: Ticked = NO_TICKS
    orders_per_day: int | None = None
    failures_percent: int = 100
    ahead: int | None = None


@dataclass(frozen=True, slots=True)
class DayPair:
    """A metric on a day, as it is, or will be at the usual pace, and as it would be."""

    day: date
    as_is: MetricResult
    would: MetricResult


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """A notice that a day brings: ``kind`` issue or escalate."""

    day: date
    kind: str
    level: str


@dataclass(frozen=True, slots=True)
class NoticeStory:
    """The notices of a metric. ``current`` is the one that stands; ``kept`` the level that would stand in its place on
    the last known day, None if none would, ``kept_from`` the day on which that would have been issued; ``restated``:
    that data known today does not bring the notice even without ticks. ``as_is`` and ``would``: what the days from the
    last known one on bring."""

    current: CurrentNotice | None
    kept: str | None
    kept_from: date | None
    restated: bool
    as_is: list[NoticeDay]
    would: list[NoticeDay]


@dataclass(frozen=True, slots=True)
class MetricCourse:
    """A metric from its last known day on; ``story`` is None for metrics that issue no notices."""

    code: str
    rules: MetricPolicy
    days: list[DayPair]
    story: NoticeStory | None

    @property
    def ends(self) -> list[DayPair]:
        """The last known day and the last one ahead, where there is one."""
        return [*self.days[:1], *self.days[1:][-1:]]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Every metric, notices first. ``usual_orders``: the orders of a usual day; ``as_is`` and ``would``: the figures of
    both sides, which cover `PAST_DAYS` days before too."""

    days: PageDays
    supposed: Supposed
    ahead: int
    choices: tuple[int, ...]
    usual_orders: Fraction
    pace: Pace
    courses: Mapping[str, MetricCourse]
    as_is: StoreSpan
    would: StoreSpan


class NoUsualOrdersError(ValueError):
    """A number of orders was set for a store without any of late, so that nothing tells what they bring."""


def what_if(*, store: Store, at: datetime, supposed: Supposed, asked: date | None = None) -> WhatIf:
    """What would be. ``asked``: an earlier day, which has no days ahead: what came after it is known. Raises
    NoUsualOrdersError."""
    profile = load_profiles([store])[0]
    days = shown_days(profile, at, asked)
    choices = ahead_choices(at)
    ahead = 0 if days.chosen else choices[0] if supposed.ahead is None else supposed.ahead
    book = notice_book()
    current = book.current(store) if book else {}
    store_span = _load(store, days, ahead, current.values())
    usual_orders = usual_of(store_span, (), (ORDERS_PAID,), days.performance, Calendar.PERFORMANCE).mean
    pace = _pace(supposed, usual_orders)
    changes = changes_of(supposed.ticked)
    scene = Scene(store_span, days, ahead, at)
    as_is = scene.figures_at({}, USUAL, NO_TICKS)
    would = as_is if not changes and pace == USUAL else scene.figures_at(changes, pace, supposed.ticked)
    return WhatIf(
        days=days,
        supposed=supposed,
        ahead=ahead,
        choices=choices,
        usual_orders=usual_orders,
        pace=pace,
        courses=_courses(store, days, ahead, as_is, would, changes, book, current),
        as_is=as_is,
        would=would,
    )


def shown_days(profile: StoreProfile, at: datetime, asked: date | None) -> PageDays:
    """The last known day, or an earlier one that is asked for (``chosen``)."""
    present = page_days(profile, at)
    return page_days(profile, at, asked) if asked is not None and asked < present.performance else present


def ahead_choices(at: datetime) -> tuple[int, ...]:
    """The numbers of days ahead to choose from: as many as a forecast has, and twice as many."""
    days = policy_at(at).judging.forecast_days
    return (days, 2 * days)


def _pace(supposed: Supposed, usual_orders: Fraction) -> Pace:
    failures = Fraction(supposed.failures_percent, 100)
    if supposed.orders_per_day is None:
        return Pace(failures=failures)
    volume = volume_of(supposed.orders_per_day, usual_orders)
    if volume is None:
        raise NoUsualOrdersError
    return Pace(volume, failures)


def _load(store: Store, days: PageDays, ahead: int, current: Iterable[CurrentNotice]) -> StoreSpan:
    """The days of the past that the chart, levels and standing notices look back on, and of the days ahead."""
    first = min([days.rating - timedelta(days=PAST_DAYS - 1), *(_from_day(one, days) for one in current)])
    last = days.performance + timedelta(days=ahead)
    return load_spans([store], first - timedelta(days=history_days()), last, codes=CODES)[store.id]


def _from_day(notice: CurrentNotice, days: PageDays) -> date:
    return max(notice.since, days.rating - timedelta(days=MOST_DAYS_BACK))


def _courses(
    store: Store,
    days: PageDays,
    ahead: int,
    as_is: StoreSpan,
    would: StoreSpan,
    changes: Changes,
    book: NoticeBook | None,
    current: Mapping[str, CurrentNotice],
) -> dict[str, MetricCourse]:
    benchmarks = PageBenchmarks(days, CODES, published_rows(store.id, days))
    found = {}
    for code in CODES:
        calendar = METRICS[code].calendar
        rules = as_is.policy(days.of(calendar), calendar).metrics[code]
        benchmark = benchmarks.benchmark(as_is, code)
        first = days.of(calendar)
        pairs = [
            _pair(as_is, would, code, day, benchmark) for day in days_between(first, first + timedelta(days=ahead))
        ]
        story = None
        if book is not None and rules.issues == "notice":
            story = _story(store, book, current.get(code), pairs, _Again(as_is, would, code, changes))
        found[code] = MetricCourse(code, rules, pairs, story)
    return dict(sorted(found.items(), key=lambda item: item[1].story is None))


def _pair(as_is: StoreSpan, would: StoreSpan, code: str, day: date, benchmark: BenchmarkValue | None) -> DayPair:
    result = judge(as_is, code, day, benchmark)
    return DayPair(day, result, result if would is as_is else judge(would, code, day, benchmark))


@dataclass(frozen=True, slots=True)
class _Again:
    """Past days evaluated again for the open notice."""

    as_is: StoreSpan
    would: StoreSpan
    code: str
    changes: Changes

    def touches(self, last: date) -> bool:
        """Whether ticks change the metric on a day up to ``last``."""
        until = day_number(last)
        names = METRICS[self.code].counters & self.changes.keys()
        return any(day <= until for name in names for day in self.changes[name])

    def levels(self, first: date, last: date) -> tuple[list[str], list[str]]:
        """The levels of the days as they are and as they would be."""
        # Benchmarks act on new stores alone (PN-22).
        new = self.as_is.on(first).terms[self.code].is_new
        book = Benchmarks(first, last, codes=[self.code], kept_only=True) if new else None
        pairs = []
        for day in days_between(first, last):
            benchmark = book.of(self.as_is.store, day).get(self.code) if book else None
            pairs.append(_pair(self.as_is, self.would, self.code, day, benchmark))
        return [str(pair.as_is.level) for pair in pairs], [str(pair.would.level) for pair in pairs]


def _story(
    store: Store, book: NoticeBook, current: CurrentNotice | None, pairs: Sequence[DayPair], again: _Again
) -> NoticeStory:
    first = pairs[0].day
    if current is not None and current.day > first:
        # Of an earlier day that was asked for: it did not stand then.
        current = None
    ends, calendar = book.ends_within(store), METRICS[again.code].calendar
    kept = current.level if current else None
    kept_from = current.day if current else None
    restated = False
    if current is not None and current.since >= first - timedelta(days=MOST_DAYS_BACK) and again.touches(first):
        was, would = again.levels(current.since, first)
        steps, kept = walk_notices(would, None, book.step, ends=ends)
        kept_from = current.since + timedelta(days=steps[-1].place) if kept else None
        restated = walk_notices(was, None, book.step, ends=ends)[1] != current.level
    walked = pairs[1:] if book.is_judged(store, first, calendar) else pairs
    return NoticeStory(
        current=current,
        kept=kept,
        kept_from=kept_from,
        restated=restated,
        as_is=_days(walked, [pair.as_is for pair in walked], current.level if current else None, book, ends),
        would=_days(walked, [pair.would for pair in walked], kept, book, ends),
    )


def _days(
    pairs: Sequence[DayPair], results: Sequence[MetricResult], current: str | None, book: NoticeBook, ends: bool
) -> list[NoticeDay]:
    steps: list[NoticeStep] = walk_notices([str(result.level) for result in results], current, book.step, ends=ends)[0]
    return [NoticeDay(pairs[step.place].day, step.kind, step.level) for step in steps]
