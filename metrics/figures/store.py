"""One store's values and lines on any loaded day (MX, SR-01, DP-06, TM-05, DM-31)."""

from collections.abc import Sequence
from datetime import date

from core.timebase import days_between
from metrics.catalogue import METRICS, Calendar, Kind, Metric
from metrics.figures.common import Lines, has_feeds
from metrics.figures.context import StoreContext
from metrics.figures.sheet import Sheet, counted_value
from metrics.figures.totals import SeriesTotals, Totals
from metrics.rules.composites import Composite, Scale
from metrics.rules.rating import Rating
from metrics.rules.values import Value
from rulebook.policy import Policy

__all__ = ["Figures", "Lines", "StoreContext"]


class Figures:
    """Values and lines of one store; a sheet for each day that is asked for."""

    def __init__(self, store: StoreContext, totals: Totals) -> None:
        self.store, self.totals = store, totals
        self._feeds = frozenset(store.feeds)
        self._sheets: dict[date, Sheet] = {}

    def on(self, day: date) -> Sheet:
        """The store on a day."""
        sheet = self._sheets.get(day)
        if sheet is None:
            sheet = self._sheets[day] = Sheet(self.store, self.totals, day, self._feeds)
        return sheet

    def policy(self, day: date, calendar: Calendar) -> Policy:
        """The version in force at the end of a day."""
        return self.store.policy_on(day, calendar)

    def total(self, names: Sequence[str], day: date, days: int) -> int:
        """The sum of several counters over a window."""
        return sum(self.totals.total(name, day, days) for name in names)

    def has_feeds(self, metric: Metric) -> bool:
        """Whether the store has every feed that the metric needs (MX-07)."""
        return has_feeds(metric, self._feeds)

    def value(self, code: str, day: date) -> Value:
        """A metric's value on a day (MX-05, MX-07)."""
        return self.on(day).value(code)

    def values(self, code: str, first: date, last: date) -> list[Value]:
        """A metric's values from first to last; those of counts for all days at once where one policy counts them."""
        metric, totals = METRICS[code], self.totals
        policies = {self.policy(first, metric.calendar).number, self.policy(last, metric.calendar).number}
        measure = self.on(last).measure(code)
        counts = metric.lower and metric.kind is not Kind.STARS and measure.has_feeds
        if not counts or len(policies) > 1 or not isinstance(totals, SeriesTotals):
            return [self.value(code, day) for day in days_between(first, last)]
        uppers, lowers = (
            map(sum, zip(*(totals.totals(name, first, last, measure.days) for name in names), strict=True))
            for names in (metric.upper, metric.lower)
        )
        return [counted_value(measure, upper, lower) for upper, lower in zip(uppers, lowers, strict=True)]

    def rating(self, day: date) -> Rating:
        """The rating with its parts (SR-01)."""
        return self.on(day).rating

    def composite(self, code: str, day: date) -> Composite:
        """SHS or SLA with its sub-scores (DP-06, TM-05)."""
        return self.on(day).composite(code)

    def scale(self, code: str, part: str, day: date) -> Scale:
        """How a part of the SHS or SLA becomes a sub-score on a day (DP-06, TM-05)."""
        return self.on(day).scale(code, part)

    def lines(self, code: str, day: date) -> Lines:
        """The effective lines of a metric on a day (DM-31, DP-03)."""
        return self.on(day).lines(code)

    def is_new(self, metric: Metric, day: date) -> bool:
        """Whether the store is too young for streaks; an unknown opening day is not new (MX-10)."""
        return self.on(day).terms(metric.code).is_new

    def is_stale(self, metric: Metric, day: date) -> bool:
        """Whether the day ends later than a feed that the metric needs is known (MX-07)."""
        sheet = self.on(day)
        return sheet.is_stale(sheet.terms(metric.code))
