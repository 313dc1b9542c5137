"""Each metric, score and notice of a store as it would be, by day (BX-04).

Ticked orders change facts as `metrics.queries.whatif_orders` counts them; days ahead are filled as the forecast fills
them at the usual pace (MX-14), or at the pace that was set; levels come from the one `judge`.

Assumptions: the usual pace is that of what really happened, ticked orders included; every counter goes at the set
volume from the first day ahead on; destinations and the benchmark stay as they are on the last known day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import cast

from metrics.catalogue import DIMENSIONS, METRICS, OWN_WORK, Calendar, Kind
from metrics.figures.batches import history_days
from metrics.figures.benchmarks import BenchmarkBook
from metrics.figures.cards import Card, Mark, judge
from metrics.figures.loading import load_contexts, load_figures, with_parts
from metrics.figures.store import Figures
from metrics.figures.totals import Totals
from metrics.queries.days import PageDays, page_days, published_rows
from metrics.queries.forecast import MARKS, STAR_PARTS, Lost, lost_work
from metrics.queries.panel import COMPOSITES, WATCHED
from metrics.queries.standing import Bench
from metrics.queries.whatif_notices import NoticeBook, StandingNotice, notice_book
from metrics.queries.whatif_orders import Ticked, changes_of
from metrics.rules.days import day_end
from metrics.rules.forecast import Ahead, Course, Usual, entering, entering_marks
from metrics.rules.rating import STARS
from metrics.rules.whatif import (
    LEAST_STARS,
    USUAL,
    Changes,
    NoticeStep,
    Number,
    Pace,
    Steps,
    both,
    failing_at,
    good_at,
    volume_of,
    walk_notices,
)
from rulebook.policy import MetricPolicy
from rulebook.queries import policies
from rulebook.timebase import day_number, days_between
from stores.models import Store

CODES = (*WATCHED, "dsr", *DIMENSIONS, *COMPOSITES)
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
    as_is: Card
    would: Card


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """A notice that a day brings: ``kind`` issue or escalate."""

    day: date
    kind: str
    level: str


@dataclass(frozen=True, slots=True)
class NoticeStory:
    """The notices of a metric. ``standing`` is the one that stands; ``kept`` the level that would stand in its place on
    the last known day, None if none would; ``restated``: that data known today does not bring it even without ticks.
    ``as_is`` and ``would``: what the days from the last known one on bring."""

    standing: StandingNotice | None
    kept: str | None
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
    as_is: Figures
    would: Figures


class NoUsualOrdersError(ValueError):
    """A number of orders was set for a store without any of late, so that nothing tells what they bring."""


class SupposedTotals:
    """Sums of counters with changes laid over them; destinations stay as on ``last``."""

    def __init__(self, base: Totals, changes: Changes, last: date) -> None:
        self._base = base
        self._steps = {name: Steps(by_day) for name, by_day in changes.items()}
        self._last = last

    def total(self, counter: str, day: date, days: int) -> int:
        """As the figures' own totals; of days ahead an exact fraction, which all arithmetic of figures takes."""
        sum_ = self._base.total(counter, day, days)
        steps = self._steps.get(counter)
        if steps is None:
            return sum_
        last = day_number(day)
        return cast(int, sum_ + steps.between(last - days + 1, last))

    def shipped_by_site(self, day: date, days: int) -> Mapping[str, int]:
        return self._base.shipped_by_site(min(day, self._last), days)


