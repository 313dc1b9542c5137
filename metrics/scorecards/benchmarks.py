"""Benchmarks (MX-11): an imported value wins, else the category's pooled ratio or mean, else that of all stores."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction

from django.db import transaction

from core.timebase import days_between
from metrics.catalogue import METRICS
from metrics.models import Benchmark, BenchmarkPool, ImportedBenchmark
from metrics.scorecards.pools import (
    ALL_STORES,
    BASE,
    BENCHMARKED,
    Pools,
    Progress,
    keep_pools,
    merged_pools,
    pool_stores,
    written,
)
from metrics.scorecards.results import BenchmarkValue
from metrics.scorecards.store_profiles import StoreProfile
from metrics.scorecards.terms import CategoryTraits, SharedTerms
from rulebook.rules import Exact, Ratio, fraction_of
from stores.shards import EVERY_STORE, Shard

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
    kept = _kept_days(days)
    if missing := [day for day in days if day not in kept]:
        pooled = set(BenchmarkPool.objects.filter(day__in=missing).values_list("day", flat=True))
        for day in sorted(pooled):
            _keep(_means(merged_pools(day), [day]), [day])
        if others := [day for day in missing if day not in pooled]:
            _keep(compute_benchmarks(others), others)
    return kept_benchmarks(days, codes)


def _kept_days(days: Sequence[date]) -> set[date]:
    rows = Benchmark.objects.filter(day__gte=days[0], day__lte=days[-1])
    return set(rows.filter(scope=ALL_STORES, metric=BENCHMARKED[0]).values_list("day", flat=True))


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


def ensure_pools(*, day: date, shard: Shard, progress: Progress | None = None) -> int:
    """Keep what a shard's stores add to the benchmarks of a day, unless these are kept; returns the stores in it."""
    return 0 if _kept_days([day]) else keep_pools(day, shard, progress)


def compute_benchmarks(days: Sequence[date], shared: SharedTerms | None = None) -> Means:
    """Means of every first-level category and of all stores on the days, from current facts (MX-08); ``shared``:
    policies to judge by, where not those in force."""
    return _means(pool_stores(EVERY_STORE, days, shared), days)


def _means(pools: Pools, days: Sequence[date]) -> Means:
    for (root, day), pool in list(pools.items()):
        if root != ALL_STORES:
            pools[ALL_STORES, day].add_pool(pool)
    scopes = {(ALL_STORES, day) for day in days} | pools.keys()
    return {
        (scope, day, code): (pools[scope, day].mean(code), pools[scope, day].stores)
        for scope, day in sorted(scopes)
        for code in BENCHMARKED
    }


@transaction.atomic
def _keep(means: Means, days: Sequence[date]) -> None:
    rows = []
    for (scope, day, code), (value, stores) in means.items():
        upper, lower = ("0", "0") if value is None else written(fraction_of(value))
        rows.append(Benchmark(scope=scope, day=day, metric=code, stores=stores, numerator=upper, denominator=lower))
    Benchmark.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    BenchmarkPool.objects.filter(day__in=days).delete()
