"""What stores have together (MX-11): sums of counts, exact sums of ratings. Pools of any parts of the stores add up to
the same, so a night makes them shard by shard, keeps them as rows and merges them, in memory that does not grow with
the number of stores."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from metrics.catalogue import METRICS, Kind
from metrics.models import BenchmarkPool
from metrics.scorecards.loading import load_days, load_spans
from metrics.scorecards.memory import uncollected
from metrics.scorecards.store_profiles import load_profiles, load_shared_terms
from metrics.scorecards.storeday import StoreDay
from metrics.scorecards.terms import SharedTerms
from rulebook.rules import Exact, Ratio, exact_sum
from stores.models import Store
from stores.shards import Shard, store_batches

Progress = Callable[[int], None]

ALL_STORES = ""
# Sums and composite scores are not compared with a mean of other stores (assumption).
BENCHMARKED = tuple(code for code, metric in METRICS.items() if metric.kind not in (Kind.SUM, Kind.COMPOSITE))
AVERAGED = tuple(code for code in BENCHMARKED if METRICS[code].kind is Kind.STARS)
POOLED = tuple(code for code in BENCHMARKED if code not in AVERAGED)
STORES_AT_ONCE = 500
# Values with different denominators that are added at once.
ADDENDS = 64
# Python refuses to read integers of more than 4,300 decimal digits; of hexadecimal ones it reads any number.
BASE = 16


@dataclass(slots=True)
class ExactTotal:
    """An exact sum and how many values it has. It keeps no value: full sets of addends are added up, and two sums of
    equally many sets become one, as carries do in counting, so that long fractions meet only long ones."""

    count: int = 0
    addends: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    sums: list[Fraction | None] = field(default_factory=list)

    def add(self, value: Exact) -> None:
        """Add a value."""
        self.count += 1
        upper, lower = value.as_integer_ratio()
        self.addends[lower] += upper
        if len(self.addends) == ADDENDS:
            self._carry(self._added())
            self.addends.clear()

    def add_sum(self, total: Fraction, count: int) -> None:
        """Add the sum of ``count`` values."""
        self.count += count
        self._carry(total)

    def total(self) -> Fraction:
        """The sum, in lowest terms."""
        return sum((one for one in self.sums if one is not None), self._added())

    def _added(self) -> Fraction:
        return exact_sum(Ratio(upper, lower) for lower, upper in self.addends.items())

    def _carry(self, total: Fraction) -> None:
        for place, there in enumerate(self.sums):
            if there is None:
                self.sums[place] = total
                return
            total, self.sums[place] = total + there, None
        self.sums.append(total)


@dataclass(slots=True)
class Pool:
    """What the stores of a scope have on a day: their number; by metric sums of counts, or of values to average."""

    stores: int = 0
    uppers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lowers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    values: dict[str, ExactTotal] = field(default_factory=lambda: defaultdict(ExactTotal))

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
                self.values[code].add(value.exact)

    def add_pool(self, other: "Pool") -> None:
        """Add other stores."""
        self.stores += other.stores
        for mine, others in ((self.uppers, other.uppers), (self.lowers, other.lowers)):
            for code, count in others.items():
                mine[code] += count
        for code, values in other.values.items():
            self.values[code].add_sum(values.total(), values.count)

    def mean(self, code: str) -> Fraction | None:
        """The pooled ratio of counts; of ratings and their dimensions the mean over stores with a sufficient one."""
        metric = METRICS[code]
        if code in AVERAGED:
            values = self.values[code]
            return values.total() / values.count if values.count else None
        upper, lower = self.uppers[code], self.lowers[code]
        if metric.kind is Kind.FLOOR:
            upper = lower - upper
        return Fraction(upper, lower * metric.per) if lower > 0 else None

    def data(self) -> dict[str, Any]:
        """For a row; ``pool_of`` reads it."""
        return {
            "stores": self.stores,
            "counts": {code: [self.uppers[code], lower] for code, lower in self.lowers.items()},
            "values": {code: [*written(values.total()), values.count] for code, values in self.values.items()},
        }


Pools = dict[tuple[str, date], Pool]


def pool_of(data: Mapping[str, Any]) -> Pool:
    """The pool that was written."""
    pool = Pool(data["stores"])
    for code, (upper, lower) in data["counts"].items():
        pool.uppers[code], pool.lowers[code] = upper, lower
    for code, (upper, lower, count) in data["values"].items():
        pool.values[code].add_sum(Fraction(int(upper, BASE), int(lower, BASE)), count)
    return pool


def written(value: Fraction) -> tuple[str, str]:
    """Numerator and denominator as rows have them."""
    return format(value.numerator, "x"), format(value.denominator, "x")


def pool_stores(
    shard: Shard, days: Sequence[date], shared: SharedTerms | None = None, progress: Progress | None = None
) -> Pools:
    """The pools of the stores of a shard that were active, from current facts (MX-08); ``shared``: policies to count
    by, where not those in force. Reports how many stores are done."""
    pools: Pools = defaultdict(Pool)
    shared, done = shared or load_shared_terms(), 0
    for stores in store_batches(shard, STORES_AT_ONCE):
        _add_stores(pools, stores, days, shared)
        done += len(stores)
        if progress:
            progress(done)
    return pools


@uncollected()
def _add_stores(pools: Pools, stores: Sequence[Store], days: Sequence[date], shared: SharedTerms) -> None:
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


def keep_pools(day: date, shard: Shard, progress: Progress | None = None) -> int:
    """Make the pools of a shard's stores and keep them until they are merged; returns the stores in them. What is kept
    is as good as made anew: it goes when facts change."""
    kept = BenchmarkPool.objects.filter(day=day, after=shard.after, last=shard.last).first()
    if kept is None:
        pools = pool_stores(shard, [day], progress=progress)
        data = {root: pool.data() for (root, _day), pool in pools.items()}
        kept, _new = BenchmarkPool.objects.update_or_create(
            day=day, after=shard.after, defaults={"last": shard.last, "pools": data}
        )
    return sum(pool["stores"] for pool in kept.pools.values())


def merged_pools(day: date) -> Pools:
    """The pools of all stores on a day: those that are kept, one row after the other, and of stores that no row is
    about made anew."""
    pools: Pools = defaultdict(Pool)
    for row in _rows_in_turn(day):
        if isinstance(row, Shard):
            merge(pools, pool_stores(row, [day]))
        else:
            merge(pools, {(root, day): pool_of(data) for root, data in row.pools.items()})
    return pools


def merge(pools: Pools, others: Mapping[tuple[str, date], Pool]) -> None:
    """Add the pools of other stores."""
    for key, pool in others.items():
        pools[key].add_pool(pool)


def _rows_in_turn(day: date) -> Iterator[BenchmarkPool | Shard]:
    """Kept rows that together are about every store once, with shards where there is none."""
    after: int | None = 0
    while after is not None:
        row = BenchmarkPool.objects.filter(day=day, after__gte=after).order_by("after").first()
        if row is None or row.after > after:
            yield Shard(after, None if row is None else row.after)
        if row is not None:
            yield row
        after = None if row is None else row.last