def what_if(*, store: Store, at: datetime, supposed: Supposed, asked: date | None = None) -> WhatIf:
    """What would be. ``asked``: an earlier day, which has no days ahead: what came after it is known. Raises
    NoUsualOrdersError."""
    context = load_contexts([store])[0]
    present = page_days(context, at)
    days = page_days(context, at, asked) if asked is not None and asked < present.performance else present
    rules = context.policy_on(days.performance, Calendar.PERFORMANCE).judging
    choices = (rules.forecast_days, 2 * rules.forecast_days)
    ahead = (choices[0] if supposed.ahead is None else supposed.ahead) if days is present else 0
    book = notice_book()
    standing = book.standing(store) if book else {}
    figures = _load(store, days, ahead, standing.values())
    usual_orders = usual_of(figures, (), (ORDERS_PAID,), days.performance, Calendar.PERFORMANCE).mean
    pace = _pace(supposed, usual_orders)
    changes = changes_of(supposed.ticked)
    scene = _Scene(figures, days, ahead, at)
    as_is = scene.figures_at({}, USUAL, NO_TICKS)
    would = as_is if not changes and pace == USUAL else scene.figures_at(changes, pace, supposed.ticked)
    return WhatIf(
        days=days,
        supposed=supposed,
        ahead=ahead,
        choices=choices,
        usual_orders=usual_orders,
        pace=pace,
        courses=_courses(store, days, ahead, as_is, would, changes, book, standing),
        as_is=as_is,
        would=would,
    )


def _pace(supposed: Supposed, usual_orders: Fraction) -> Pace:
    failures = Fraction(supposed.failures_percent, 100)
    if supposed.orders_per_day is None:
        return Pace(failures=failures)
    volume = volume_of(supposed.orders_per_day, usual_orders)
    if volume is None:
        raise NoUsualOrdersError
    return Pace(volume, failures)


def _load(store: Store, days: PageDays, ahead: int, standing: Iterable[StandingNotice]) -> Figures:
    """Figures of the past that the chart, levels and standing notices look back on, and of the days ahead."""
    first = min([days.rating - timedelta(days=PAST_DAYS - 1), *(_from_day(one, days) for one in standing)])
    last = days.performance + timedelta(days=ahead)
    return load_figures([store], first - timedelta(days=history_days()), last, codes=CODES)[store.id]


def _from_day(notice: StandingNotice, days: PageDays) -> date:
    return max(notice.since, days.rating - timedelta(days=MOST_DAYS_BACK))


def usual_of(figures: Figures, upper: Sequence[str], lower: Sequence[str], day: date, calendar: Calendar) -> Usual:
    """The usual pace up to a day: of fewer days in a store that opened since (MX-14)."""
    age = figures.store.age_on(day, calendar)
    days = figures.policy(day, calendar).judging.forecast_pace_days
    days = days if age is None else max(1, min(days, age + 1))
    return Usual(figures.total(upper, day, days), figures.total(lower, day, days), days)


@dataclass(frozen=True)
class _Scene:
    """Where what-if starts from: the store's figures, the last known days, the days ahead."""

    figures: Figures
    days: PageDays
    ahead: int
    at: datetime

    def figures_at(self, changes: Changes, pace: Pace, ticked: Ticked) -> Figures:
        """Figures with the changes, whose days ahead go at the pace and count as known."""
        last = self.days.performance + timedelta(days=self.ahead)
        feeds = self.figures.store.feeds
        if self.ahead:
            feeds = {kind: max(until, day_end(last, Calendar.RATING)) for kind, until in feeds.items()}
        ticked_totals = SupposedTotals(self.figures.totals, changes, self.days.performance)
        future = _Future(self, ticked_totals, pace, self._lost(ticked)).changes() if self.ahead else {}
        totals = SupposedTotals(self.figures.totals, both(changes, future), self.days.performance)
        return Figures(replace(self.figures.store, feeds=feeds), totals)

    def _lost(self, ticked: Ticked) -> dict[str, Lost]:
        """By counter of own work: how many failures of a day nothing mends any more, ticked ones not among them."""
        found = {}
        for code, counter in OWN_WORK.items():
            if counter not in found:
                every = lost_work(self.figures, code, self.at)
                mended = lost_work(self.figures, code, self.at, among=ticked.mended) if ticked.mended else None
                found[counter] = _rest(every, mended)
        return found


def _rest(every: Lost, mended: Lost | None) -> Lost:
    # Of days that are over all failures are lost, whatever their number: mended ones are no longer among them.
    return lambda day, failures: min(failures, max(0, every(day, failures) - (mended(day, 0) if mended else 0)))


