"""A store's figures with supposed changes, whose days ahead go at a pace (BX-04), filled as the forecast fills them at
the usual one (MX-14).

Assumptions: the usual pace is that of what really happened, ticked orders included; every counter goes at the set
volume from the first day ahead on; destinations stay as they are on the last known day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import cast

from core.timebase import day_number, days_between
from insights.queries.forecast import MARKS, STAR_PARTS, Lost, lost_work
from insights.queries.whatif.ticked_orders import Ticked
from insights.rules.forecast import Ahead, Course, Usual, entering, entering_marks
from insights.rules.whatif import LEAST_STARS, Changes, Number, Pace, Steps, both, failing_at, good_at
from metrics.catalogue import COMPOSITES, DIMENSIONS, METRICS, OWN_WORK, WATCHED, Calendar, Kind
from metrics.queries.days import PageDays
from metrics.rules.days import day_end
from metrics.rules.rating import STARS
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.sums import WindowSums
from metrics.scorecards.windows import with_parts
from rulebook.queries import policies

CODES = (*WATCHED, "dsr", *DIMENSIONS, *COMPOSITES)
Expected = dict[str, dict[date, Number]]


class SupposedSums:
    """Sums of counters with changes laid over them; destinations stay as on ``last``."""

    def __init__(self, base: WindowSums, changes: Changes, last: date) -> None:
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


def usual_of(store_span: StoreSpan, upper: Sequence[str], lower: Sequence[str], day: date, calendar: Calendar) -> Usual:
    """The usual pace up to a day: of fewer days in a store that opened since (MX-14)."""
    age = store_span.store.age_on(day, calendar)
    days = store_span.policy(day, calendar).judging.forecast_pace_days
    days = days if age is None else max(1, min(days, age + 1))
    return Usual(store_span.total(upper, day, days), store_span.total(lower, day, days), days)


@dataclass(frozen=True)
class Scene:
    """Where what-if starts from: the store's figures, the last known days, the days ahead."""

    store_span: StoreSpan
    days: PageDays
    ahead: int
    at: datetime

    def figures_at(self, changes: Changes, pace: Pace, ticked: Ticked) -> StoreSpan:
        """The store with the changes, whose days ahead go at the pace and count as known."""
        last = self.days.performance + timedelta(days=self.ahead)
        feeds = self.store_span.store.feeds
        if self.ahead:
            feeds = {kind: max(until, day_end(last, Calendar.RATING)) for kind, until in feeds.items()}
        ticked_sums = SupposedSums(self.store_span.sums, changes, self.days.performance)
        future = _Future(self, ticked_sums, pace, self._lost(ticked)).changes() if self.ahead else {}
        totals = SupposedSums(self.store_span.sums, both(changes, future), self.days.performance)
        return StoreSpan(replace(self.store_span.store, feeds=feeds), totals)

    def _lost(self, ticked: Ticked) -> dict[str, Lost]:
        """By counter of own work: how many failures of a day nothing mends any more, ticked ones not among them."""
        found = {}
        for counter, (code, every) in self._lost_by_counter.items():
            mended = lost_work(self.store_span, code, self.at, among=ticked.mended) if ticked.mended else None
            found[counter] = _rest(every, mended)
        return found

    @cached_property
    def _lost_by_counter(self) -> dict[str, tuple[str, Lost]]:
        """The same without ticks, each with a metric that it is the own work of; asked once for both sides."""
        codes = {counter: code for code, counter in reversed(OWN_WORK.items())}
        return {counter: (code, lost_work(self.store_span, code, self.at)) for counter, code in codes.items()}


def _rest(every: Lost, mended: Lost | None) -> Lost:
    # Of days that are over all failures are lost, whatever their number: mended ones are no longer among them.
    return lambda day, failures: min(failures, max(0, every(day, failures) - (mended(day, 0) if mended else 0)))


@dataclass(frozen=True)
class _Future:
    """What the days ahead differ by from facts with ticks when they go at a pace."""

    scene: Scene
    totals: WindowSums
    pace: Pace
    lost: Mapping[str, Lost]

    def changes(self) -> Changes:
        """By counter and day."""
        expected: Expected = {}
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
        return usual_of(self.scene.store_span, upper, lower, self.scene.days.of(calendar), calendar)

    def _stands(self, names: Sequence[str], day: date) -> int:
        return sum(self.totals.total(name, day, 1) for name in names)

    def _failing(self, expected: Expected, lower: tuple[str, ...], uppers: Iterable[str]) -> None:
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

    def _good(self, expected: Expected, upper: str, lower: str, *, top: int, least: int) -> None:
        """Parts of the rating: what stands is settled, the rest of a usual day goes at the pace."""
        usual = good_at(self._usual((upper,), (lower,), Calendar.RATING), self.pace, top=top, least=least)
        for day in self._days(Calendar.RATING):
            ahead = Ahead(self._stands((lower,), day), certain=self._stands((upper,), day))
            expected.setdefault(upper, {})[day], expected.setdefault(lower, {})[day] = entering(
                ahead, usual, Course.PACE
            )

    def _worth(self, expected: Expected) -> None:
        """The mean order value stays the usual one (SR-09)."""
        usual = self._usual(("r_value_cents_usd",), ("r_value_n",), Calendar.RATING)
        usual = failing_at(usual, Pace(self.pace.volume))
        for day in self._days(Calendar.RATING):
            ahead = Ahead(self._stands(("r_value_n",), day), certain=self._stands(("r_value_cents_usd",), day))
            worth, number = entering(ahead, usual, Course.PACE)
            expected.setdefault("r_value_cents_usd", {})[day] = worth
            expected.setdefault("r_value_n", {})[day] = number

    def _marks(self, expected: Expected) -> None:
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
