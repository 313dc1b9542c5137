"""Benchmarks (MX-11): an imported value wins, else the category's pooled ratio or mean, else that of all stores."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from core.timebase import days_between
from metrics.catalogue import METRICS, Kind
from metrics.models import Benchmark, ImportedBenchmark
from metrics.scorecards.loading import load_days, load_spans
from metrics.scorecards.memory import uncollected
from metrics.scorecards.results import BenchmarkValue
from metrics.scorecards.store_profiles import StoreProfile, load_profiles, load_shared_terms
from metrics.scorecards.storeday import StoreDay
from metrics.scorecards.terms import CategoryTraits, SharedTerms
from rulebook.rules import Exact, Ratio, exact_sum
from stores.models import Store

ALL_STORES = ""
# Sums and composite scores are not compared with a mean of other stores (assumption).
BENCHMARKED = tuple(code for code, metric in METRICS.items() if metric.kind not in (Kind.SUM, Kind.COMPOSITE))
AVERAGED = tuple(code for code in BENCHMARKED if METRICS[code].kind is Kind.STARS)
POOLED = tuple(code for code in BENCHMARKED if code not in AVERAGED)
STORES_AT_ONCE = 500
# Python refuses to read integers of more than 4,300 decimal digits; of hexadecimal ones it reads any number.
BASE = 16

# In lowest terms, as they are kept; None without any store that has a value.
Means = dict[tuple[str, date, str], tuple[Exact | None, int]]


class Benchmarks:
    """The benchmarks of any store over a span of days; what is not yet computed is computed and kept, unless
    ``kept_only``: pages have no time to compute means over all stores."""

    def __init__(
        self,
        first: date,
        last: date,
        *,
        codes: Collection[str] = BENCHMARKED,
        kept_only: bool = False,
        store: StoreProfile | None = None,
        means: Means | None = None,
    ) -> None:
        """``store``: the only one that is asked for, so that means of other categories are not read; ``means``: those
        to take instead of the kept ones."""
        self.codes = tuple(code for code in BENCHMARKED if code in codes)
        days = days_between(first, last)
        if means is not None:
            self._means = means
        elif kept_only:
            self._means = kept_benchmarks(days, self.codes, None if store is None else _scopes_of(store))
        else:
            self._means = ensure_benchmarks(days, self.codes)
        self._imported: dict[tuple[str, str], list[tuple[date, Fraction]]] = defaultdict(list)
        supplied = ImportedBenchmark.objects.filter(metric__in=self.codes, day__lte=last).order_by("day")
        for row in supplied:
            self._imported[row.category, row.metric].append((row.day, Fraction(row.value)))
        self._of_category: dict[tuple[date, str, str], dict[str, BenchmarkValue]] = {}

    def of(self, store: StoreProfile, day: date) -> Mapping[str, BenchmarkValue]:
        """The benchmarks of a store on a day by metric code: shared by all stores of one category."""
        traits = store.category_on(day)
        key = (day, traits.root, traits.path[0] if traits.path else "")
        found = self._of_category.get(key)
        if found is None:
            values = {code: self._value(store, traits, code, day) for code in self.codes}
            found = self._of_category[key] = {code: value for code, value in values.items() if value is not None}
        return found

    def _value(self, store: StoreProfile, traits: CategoryTraits, code: str, day: date) -> BenchmarkValue | None:
        """The category's own import wins over its parents'."""
        for category in traits.path:
            rows = self._imported.get((category, code), [])
            if place := bisect_right(rows, day, key=lambda row: row[0]):
                return BenchmarkValue(rows[place - 1][1], "imported", category, 0)
        least = store.policy_on(day, METRICS[code].calendar).judging.benchmark_min_stores
        value, stores = self._means.get((traits.root, day, code), (None, 0)) if traits.root else (None, 0)
        scope = traits.root
        if stores < least:
            value, stores = self._means.get((ALL_STORES, day, code), (None, 0))
            scope = ALL_STORES
        return None if value is None else BenchmarkValue(value, "category" if scope else "all", scope, stores)


def ensure_benchmarks(days: Sequence[date], codes: Collection[str] = BENCHMARKED) -> Means:
    """The means of every scope on the days, from the kept rows, the missing days computed and kept."""
    if not days:
        return {}
    rows = Benchmark.objects.filter(day__gte=days[0], day__lte=days[-1])
    kept = set(rows.filter(scope=ALL_STORES, metric=BENCHMARKED[0]).values_list("day", flat=True))
    missing = [day for day in days if day not in kept]
    if missing:
        _keep(compute_benchmarks(missing))
    return kept_benchmarks(days, codes)


def _scopes_of(store: StoreProfile) -> set[str]:
    """All scopes that the store was compared in."""
    categories = (store.categories.get(period.primary_category) for period in store.periods)
    return {ALL_STORES, *(category.root for category in categories if category is not None)}


def kept_benchmarks(
    days: Sequence[date], codes: Collection[str] = BENCHMARKED, scopes: Collection[str] | None = None
) -> Means:
    """The means of every scope, or of some, on the days that are kept."""
    means: Means = {}
    if not days or not codes:
        return means
    rows = Benchmark.objects.filter(day__gte=days[0], day__lte=days[-1], metric__in=codes)
    if scopes is not None:
        rows = rows.filter(scope__in=scopes)
    columns = rows.values_list("scope", "day", "metric", "numerator", "denominator", "stores")
    for scope, day, metric, numerator, denominator, stores in columns:
        upper, lower = int(numerator, BASE), int(denominator, BASE)
        means[scope, day, metric] = (Ratio(upper, lower) if lower else None, stores)
    return means


@dataclass(slots=True)
class Pool:
    """What the stores of a scope have on a day: their number; by metric sums of counts, or values to average."""

    stores: int = 0
    uppers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lowers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    values: dict[str, list[Exact]] = field(default_factory=lambda: defaultdict(list))

    def add_store(self, day: StoreDay) -> None:
        """Add a store."""
        self.stores += 1
        for code in POOLED:
            terms = day.terms[code]
            if terms.has_feeds:
                upper, lower = day.counts(terms)
                self.uppers[code] += upper
                self.lowers[code] += lower
        for code in AVERAGED:
            value = day.value(code)
            if value.sufficient and value.exact is not None:
                self.values[code].append(value.exact)

    def add_pool(self, other: "Pool") -> None:
        """Add the stores of another scope."""
        self.stores += other.stores
        for mine, others in ((self.uppers, other.uppers), (self.lowers, other.lowers)):
            for code, count in others.items():
                mine[code] += count
        for code, values in other.values.items():
            self.values[code] += values

    def mean(self, code: str) -> Fraction | None:
        """The pooled ratio of counts; of ratings and their dimensions the mean over stores with a sufficient one."""
        metric = METRICS[code]
        if code in AVERAGED:
            values = self.values[code]
            return exact_sum(values) / len(values) if values else None
        upper, lower = self.uppers[code], self.lowers[code]
        if metric.kind is Kind.FLOOR:
            upper = lower - upper
        return Fraction(upper, lower * metric.per) if lower > 0 else None


def compute_benchmarks(days: Sequence[date], shared: SharedTerms | None = None) -> Means:
    """Means of every first-level category and of all stores on the days, from current facts (MX-08); ``shared``:
    policies to judge by, where not those in force."""
    pools: dict[tuple[str, date], Pool] = defaultdict(Pool)
    stores, shared = list(Store.objects.order_by("id")), shared or load_shared_terms()
    for start in range(0, len(stores), STORES_AT_ONCE):
        _add_stores(pools, stores[start : start + STORES_AT_ONCE], days, shared)
    for (root, day), pool in list(pools.items()):
        if root != ALL_STORES:
            pools[ALL_STORES, day].add_pool(pool)
    scopes = {(ALL_STORES, day) for day in days} | pools.keys()
    return {
        (scope, day, code): (pools[scope, day].mean(code), pools[scope, day].stores)
        for scope, day in sorted(scopes)
        for code in BENCHMARKED
    }


@uncollected()
def _add_stores(
    pools: dict[tuple[str, date], Pool], stores: Sequence[Store], days: Sequence[date], shared: SharedTerms
) -> None:
    for day in _store_days(stores, days, shared):
        if day.store.period_on(day.day).status == Store.Status.ACTIVE:
            pools[day.store.category_on(day.day).root, day.day].add_store(day)


def _store_days(stores: Sequence[Store], days: Sequence[date], shared: SharedTerms) -> Iterator[StoreDay]:
    """Every day of every store; a store's computed values are dropped once the next store is reached."""
    if len(days) == 1:
        loaded = load_days(stores, days[0], codes=BENCHMARKED, shared=shared)
        for store in stores:
            yield loaded.pop(store.id)
        return
    spans = load_spans(stores, days[0], days[-1], codes=BENCHMARKED, profiles=load_profiles(stores, shared))
    for store in stores:
        yield from map(spans.pop(store.id).on, days)


def _keep(means: Means) -> None:
    rows = []
    for (scope, day, code), (value, stores) in means.items():
        upper, lower = (0, 0) if value is None else value.as_integer_ratio()
        rows.append(
            Benchmark(
                scope=scope,
                day=day,
                metric=code,
                stores=stores,
                numerator=format(upper, "x"),
                denominator=format(lower, "x"),
            )
        )
    Benchmark.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
