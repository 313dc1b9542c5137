"""Benchmarks from pools of parts of the stores (MX-11, MX-03)."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.facts.updating import apply_dirty
from metrics.models import Benchmark, BenchmarkPool
from metrics.scorecards.benchmarks import compute_benchmarks, ensure_benchmarks, ensure_pools
from metrics.scorecards.pools import ExactTotal, keep_pools
from metrics.services.runs import cut
from rulebook.rules import Ratio
from stores.models import Store
from stores.shards import EVERY_STORE, Shard, shards_of_stores, store_batches
from tests.metrics.making import DAY, make_orders
from tests.metrics.test_shards import make_stores

RATIOS = st.builds(Ratio, st.integers(-(10**9), 10**9), st.integers(1, 10**6))


@pytest.mark.rule("MX-06", "MX-11")
@given(st.lists(st.lists(RATIOS, max_size=150), max_size=6))
def test_totals_of_parts_add_up_to_that_of_all(parts: list[list[Ratio]]) -> None:
    whole = ExactTotal()
    for values in parts:
        part = ExactTotal()
        for value in values:
            part.add(value)
        whole.add_sum(part.total(), part.count)
    everything = [Fraction(*value) for values in parts for value in values]
    assert (whole.total(), whole.count) == (sum(everything, Fraction()), len(everything))


@pytest.mark.rule("MX-03", "MX-11", "RL-03")
@pytest.mark.django_db
def test_benchmarks_of_shards_are_those_of_all_stores() -> None:
    make_stores()
    apply_dirty()
    ids = list(Store.objects.order_by("pk").values_list("pk", flat=True))
    alone = compute_benchmarks([DAY])
    assert alone["", DAY, "late_dispatch"][1] == len(ids)
    # A shard that is done twice, one that was cut otherwise before, and one that no worker has done.
    for shard in (Shard(0, ids[1]), Shard(0, ids[2]), Shard(0, ids[1]), Shard(ids[3], ids[4]), Shard(ids[4], None)):
        ensure_pools(day=DAY, shard=shard)
    keep_pools(date(2026, 3, 9), EVERY_STORE)
    assert {key: (_exact(value), stores) for key, (value, stores) in ensure_benchmarks([DAY]).items()} == alone
    assert list(BenchmarkPool.objects.values_list("day", flat=True)) == [date(2026, 3, 9)]
    assert ensure_pools(day=DAY, shard=EVERY_STORE) == 0
    make_orders(Store.objects.get(pk=ids[0]), 3, first=100)
    apply_dirty()
    assert (Benchmark.objects.filter(day=DAY).count(), BenchmarkPool.objects.filter(day=DAY).count()) == (0, 0)


def _exact(value: Ratio | None) -> Fraction | None:
    return None if value is None else Fraction(*value.as_integer_ratio())


@pytest.mark.rule("MX-03")
@pytest.mark.django_db
def test_stores_are_cut_without_reading_them() -> None:
    assert shards_of_stores(least=2, most_shards=3) == [EVERY_STORE]
    make_stores(8)
    ids = list(Store.objects.order_by("pk").values_list("pk", flat=True))
    for least, most_shards in ((1, 64), (2, 64), (3, 64), (8, 64), (9, 64), (1, 3)):
        shards = shards_of_stores(least=least, most_shards=most_shards)
        assert shards == cut(((pk, 1) for pk in ids), total=len(ids), least=least, most_shards=most_shards)
    assert [[store.pk for store in batch] for batch in store_batches(Shard(ids[0], ids[5]), 2)] == [
        ids[1:3], ids[3:5], ids[5:6]
    ]  # fmt: skip
