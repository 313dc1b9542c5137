"""A store's days: values of many days at once are those of each day (MX-05, MX-10), ages (DM-11), and judging that
reads nothing but what was loaded."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from core.timebase import performance_day, rating_day
from metrics.catalogue import METRICS, Calendar
from metrics.scorecards.batches import judge_shard
from metrics.scorecards.benchmarks import Benchmarks
from metrics.scorecards.loading import load_days, load_spans
from metrics.scorecards.store_profiles import Period, StoreProfile
from metrics.scorecards.terms import SharedTerms
from stores.reference import resolve_categories
from tests.examples import costly
from tests.metrics.worlds import load_world
from tests.oracle.paces import LAST
from tests.oracle.strategies import worlds
from tests.oracle.world import World


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.rule("MX-05", "MX-10")
@given(data=worlds(stores=2))
@costly(3)
def test_values_of_a_span_are_those_of_its_days(data):
    bundle, facts = data
    first = LAST - timedelta(days=20)
    days = [first + timedelta(days=number) for number in range(21)]
    with transaction.atomic():
        stores = load_world(World(bundle, facts=facts))
        resolve_categories()
        for span in load_spans(list(stores.values()), first, LAST).values():
            for code in METRICS:
                assert span.values(code, first, LAST) == [span.value(code, day) for day in days], code
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.rule("MX-08")
@given(data=worlds(stores=3))
@costly(2)
def test_judging_stores_reads_nothing_but_what_was_loaded(data):
    bundle, facts = data
    with transaction.atomic():
        stores = load_world(World(bundle, facts=facts))
        resolve_categories()
        benchmarks = Benchmarks(LAST, LAST)
        loaded = load_days(list(stores.values()), LAST)
        with CaptureQueriesContext(connection) as queries:
            scorecards = judge_shard(loaded, METRICS, benchmarks)
        assert len(queries) == 0
        assert judge_shard(loaded, METRICS, benchmarks) == scorecards
        assert {store_id: list(scorecard) for store_id, scorecard in scorecards.items()} == {
            store.pk: list(METRICS) for store in stores.values()
        }
        transaction.set_rollback(True)


def opened(at: datetime) -> StoreProfile:
    """A store that opened at an instant."""
    periods = [Period(date(1970, 1, 1), "basic", "", "active")]
    return StoreProfile(1, "S1", "pop", at, periods, {}, SharedTerms((), {}))


@pytest.mark.rule("DM-11")
@given(st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(-400, 4000))
def test_age_is_counted_in_the_calendar_of_the_metric(opened_at: datetime, days: int) -> None:
    for calendar, day_of in ((Calendar.PERFORMANCE, performance_day), (Calendar.RATING, rating_day)):
        assert opened(opened_at).age_on(day_of(opened_at) + timedelta(days=days), calendar) == days


@pytest.mark.rule("DM-11")
def test_age_differs_between_calendars_late_in_the_utc_day() -> None:
    store = opened(datetime(2026, 5, 1, 16, tzinfo=UTC))
    assert store.age_on(date(2026, 5, 3), Calendar.RATING) == 2
    assert store.age_on(date(2026, 5, 3), Calendar.PERFORMANCE) == 1
