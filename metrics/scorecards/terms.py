"""How metrics are counted and judged under a policy, for stores of one kind.

A night judges thousands of stores, but few combinations of policy, category flags, level, age and known data. What
depends on such a combination alone is computed once and shared; a store adds its counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from metrics.catalogue import METRICS, Calendar, Kind, Metric
from metrics.rules.composites import Scale, health_scale, service_scale, weights_of
from metrics.rules.days import day_end
from metrics.scorecards.windows import window_of
from rulebook.policy import MetricPolicy, Policy
from rulebook.queries import PolicyPeriod, policy_in
from rulebook.rules import EffectiveThreshold, Factor, effective_threshold, metric_factors, whole_weights

NO_SITES: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class CategoryTraits:
    """What a primary category brings: first-level category, flags in force, the path from itself to the root."""

    root: str
    flags: frozenset[str]
    path: tuple[str, ...]


NO_CATEGORY = CategoryTraits("", frozenset(), ())


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The effective thresholds of a metric; both None where it has none or does not apply to the category (DM-31)."""

    yellow: EffectiveThreshold | None
    red: EffectiveThreshold | None
    factors: tuple[Factor, ...] = ()
    applies: bool = True


NOT_APPLICABLE = Thresholds(None, None, applies=False)


def scaled_thresholds(rules: MetricPolicy, factors: tuple[Factor, ...], *, young: bool) -> Thresholds:
    """The thresholds of a metric scaled by factors; of young stores from the threshold that it has for them
    (DM-31, DP-03)."""
    yellow = rules.young_line if young else rules.yellow
    made = [
        None if threshold is None else effective_threshold(threshold, floor_top=rules.floor_top, factors=factors)
        for threshold in (yellow, rules.red)
    ]
    return Thresholds(made[0], made[1], factors)


def scale_of(policy: Policy, code: str, part: str, thresholds: Thresholds) -> Scale:
    """How a part of the SHS or SLA becomes a sub-score (DP-06, TM-05); of the SLA by the part's thresholds."""
    if code == "shs":
        return health_scale(policy, part)
    if thresholds.yellow is None or thresholds.red is None:
        raise ValueError(f"{part} has no thresholds to score {code} on")
    top = Fraction(policy.metrics[part].floor_top or 0)
    return service_scale(policy, top=top, yellow=thresholds.yellow.value, red=thresholds.red.value)


def needed_feeds(metric: Metric) -> tuple[str, ...]:
    """The feeds that must be known where they are there; of those of which one suffices, every one (MX-07)."""
    return (*metric.feeds, *metric.any_feed)


def has_feeds(metric: Metric, feeds: frozenset[str]) -> bool:
    """Whether every feed that the metric needs is there (MX-07)."""
    return feeds.issuperset(metric.feeds) and (not metric.any_feed or not feeds.isdisjoint(metric.any_feed))


@dataclass(slots=True)
class Terms:
    """How a metric is counted and judged of stores of one kind. ``thresholds``: as of a store that shipped nothing;
    ``by_site``: whether destinations change them; ``young``: whether the threshold of young stores acts; ``is_new``:
    too young for streaks (MX-10); ``is_silent``: in the silent period (PN-21); ``late``: the store's feeds that are not
    known to the end of the day, ``is_stale``: whether one that the metric itself needs is among them (MX-07);
    ``weights``: the parts of a composite score, ``scales``: those of its parts that destinations do not change."""

    metric: Metric
    policy: Policy
    rules: MetricPolicy
    window_days: int
    has_feeds: bool
    thresholds: Thresholds
    by_site: bool
    young: bool
    is_new: bool
    is_silent: bool
    is_stale: bool
    late: frozenset[str]
    weights: Mapping[str, int]
    scales: dict[str, Scale] = field(default_factory=dict)


class CalendarKind(NamedTuple):
    """What the terms of a calendar's metrics depend on; ``policy`` is its number, ``late`` as in `Terms`."""

    policy: int
    late: frozenset[str]
    is_new: bool
    is_silent: bool


class StoreKind(NamedTuple):
    """What the terms of a store on a day depend on: its category's flags, its level, the kinds of data it has."""

    flags: frozenset[str]
    level: str
    feeds: frozenset[str]
    performance: CalendarKind
    rating: CalendarKind


class StoreTerms(dict[str, Terms]):
    """The terms of stores of one kind by metric code, each made when it is first asked for."""

    def __init__(self, kind: StoreKind, policies: Mapping[int, Policy]) -> None:
        super().__init__()
        self._kind, self._policies = kind, policies

    def __missing__(self, code: str) -> Terms:
        metric, kind = METRICS[code], self._kind
        of_calendar = kind.rating if metric.calendar is Calendar.RATING else kind.performance
        policy = self._policies[of_calendar.policy]
        rules = policy.metrics[code]
        young = rules.young_line is not None and of_calendar.is_new
        factors = metric_factors(policy, code, flags=kind.flags, level=kind.level, shipped_by_site=NO_SITES)
        made = self[code] = Terms(
            metric=metric,
            policy=policy,
            rules=rules,
            window_days=window_of(policy, code),
            has_feeds=has_feeds(metric, kind.feeds),
            thresholds=NOT_APPLICABLE if factors is None else scaled_thresholds(rules, factors, young=young),
            by_site=factors is not None and "site" in rules.scaled,
            young=young,
            is_new=of_calendar.is_new,
            is_silent=of_calendar.is_silent and code in policy.judging.silent_metrics,
            is_stale=not of_calendar.late.isdisjoint(needed_feeds(metric)),
            late=of_calendar.late,
            weights=whole_weights(weights_of(policy, code)) if metric.kind is Kind.COMPOSITE else {},
        )
        return made

    def scale(self, code: str, part: str) -> Scale:
        """How a part of a composite score becomes a sub-score where destinations do not change the part's
        thresholds."""
        terms = self[code]
        found = terms.scales.get(part)
        if found is None:
            found = terms.scales[part] = scale_of(terms.policy, code, part, self[part].thresholds)
        return found


class SharedTerms:
    """Policies and categories, with the terms of every kind of store met so far: shared by stores loaded together."""

    def __init__(self, policies: Sequence[PolicyPeriod], categories: Mapping[str, CategoryTraits]) -> None:
        self.policies, self.categories = policies, categories
        self._by_number = {period.policy.number: period.policy for period in policies}
        # By whether the calendar is that of ratings: members of an enumeration are slow keys.
        self._in_force: dict[tuple[date, bool], Policy] = {}
        self._of_kind: dict[StoreKind, StoreTerms] = {}

    def policy_on(self, day: date, calendar: Calendar) -> Policy:
        """The version in force at the end of a day, its last second (DM-30)."""
        key = (day, calendar is Calendar.RATING)
        policy = self._in_force.get(key)
        if policy is None:
            policy = self._in_force[key] = policy_in(self.policies, day_end(day, calendar) - timedelta(seconds=1))
        return policy

    def of_kind(self, kind: StoreKind) -> StoreTerms:
        """The terms of stores of one kind."""
        terms = self._of_kind.get(kind)
        if terms is None:
            terms = self._of_kind[kind] = StoreTerms(kind, self._by_number)
        return terms