@dataclass(frozen=True)
class _Future:
    """What the days ahead differ by from facts with ticks when they go at a pace."""

    scene: _Scene
    totals: Totals
    pace: Pace
    lost: Mapping[str, Lost]

    def changes(self) -> Changes:
        """By counter and day."""
        expected: dict[str, dict[date, Number]] = {}
        for lower, uppers in _failing().items():
            self._failing(expected, lower, uppers)
        for upper, lower_name, factor in STAR_PARTS.values():
            # Stars are counted as stars, timeliness as orders (SR-01).
            top, least = (STARS, LEAST_STARS) if factor == 1 else (1, 0)
            self._good(expected, upper, lower_name, top=top, least=least)
        self._worth(expected)
        self._marks(expected)
        return {
            name: {day_number(day): value - self.totals.total(name, day, 1) for day, value in by_day.items()}
            for name, by_day in expected.items()
        }

    def _days(self, calendar: Calendar) -> list[date]:
        first = self.scene.days.of(calendar)
        return days_between(first + timedelta(days=1), first + timedelta(days=self.scene.ahead))

    def _usual(self, upper: Sequence[str], lower: Sequence[str], calendar: Calendar) -> Usual:
        return usual_of(self.scene.figures, upper, lower, self.scene.days.of(calendar), calendar)

    def _stands(self, names: Sequence[str], day: date) -> int:
        return sum(self.totals.total(name, day, 1) for name in names)

    def _failing(self, expected: dict[str, dict[date, Number]], lower: tuple[str, ...], uppers: Iterable[str]) -> None:
        """Rates and floors: what stands goes at the usual pace; the seller's own work that is lost stays so."""
        for name in uppers:
            usual = failing_at(self._usual((name,), lower, Calendar.PERFORMANCE), self.pace)
            for day in self._days(Calendar.PERFORMANCE):
                standing = self._stands(lower, day)
                ahead = Ahead(standing, unsure=standing)
                if name in self.lost:
                    failures = self._stands((name,), day)
                    gone = self.lost[name](day, failures)
                    ahead = Ahead(standing, certain=gone, open=failures - gone)
                failed, whole = entering(ahead, usual, Course.PACE)
                expected.setdefault(name, {})[day] = failed
                for rest in lower:
                    if rest not in uppers:
                        # Where failures are part of the whole, the others are its rest.
                        expected.setdefault(rest, {})[day] = whole - failed if len(lower) > 1 else whole

    def _good(self, expected: dict[str, dict[date, Number]], upper: str, lower: str, *, top: int, least: int) -> None:
        """Parts of the rating: what stands is settled, the rest of a usual day goes at the pace."""
        usual = good_at(self._usual((upper,), (lower,), Calendar.RATING), self.pace, top=top, least=least)
        for day in self._days(Calendar.RATING):
            ahead = Ahead(self._stands((lower,), day), certain=self._stands((upper,), day))
            expected.setdefault(upper, {})[day], expected.setdefault(lower, {})[day] = entering(
                ahead, usual, Course.PACE
            )

    def _worth(self, expected: dict[str, dict[date, Number]]) -> None:
        """The mean order value stays the usual one (SR-09)."""
        usual = self._usual(("r_value_cents_usd",), ("r_value_n",), Calendar.RATING)
        usual = failing_at(usual, Pace(self.pace.volume))
        for day in self._days(Calendar.RATING):
            ahead = Ahead(self._stands(("r_value_n",), day), certain=self._stands(("r_value_cents_usd",), day))
            worth, number = entering(ahead, usual, Course.PACE)
            expected.setdefault("r_value_cents_usd", {})[day] = worth
            expected.setdefault("r_value_n", {})[day] = number

    def _marks(self, expected: dict[str, dict[date, Number]]) -> None:
        """Missed confirmations, which have no denominator of their own (TM-02)."""
        usual = self._usual((), (MARKS,), Calendar.RATING)
        usual = Usual(0, usual.lower * self.pace.volume * self.pace.failures, usual.days)
        for day in self._days(Calendar.RATING):
            failures = self._stands((MARKS,), day)
            gone = self.lost[MARKS](day, failures)
            ahead = Ahead(0, certain=gone, open=failures - gone)
            expected.setdefault(MARKS, {})[day] = entering_marks(ahead, usual, Course.PACE)


