"""Benchmarks (MX-11): an imported value wins, else the category's pooled ratio or mean, else that of all stores."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from metrics.catalogue import METRICS, Kind
from metrics.figures.cards import Mark
from metrics.figures.loading import load_day, load_figures
from metrics.figures.store import Figures, StoreContext
from metrics.models import Benchmark, ImportedBenchmark
from rulebook.timebase import days_between
from stores.models import Store

ALL_STORES = ""
# Sums and composite scores are not compared with a mean of other stores (assumption).
BENCHMARKED = tuple(code for code, metric in METRICS.items() if metric.kind not in (Kind.SUM, Kind.COMPOSITE))
STORES_AT_ONCE = 500
# Python refuses to read integers of more than 4,300 decimal digits; of hexadecimal ones it reads any number.
BASE = 16

Means = dict[tuple[str, date, str], tuple[Fraction | None, int]]


class BenchmarkBook:
    """The marks of any store over a span of days; what is not yet computed is computed and kept, unless ``kept_only``:
    a page must not take the time of computing means over all stores."""

    def __init__(
        self,
        first: date,
        last: date,
        *,
        codes: Collection[str] = BENCHMARKED,
        kept_only: bool = False,
        store: StoreContext | None = None,
    ) -> None:
        """``store``: the only one that marks are asked for, so that means of other categories are not read."""
        self.codes = tuple(code for code in BENCHMARKED if code in codes)
        days = days_between(first, last)
        if kept_only:
            self._means = kept_benchmarks(days, self.codes, None if store is None else _scopes_of(store))
        else:
            self._means = ensure_benchmarks(days, self.codes)
        self._imported: dict[tuple[str, str], list[tuple[date, Fraction]]] = defaultdict(list)
        supplied = ImportedBenchmark.objects.filter(metric__in=self.codes, day__lte=last).order_by("day")
        for row in supplied:
            self._imported[row.category, row.metric].append((row.day, Fraction(row.value)))

    def mark(self, figures: Figures, code: str, day: date) -> Mark | None:
        """The mark that a store is compared with on a day; the category's own import wins over its parents'."""
        if code not in self.codes:
            return None
        traits = figures.store.category_on(day)
        for category in traits.path:
            rows = self._imported.get((category, code), [])
            if place := bisect_right(rows, day, key=lambda row: row[0]):
                return Mark(rows[place - 1][1], "imported", category, 0)
        least = figures.policy(day, METRICS[code].calendar).judging.benchmark_min_stores
        value, stores = self._means.get((traits.root, day, code), (None, 0)) if traits.root else (None, 0)
        scope = traits.root
        if stores < least:
            value, stores = self._means.get((ALL_STORES, day, code), (None, 0))
            scope = ALL_STORES
        return None if value is None else Mark(value, "category" if scope else "all", scope, stores)


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


def _scopes_of(store: StoreContext) -> set[str]:
    """The scopes that a store was ever compared in."""
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
        means[scope, day, metric] = (Fraction(upper, lower) if lower else None, stores)
    return means


def compute_benchmarks(days: Sequence[date]) -> Means:
    """Means of every first-level category and of all stores on the days, from current facts (MX-08)."""
    sums: dict[tuple[str, date, str], list[Fraction | int]] = defaultdict(lambda: [0, 0])
    members: dict[tuple[str, date], int] = defaultdict(int)
    stores = list(Store.objects.order_by("id"))
    for start in range(0, len(stores), STORES_AT_ONCE):
        for figures in _figures(stores[start : start + STORES_AT_ONCE], days).values():
            for day in days:
                _add_store(sums, members, figures, day)
    return {
        (scope, day, code): (_mean(code, sums[scope, day, code]), count)
        for (scope, day), count in members.items()
        for code in BENCHMARKED
    } | {(ALL_STORES, day, code): (None, 0) for day in days if not members[ALL_STORES, day] for code in BENCHMARKED}


def _figures(stores: Sequence[Store], days: Sequence[date]) -> Mapping[int, Figures]:
    if len(days) == 1:
        return load_day(stores, days[0], codes=BENCHMARKED)
    return load_figures(stores, days[0], days[-1], codes=BENCHMARKED)


def _add_store(
    sums: dict[tuple[str, date, str], list[Fraction | int]],
    members: dict[tuple[str, date], int],
    figures: Figures,
    day: date,
) -> None:
    if figures.store.period_on(day).status != Store.Status.ACTIVE:
        return
    scopes = {ALL_STORES, figures.store.category_on(day).root}
    for scope in scopes:
        members[scope, day] += 1
    for code in BENCHMARKED:
        value = figures.value(code, day)
        if METRICS[code].kind == Kind.STARS:
            upper, lower = (value.value, 1) if value.sufficient and value.value is not None else (0, 0)
        else:
            upper, lower = value.numerator or 0, value.denominator or 0
        if lower:
            for scope in scopes:
                pair = sums[scope, day, code]
                pair[0] += upper
                pair[1] += lower


def _mean(code: str, pair: Sequence[Fraction | int]) -> Fraction | None:
    upper, lower = pair
    return Fraction(upper) / Fraction(lower) / METRICS[code].per if lower > 0 else None


def _keep(means: Means) -> None:
    rows: Iterable[Benchmark] = [
        Benchmark(
            scope=scope,
            day=day,
            metric=code,
            stores=stores,
            numerator=format(value.numerator if value is not None else 0, "x"),
            denominator=format(value.denominator if value is not None else 0, "x"),
        )
        for (scope, day, code), (value, stores) in means.items()
    ]
    Benchmark.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
