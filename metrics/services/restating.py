"""What a correction makes of past and coming days of a store: every result before and after (MX-08, BX-03)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from core.timebase import day_number, days_between, from_day_number
from metrics.catalogue import METRICS, Kind
from metrics.facts.updating import BATCH, LONGEST_WINDOW, apply_dirty
from metrics.models import Fact
from metrics.rules.composites import weights_of
from metrics.scorecards.batches import history_days
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.evaluating import judge
from metrics.scorecards.loading import load_spans
from metrics.scorecards.results import BenchmarkValue, result_data
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import StoreProfile, load_profiles
from metrics.scorecards.sums import SpanSums
from metrics.scorecards.windows import counters_of
from rulebook.queries import policies
from stores.models import Store
from stores.shards import Shard

# Facts that a correction moves stay this near to those that the store had.
MARGIN = timedelta(days=400)
# What a report says of a result; benchmarks and deviations are means over other stores.
SAID = ("numerator", "denominator", "value", "yellow", "red", "level")

Figures = dict[str, Any]
"""Those of `SAID` that a result has: counts as integers, decimals as text, the level."""


@dataclass(frozen=True, slots=True)
class RestatedResult:
    """A metric's result on a day that a correction changed."""

    day: date
    metric: str
    before: Figures
    after: Figures


@dataclass(frozen=True, slots=True)
class Restatement:
    """What a change made of a store: the orders it concerned, the results that differ by day and metric, and the
    store's days after it."""

    orders: frozenset[int]
    results: list[RestatedResult]
    after: StoreSpan


@transaction.atomic
def restate_store(
    *, store: Store, change: Callable[[], Collection[int]], complaints: Collection[int] = ()
) -> Restatement:
    """Bring a store's facts up to date, make a change, apply it to the facts, and compare every day that it reaches.

    ``change`` writes rows, marks the orders and ``complaints`` that they concern dirty and returns the orders' ids.
    Call it with the store's row held, so that nobody else changes its facts between before and after. Both sides are
    judged by the same benchmarks, those kept before: only the levels of stores too young for fixed thresholds depend on
    them (PN-22).
    """
    shard = Shard(ids=(store.pk,))
    apply_dirty(shard=shard)
    profile = load_profiles([store])[0]
    before = _span(store, profile)
    benchmarks = _Baselines(profile)
    orders = frozenset(change())
    marked = sorted(orders)
    if complaints:
        apply_dirty(shard=shard, orders=(), complaints=complaints)
    for start in range(0, len(marked), BATCH):
        apply_dirty(shard=shard, orders=marked[start : start + BATCH])
    after = _span(store, profile, like=before)
    return Restatement(orders, list(_differences(before, after, benchmarks)), after.span)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A store on all its days, from first to last."""

    span: StoreSpan
    first: date
    last: date


def _span(store: Store, profile: StoreProfile, like: _Loaded | None = None) -> _Loaded:
    if like is None:
        days = Fact.objects.filter(store=store).aggregate(first=Min("day"), last=Max("day"))
        today = profile.known_day or date(2000, 1, 1)
        first, last = (days["first"] or today) - MARGIN, (days["last"] or today) + MARGIN + _reach()
    else:
        first, last = like.first, like.last
    return _Loaded(load_spans([store], first, last, profiles=[profile])[store.pk], first, last)


def _reach() -> timedelta:
    """How long after a day its counts act: on the longest window, and on levels that look back on values (MX-10)."""
    return timedelta(days=LONGEST_WINDOW - 1 + history_days())


class _Baselines:
    """The kept benchmarks of the days on which a young store's threshold is one (PN-22)."""

    def __init__(self, profile: StoreProfile) -> None:
        self._profile = profile
        opened = min((day for day in profile.opening_days if day is not None), default=None)
        self._last = None if opened is None else opened + timedelta(days=_young_days())
        self._kept = None
        if opened is not None and self._last is not None:
            self._kept = Benchmarks(opened, self._last, kept_only=True, store=profile)

    def of(self, day: date) -> Mapping[str, BenchmarkValue]:
        if self._kept is None or self._last is None or day > self._last:
            return {}
        return self._kept.of(self._profile, day)


def _young_days() -> int:
    return max(period.policy.judging.new_store_days for period in policies()) + 1


def _differences(before: _Loaded, after: _Loaded, baselines: _Baselines) -> Iterator[RestatedResult]:
    changed, days = _changed_counters(before, after)
    if not days:
        return
    codes = _metrics_of(changed)
    # The past that the first day's level looks back on must be loaded too.
    for day in days_between(min(days), min(max(days) + _reach(), after.last)):
        benchmarks = baselines.of(day)
        for code in codes:
            old, new = (_figures(one.span, code, day, benchmarks) for one in (before, after))
            if old != new:
                yield RestatedResult(day, code, old, new)


def _changed_counters(before: _Loaded, after: _Loaded) -> tuple[set[str], set[date]]:
    """The counters whose facts differ, and the days on which they do."""
    first = before.first
    counters: set[str] = set()
    numbers: set[int] = set()
    for name in counters_of(METRICS):
        old, new = (_each_day(one.span.sums, name, first, before.last) for one in (before, after))
        if old != new:
            counters.add(name)
            numbers |= {place for place, (one, other) in enumerate(zip(old, new, strict=True)) if one != other}
    return counters, {from_day_number(day_number(first) + place) for place in numbers}


def _each_day(sums: Any, name: str, first: date, last: date) -> list[int]:
    assert isinstance(sums, SpanSums)
    return sums.totals(name, first, last, 1)


def _metrics_of(counters: Collection[str]) -> list[str]:
    """The metrics that these counters make, composite scores with such a part among them."""
    own = {code for code, metric in METRICS.items() if not metric.counters.isdisjoint(counters)}
    scores = {
        code
        for code, metric in METRICS.items()
        if metric.kind is Kind.COMPOSITE
        and any(not own.isdisjoint(weights_of(period.policy, code)) for period in policies())
    }
    return [code for code in METRICS if code in own or code in scores]


def _figures(span: StoreSpan, code: str, day: date, benchmarks: Mapping[str, BenchmarkValue]) -> Figures:
    data = result_data(judge(span, code, day, benchmarks.get(code)))
    return {name: data[name] for name in SAID if name in data}
