"""One store over a span of days."""

from collections.abc import Sequence
from datetime import date

from core.timebase import days_between
from metrics.catalogue import METRICS, Calendar, Kind, Metric
from metrics.rules.values import Value
from metrics.scorecards.store_profiles import StoreProfile
from metrics.scorecards.storeday import StoreDay, counted_value
from metrics.scorecards.sums import SpanSums, WindowSums
from metrics.scorecards.terms import has_feeds
from rulebook.policy import Policy


class StoreSpan:
    """A store's days, each made when it is first asked for."""

    def __init__(self, store: StoreProfile, sums: WindowSums) -> None:
        self.store, self.sums = store, sums
        self._days: dict[date, StoreDay] = {}

    def on(self, day: date) -> StoreDay:
        """The store on a day."""
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = StoreDay(self.store, day, self.store.terms_on(day), self.sums)
        return found

    def policy(self, day: date, calendar: Calendar) -> Policy:
        """The version in force at the end of a day."""
        return self.store.policy_on(day, calendar)

    def total(self, names: Sequence[str], day: date, days: int) -> int:
        """The sum of several counters over a window."""
        return sum(self.sums.total(name, day, days) for name in names)

    def has_feeds(self, metric: Metric) -> bool:
        """Whether the store has every feed that the metric needs (MX-07)."""
        return has_feeds(metric, frozenset(self.store.feeds))

    def value(self, code: str, day: date) -> Value:
        """A metric's value on a day (MX-05, MX-07)."""
        return self.on(day).value(code)

    def values(self, code: str, first: date, last: date) -> list[Value]:
        """A metric's values from first to last; those of counts for all days at once where one policy counts them."""
        metric, sums = METRICS[code], self.sums
        policies = {self.policy(first, metric.calendar).number, self.policy(last, metric.calendar).number}
        terms = self.on(last).terms[code]
        counts = metric.lower and metric.kind is not Kind.STARS and terms.has_feeds
        if not counts or len(policies) > 1 or not isinstance(sums, SpanSums):
            return [self.value(code, day) for day in days_between(first, last)]
        uppers, lowers = (
            map(sum, zip(*(sums.totals(name, first, last, terms.window_days) for name in names), strict=True))
            for names in (metric.upper, metric.lower)
        )
        return [counted_value(terms, upper, lower) for upper, lower in zip(uppers, lowers, strict=True)]
