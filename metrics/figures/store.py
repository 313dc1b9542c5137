"""One store's values and lines on any loaded day (MX, SR-01, DP-06, TM-05, DM-31)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction

from metrics.catalogue import METRICS, RATING_COUNTERS, Calendar, Kind, Metric
from metrics.figures.totals import Totals
from metrics.rules.composites import Composite, Scale, compose, health_scale, service_scale, weights_of
from metrics.rules.days import day_end
from metrics.rules.rating import Rating, RatingSums, rate
from metrics.rules.values import NO_DATA, Value
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policy_in
from rulebook.rules import EffectiveLine, Factor, effective_line, metric_factors
from rulebook.timebase import performance_day, rating_day
from stores.rules import age_in_days


@dataclass(frozen=True, slots=True)
class CategoryTraits:
    """What a primary category brings: first-level category, flags in force, the path from itself to the root."""

    root: str
    flags: frozenset[str]
    path: tuple[str, ...]


NO_CATEGORY = CategoryTraits("", frozenset(), ())


@dataclass(frozen=True, slots=True)
class Period:
    """Level, category and status of a store from a day on (DM-11)."""

    effective_from: date
    level: str
    primary_category: str
    status: str


@dataclass(frozen=True, slots=True)
class StoreContext:
    """What is known of a store besides its facts."""

    id: int
    store_no: str
    store_type: str
    opened_at: datetime | None
    periods: Sequence[Period]
    feeds: Mapping[str, datetime]
    categories: Mapping[str, CategoryTraits]
    policies: Sequence[PolicyPeriod]
    # Lines that stores of one category and level share, made once for all that were loaded together.
    made_lines: "dict[tuple[int, str, frozenset[str], str, bool], Lines]" = field(default_factory=dict, compare=False)

    def period_on(self, day: date) -> Period:
        """What held at the end of a day."""
        index = bisect_right(self.periods, day, key=lambda period: period.effective_from)
        return self.periods[max(index - 1, 0)]

    def category_on(self, day: date) -> CategoryTraits:
        """The traits of the primary category that held at the end of a day."""
        return self.categories.get(self.period_on(day).primary_category, NO_CATEGORY)

    def policy_on(self, day: date, calendar: Calendar) -> Policy:
        """The version in force at the end of a day, its last second (DM-30)."""
        return policy_in(self.policies, day_end(day, calendar) - timedelta(seconds=1))

    def age_on(self, day: date, calendar: Calendar) -> int | None:
        """Age in days, None where the opening day is unknown (DM-11)."""
        if self.opened_at is None:
            return None
        return age_in_days(self.opened_at, day, performance_day if calendar == Calendar.PERFORMANCE else rating_day)


@dataclass(frozen=True, slots=True)
class Lines:
    """The effective lines of a metric; both None where it has none or does not apply to the category (DM-31)."""

    yellow: EffectiveLine | None
    red: EffectiveLine | None
    factors: tuple[Factor, ...] = ()
    applies: bool = True


def made_lines(
    policy: Policy, code: str, flags: frozenset[str], level: str, *, young: bool, shipped_by_site: Mapping[str, int]
) -> Lines:
    """The effective lines of a metric for a category's flags, a level, destinations and, where the metric knows a line
    of its own for them, young stores (DM-31, DP-03)."""
    rules = policy.metrics[code]
    factors = metric_factors(policy, code, flags=flags, level=level, shipped_by_site=shipped_by_site)
    if factors is None:
        return Lines(None, None, applies=False)
    yellow = rules.young_line if young else rules.yellow
    made = [
        None if line is None else effective_line(line, floor_top=rules.floor_top, factors=factors)
        for line in (yellow, rules.red)
    ]
    return Lines(made[0], made[1], factors)


@dataclass
class Figures:
    """Values and lines of one store; everything is computed once per metric and day."""

    store: StoreContext
    totals: Totals
    _values: dict[tuple[str, date], Value] = field(default_factory=dict)
    _ratings: dict[date, Rating] = field(default_factory=dict)
    _lines: dict[tuple[str, date], Lines] = field(default_factory=dict)
    _policies: dict[tuple[date, Calendar], Policy] = field(default_factory=dict)

    def policy(self, day: date, calendar: Calendar) -> Policy:
        """The version in force at the end of a day."""
        key = (day, calendar)
        if key not in self._policies:
            self._policies[key] = self.store.policy_on(day, calendar)
        return self._policies[key]

    def total(self, names: Sequence[str], day: date, days: int) -> int:
        """The sum of several counters over a window."""
        return sum(self.totals.total(name, day, days) for name in names)

    def value(self, code: str, day: date) -> Value:
        """A metric's value on a day (MX-05, MX-07)."""
        key = (code, day)
        if key not in self._values:
            self._values[key] = self._value(METRICS[code], day)
        return self._values[key]

    def has_feeds(self, metric: Metric) -> bool:
        """Whether the store has every feed that the metric needs (MX-07)."""
        feeds = self.store.feeds
        return all(feed in feeds for feed in metric.feeds) and (
            not metric.any_feed or any(feed in feeds for feed in metric.any_feed)
        )

    def _value(self, metric: Metric, day: date) -> Value:
        if metric.kind == Kind.COMPOSITE:
            score = self.composite(metric.code, day).score
            return Value(None, None, score, sufficient=score is not None, has_feeds=score is not None)
        if not self.has_feeds(metric):
            return NO_DATA
        rules = self.policy(day, metric.calendar).metrics[metric.code]
        if metric.kind == Kind.STARS:
            return self._stars(metric.code, day, rules.min_denominator)
        upper = self.total(metric.upper, day, rules.window_days)
        if metric.kind == Kind.SUM:
            return Value(None, None, Fraction(upper, metric.per), sufficient=True)
        lower = self.total(metric.lower, day, rules.window_days)
        if metric.kind == Kind.FLOOR:
            upper = lower - upper
        value = Fraction(upper, lower * metric.per) if lower > 0 else None
        return Value(upper, lower, value, sufficient=0 < lower >= rules.min_denominator, count=lower)

    def _stars(self, code: str, day: date, least: int) -> Value:
        rating = self.rating(day)
        value, count = {
            "dsr": (rating.score, rating.counts["described"]),
            "described": (rating.parts["described"], rating.counts["described"]),
            "communication": (rating.parts["communication"], rating.counts["communication"]),
            "shipping": (rating.shipping, rating.shipping_count),
        }[code]
        return Value(None, None, value, sufficient=value is not None and count >= least, count=count)

    def rating(self, day: date) -> Rating:
        """The rating with its parts (SR-01)."""
        if day not in self._ratings:
            policy = self.policy(day, Calendar.RATING)
            days = policy.rating.window_days
            sums = RatingSums(**{name: self.totals.total(name, day, days) for name in RATING_COUNTERS})
            self._ratings[day] = rate(
                sums,
                policy,
                high_value="high_value" in self.store.category_on(day).flags,
                store_type=self.store.store_type,
                confirmed="confirmations" in self.store.feeds,
                day=day,
            )
        return self._ratings[day]

    def composite(self, code: str, day: date) -> Composite:
        """SHS or SLA with its sub-scores; what is missing, insufficient or without lines in the store's category
        is left out (DP-06, TM-05)."""
        policy = self.policy(day, METRICS[code].calendar)
        weights = weights_of(policy, code)
        parts = {}
        for part in weights:
            value = self.value(part, day)
            if value.value is not None and value.sufficient and (code == "shs" or self.lines(part, day).applies):
                parts[part] = self.scale(code, part, day).score(value.value)
        return compose(parts, weights)

    def scale(self, code: str, part: str, day: date) -> Scale:
        """How a part of the SHS or SLA becomes a sub-score on a day (DP-06, TM-05)."""
        policy = self.policy(day, METRICS[code].calendar)
        if code == "shs":
            return health_scale(policy, part)
        lines = self.lines(part, day)
        if lines.yellow is None or lines.red is None:
            raise ValueError(f"{part} has no lines to score {code} on")
        top = Fraction(policy.metrics[part].floor_top or 0)
        return service_scale(policy, top=top, yellow=lines.yellow.value, red=lines.red.value)

    def lines(self, code: str, day: date) -> Lines:
        """The effective lines of a metric on a day (DM-31, DP-03)."""
        key = (code, day)
        if key not in self._lines:
            self._lines[key] = self._effective(METRICS[code], day)
        return self._lines[key]

    def _effective(self, metric: Metric, day: date) -> Lines:
        policy = self.policy(day, metric.calendar)
        rules = policy.metrics[metric.code]
        category, period = self.store.category_on(day), self.store.period_on(day)
        young = rules.young_line is not None and self.is_new(metric, day)
        if "site" in rules.scaled:
            sites = self.totals.shipped_by_site(day, rules.window_days)
            return made_lines(policy, metric.code, category.flags, period.level, young=young, shipped_by_site=sites)
        key = (policy.number, metric.code, category.flags, period.level, young)
        made = self.store.made_lines.get(key)
        if made is None:
            made = made_lines(policy, metric.code, category.flags, period.level, young=young, shipped_by_site={})
            self.store.made_lines[key] = made
        return made

    def is_new(self, metric: Metric, day: date) -> bool:
        """Whether the store is too young for streaks; an unknown opening day is not new (MX-10)."""
        age = self.store.age_on(day, metric.calendar)
        return age is not None and age < self.policy(day, metric.calendar).judging.new_store_days

    def is_stale(self, metric: Metric, day: date) -> bool:
        """Whether the day ends later than a feed that the metric needs is known (MX-07). Of feeds of which one
        suffices, all that are there must be known."""
        needed = set(metric.feeds) | set(metric.any_feed)
        if metric.kind == Kind.COMPOSITE:
            weights = self.composite(metric.code, day).weights
            needed = {feed for part in weights for feed in (*METRICS[part].feeds, *METRICS[part].any_feed)}
        end = day_end(day, metric.calendar)
        return any(self.store.feeds[feed] < end for feed in needed if feed in self.store.feeds)
