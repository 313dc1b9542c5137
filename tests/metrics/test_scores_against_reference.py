"""Every metric, line and level against the slow computation written from the specification alone."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given

from metrics.catalogue import METRICS
from metrics.scorecards.batches import scorecards_between
from metrics.scorecards.results import MetricResult
from stores.reference import resolve_categories
from tests.examples import costly
from tests.metrics.worlds import load_world
from tests.oracle.judging import Judgement, scorecard
from tests.oracle.paces import LAST
from tests.oracle.strategies import worlds
from tests.oracle.world import World

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.mark.rule(
    *(
        "MX-05",
        "MX-06",
        "MX-07",
        "MX-10",
        "MX-11",
        "MX-12",
        "PN-33",
        "DM-31",
        "SR-01",
        "SR-09",
        "DP-02",
        "DP-03",
        "DP-06",
        "TM-05",
    ),
    *("TM-09", "TM-10", "AF-13", "AF-15", "PN-21", "PN-22"),
)
@given(data=worlds(stores=3))
@costly(6)
def test_cards_equal_the_reference_on_every_metric(data):
    bundle, facts = data
    world = World(bundle, facts=facts)
    with transaction.atomic():
        stores = load_world(world)
        resolve_categories()
        first = LAST - timedelta(days=1)
        for store, store_day, results in scorecards_between(list(stores.values()), first, LAST):
            expected = scorecard(world, store.store_no, store_day.day)
            assert {code: row_of(results[code]) for code in METRICS} == {
                code: reference_row(expected[code]) for code in METRICS
            }, f"{store.store_no} {store_day.day}"
        # One day alone is added up by the database instead of from prefix sums.
        for store, store_day, results in scorecards_between(list(stores.values()), LAST, LAST):
            expected = scorecard(world, store.store_no, store_day.day)
            assert {code: row_of(results[code]) for code in METRICS} == {
                code: reference_row(expected[code]) for code in METRICS
            }, f"{store.store_no} {store_day.day} alone"
        transaction.set_rollback(True)


def row_of(result: MetricResult) -> tuple[object, ...]:
    value = result.value
    mark = result.benchmark.value if result.benchmark else None
    return (
        value.numerator,
        value.denominator,
        value.value,
        result.yellow,
        result.red,
        result.level,
        result.held_back,
        mark,
        result.deviation,
    )


def reference_row(judged: Judgement) -> tuple[object, ...]:
    score = judged.score
    return (
        score.numerator,
        score.denominator,
        score.value,
        judged.yellow,
        judged.red,
        judged.level,
        judged.held_back,
        judged.benchmark,
        judged.deviation,
    )
