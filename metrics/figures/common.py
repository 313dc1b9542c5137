"""What stores have in common: how metrics are counted and judged under a policy, for stores of one kind.

A night judges thousands of stores by few combinations of policy, category flags, level, age and known data. What
follows from such a combination alone is made once and shared; a store adds its counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from metrics.catalogue import METRICS, Calendar, Kind, Metric
from metrics.rules.composites import Scale, health_scale, service_scale, weights_of
from metrics.rules.days import day_end
from rulebook.policy import MetricPolicy, Policy
from rulebook.queries import PolicyPeriod, policy_in
from rulebook.rules import EffectiveLine, Factor, effective_line, metric_factors, whole_weights

NO_SITES: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class CategoryTraits:
    """What a primary category brings: first-level category, flags in force, the path from itself to the root."""

    root: str
    flags: frozenset[str]
    path: tuple[str, ...]


NO_CATEGORY = CategoryTraits("", frozenset(), ())


@dataclass(frozen=True, slots=True)
class Lines:
    """The effective lines of a metric; both None where it has none or does not apply to the category (DM-31)."""

    yellow: EffectiveLine | None
    red: EffectiveLine | None
    factors: tuple[Factor, ...] = ()
    applies: bool = True


def made_lines(rules: MetricPolicy, factors: tuple[Factor, ...] | None, *, young: bool) -> Lines:
    """The effective lines of a metric from its factors and, where the metric knows a line of its own for them, of young
    stores (DM-31, DP-03)."""
    if factors is None:
        return Lines(None, None, applies=False)
    yellow = rules.young_line if young else rules.yellow
    made = [
        None if line is None else effective_line(line, floor_top=rules.floor_top, factors=factors)
        for line in (yellow, rules.red)
    ]
    return Lines(made[0], made[1], factors)


def scale_of(policy: Policy, code: str, part: str, lines: Lines) -> Scale:
    """How a part of the SHS or SLA becomes a sub-score (DP-06, TM-05); of the SLA by the part's lines."""
    if code == "shs":
        return health_scale(policy, part)
    if lines.yellow is None or lines.red is None:
        raise ValueError(f"{part} has no lines to score {code} on")
    top = Fraction(policy.metrics[part].floor_top or 0)
    return service_scale(policy, top=top, yellow=lines.yellow.value, red=lines.red.value)


@dataclass(slots=True)
class Measure:
    """How a metric is counted under a policy of stores that have certain feeds. ``days``: the window; ``weights``: the
    parts of a composite score."""

    metric: Metric
    rules: MetricPolicy
    days: int
    has_feeds: bool
    weights: Mapping[str, int]


class Measures(dict[str, Measure]):
    """The measures by metric code, each made when it is first asked for."""

    def __init__(self, policy: Policy, feeds: frozenset[str]) -> None:
        super().__init__()
        self._policy, self._feeds = policy, feeds

    def __missing__(self, code: str) -> Measure:
        metric, policy = METRICS[code], self._policy
        rules = policy.metrics[code]
        made = self[code] = Measure(
            metric=metric,
            rules=rules,
            days=policy.rating.window_days if metric.kind is Kind.STARS else rules.window_days,
            has_feeds=has_feeds(metric, self._feeds),
            weights=whole_weights(weights_of(policy, code)) if metric.kind is Kind.COMPOSITE else {},
        )
        return made


def needed_feeds(metric: Metric) -> tuple[str, ...]:
    """The feeds that must be known where they are there; of those of which one suffices, every one (MX-07)."""
    return (*metric.feeds, *metric.any_feed)


def has_feeds(metric: Metric, feeds: frozenset[str]) -> bool:
    """Whether every feed that the metric needs is there (MX-07)."""
    return feeds.issuperset(metric.feeds) and (not metric.any_feed or not feeds.isdisjoint(metric.any_feed))


@dataclass(slots=True)
class Terms:
    """How a metric is judged of stores of one kind. ``lines``: as of a store that shipped nothing;
    ``by_site``: whether destinations change them; ``young``: whether the line of young stores acts; ``is_new``: too
    young for streaks (MX-10); ``is_silent``: in the silent period (PN-21); ``late``: the store's feeds that are not
    known to the end of the day, ``is_stale``: whether one that the metric itself needs is among them (MX-07).
    ``scales``: how the metric scores as a part of composites, by code and policy number."""

    metric: Metric
    policy: Policy
    rules: MetricPolicy
    lines: Lines
    by_site: bool
    young: bool
    is_new: bool
    is_silent: bool
    is_stale: bool
    late: frozenset[str]
    scales: dict[tuple[str, int], Scale] = field(default_factory=dict)


@dataclass
class Setting(dict[str, Terms]):
    """The terms of stores of one kind by metric code, each made when it is first asked for."""

    common: "Common"
    policy: Policy
    flags: frozenset[str]
    level: str
    is_new: bool
    is_silent: bool
    late: frozenset[str]

    def __missing__(self, code: str) -> Terms:
        metric, policy = METRICS[code], self.policy
        rules = policy.metrics[code]
        young = rules.young_line is not None and self.is_new
        lines = self.common.lines(policy, code, self.flags, self.level, young=young)
        made = self[code] = Terms(
            metric=metric,
            policy=policy,
            rules=rules,
            lines=lines,
            by_site="site" in rules.scaled and lines.applies,
            young=young,
            is_new=self.is_new,
            is_silent=self.is_silent and code in policy.judging.silent_metrics,
            is_stale=not self.late.isdisjoint(needed_feeds(metric)),
            late=self.late,
        )
        return made


@dataclass
class Common:
    """Policies and categories, and what was made of them for any store so far."""

    policies: Sequence[PolicyPeriod]
    categories: Mapping[str, CategoryTraits]
    _policy_on: dict[tuple[date, bool], Policy] = field(default_factory=dict)
    _measures: dict[tuple[int, frozenset[str]], Measures] = field(default_factory=dict)
    _settings: dict[tuple[object, ...], Setting] = field(default_factory=dict)
    _lines: dict[tuple[int, str, frozenset[str], str, bool], Lines] = field(default_factory=dict)

    def policy_on(self, day: date, calendar: Calendar) -> Policy:
        """The version in force at the end of a day, its last second (DM-30)."""
        key = (day, calendar is Calendar.RATING)
        policy = self._policy_on.get(key)
        if policy is None:
            policy = self._policy_on[key] = policy_in(self.policies, day_end(day, calendar) - timedelta(seconds=1))
        return policy

    def measures(self, policy: Policy, feeds: frozenset[str]) -> Measures:
        """How metrics are counted of stores that have these feeds."""
        key = (policy.number, feeds)
        found = self._measures.get(key)
        if found is None:
            found = self._measures[key] = Measures(policy, feeds)
        return found

    def setting(
        self, policy: Policy, flags: frozenset[str], level: str, late: frozenset[str], *, is_new: bool, is_silent: bool
    ) -> Setting:
        """How metrics are judged of stores of one kind."""
        key = (policy.number, flags, level, late, is_new, is_silent)
        found = self._settings.get(key)
        if found is None:
            found = self._settings[key] = Setting(self, policy, flags, level, is_new, is_silent, late)
        return found

    def lines(self, policy: Policy, code: str, flags: frozenset[str], level: str, *, young: bool) -> Lines:
        """The effective lines of a metric of a store that shipped nothing."""
        key = (policy.number, code, flags, level, young)
        found = self._lines.get(key)
        if found is None:
            factors = metric_factors(policy, code, flags=flags, level=level, shipped_by_site=NO_SITES)
            found = self._lines[key] = made_lines(policy.metrics[code], factors, young=young)
        return found