def _failing() -> dict[tuple[str, ...], list[str]]:
    """The failure counters of every rate and floor, by denominator."""
    found: dict[tuple[str, ...], list[str]] = {}
    for code in sorted(with_parts(CODES, policies())):
        metric = METRICS[code]
        if metric.kind in (Kind.RATE, Kind.FLOOR):
            uppers = found.setdefault(metric.lower, [])
            uppers += [name for name in metric.upper if name not in uppers]
    return found


def _courses(
    store: Store,
    days: PageDays,
    ahead: int,
    as_is: Figures,
    would: Figures,
    changes: Changes,
    book: NoticeBook | None,
    standing: Mapping[str, StandingNotice],
) -> dict[str, MetricCourse]:
    bench = Bench(days, CODES, published_rows(store.id, days))
    found = {}
    for code in CODES:
        calendar = METRICS[code].calendar
        rules = as_is.policy(days.of(calendar), calendar).metrics[code]
        mark = bench.mark(as_is, code)
        first = days.of(calendar)
        pairs = [_pair(as_is, would, code, day, mark) for day in days_between(first, first + timedelta(days=ahead))]
        story = None
        if book is not None and rules.issues == "notice":
            story = _story(store, book, standing.get(code), pairs, _Again(as_is, would, code, changes))
        found[code] = MetricCourse(code, rules, pairs, story)
    return dict(sorted(found.items(), key=lambda item: item[1].story is None))


def _pair(as_is: Figures, would: Figures, code: str, day: date, mark: Mark | None) -> DayPair:
    card = judge(as_is, code, day, mark, lambda _first: as_is)
    return DayPair(day, card, card if would is as_is else judge(would, code, day, mark, lambda _first: would))


@dataclass(frozen=True, slots=True)
class _Again:
    """Days of the past judged again, for the notice that stands."""

    as_is: Figures
    would: Figures
    code: str
    changes: Changes

    def touches(self, last: date) -> bool:
        """Whether ticks change the metric on a day up to ``last``."""
        until = day_number(last)
        names = METRICS[self.code].counters & self.changes.keys()
        return any(day <= until for name in names for day in self.changes[name])

    def levels(self, first: date, last: date) -> tuple[list[str], list[str]]:
        """The levels of the days as they are and as they would be."""
        metric = METRICS[self.code]
        # Marks act on new stores alone (PN-22).
        new = self.as_is.is_new(metric, first)
        book = BenchmarkBook(first, last, codes=[self.code], kept_only=True) if new else None
        pairs = [
            _pair(self.as_is, self.would, self.code, day, book.mark(self.as_is, self.code, day) if book else None)
            for day in days_between(first, last)
        ]
        return [str(pair.as_is.level) for pair in pairs], [str(pair.would.level) for pair in pairs]


def _story(
    store: Store, book: NoticeBook, standing: StandingNotice | None, pairs: Sequence[DayPair], again: _Again
) -> NoticeStory:
    first = pairs[0].day
    ends, calendar = book.ends_within(store), METRICS[again.code].calendar
    kept = standing.level if standing else None
    restated = False
    if standing is not None and standing.since >= first - timedelta(days=MOST_DAYS_BACK) and again.touches(first):
        was, would = again.levels(standing.since, first)
        kept = walk_notices(would, None, book.step, ends=ends)[1]
        restated = walk_notices(was, None, book.step, ends=ends)[1] != standing.level
    walked = pairs[1:] if book.is_judged(store, first, calendar) else pairs
    return NoticeStory(
        standing=standing,
        kept=kept,
        restated=restated,
        as_is=_days(walked, [pair.as_is for pair in walked], standing.level if standing else None, book, ends),
        would=_days(walked, [pair.would for pair in walked], kept, book, ends),
    )


def _days(
    pairs: Sequence[DayPair], cards: Sequence[Card], standing: str | None, book: NoticeBook, ends: bool
) -> list[NoticeDay]:
    steps: list[NoticeStep] = walk_notices([str(card.level) for card in cards], standing, book.step, ends=ends)[0]
    return [NoticeDay(pairs[step.place].day, step.kind, step.level) for step in steps]
