"""Closing days: once, again, killed midway, and late data (MX-02, MX-03, MX-08, RL-03, RL-04)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from core.dirty import mark_orders_dirty
from core.models import DirtySubject
from metrics.catalogue import METRICS, Calendar
from metrics.facts.updating import apply_dirty, rebuild_facts
from metrics.models import Benchmark, Fact, Problem, Published, Run
from metrics.scorecards.batches import scorecards_between
from metrics.services.night import days_to_close, run_night, run_scheduled
from metrics.services.refresh import refresh_figures
from orders.models import Exclusion, Order, Protection
from stores.models import Feed
from stores.shards import UnknownStoreError
from tests.metrics.making import DAY, NOW, PAID, facts_of, make_orders, make_store, touch

pytestmark = pytest.mark.django_db


@pytest.mark.rule("MX-02", "PN-20")
def test_order_not_yet_shipped_counts_late_on_the_day_of_its_deadline():
    store = make_store()
    (order,) = make_orders(store, 1)
    apply_dirty()
    assert facts_of(store)[date(2026, 3, 10)] == {"dispatch_due": 1, "dispatch_late": 1}
    order.shipped_at = PAID + timedelta(hours=72)
    order.save()
    touch(store, [order])
    apply_dirty()
    assert facts_of(store)[date(2026, 3, 10)] == {"dispatch_due": 1, "shipped": 1}
    assert not Problem.objects.filter(counter="dispatch_late").exists()


@pytest.mark.rule("MX-01", "MX-02")
def test_removed_order_takes_its_facts_with_it():
    store = make_store()
    orders = make_orders(store, 2)
    apply_dirty()
    mark_orders_dirty(order_ids=[order.id for order in orders], store_id=store.id)
    Order.objects.all().delete()
    apply_dirty()
    assert not Fact.objects.exists()
    assert not Problem.objects.exists()


@pytest.mark.rule("DM-34", "MX-02")
def test_excluded_order_stays_in_the_denominator_and_is_no_failure():
    store = make_store()
    order, _other = make_orders(store, 2)
    Exclusion.objects.create(
        store=store,
        order=order,
        subject_kind="order",
        subject_id=order.id,
        metric="late_dispatch",
        cause_no="A1",
        created_at=NOW,
    )
    mark_orders_dirty(order_ids=[order.id], store_id=store.id)
    apply_dirty()
    assert facts_of(store)[date(2026, 3, 10)] == {"dispatch_due": 2, "dispatch_late": 1}


@pytest.mark.rule("BX-01", "MX-02")
def test_protected_order_gets_more_time_to_ship():
    store = make_store()
    (order,) = make_orders(store, 1, shipped_after=timedelta(hours=80))
    Protection.objects.create(store=store, order=order, event_no="E1", extend_hours=24)
    apply_dirty()
    assert facts_of(store)[date(2026, 3, 11)] == {"dispatch_due": 1}


@pytest.mark.rule("MX-08", "MX-09")
def test_published_rows_stay_while_late_data_restates_the_day():
    store = make_store()
    make_orders(store, 20, shipped_after=timedelta(hours=10))
    run_night(day=DAY, at=NOW)
    first = Published.objects.get(store=store, day=DAY, calendar=Calendar.PERFORMANCE).scorecard["late_dispatch"]
    assert (first["numerator"], first["denominator"], first["level"]) == (0, 20, "ok")
    make_orders(store, 5, first=20)
    run_night(day=DAY, at=NOW + timedelta(hours=1))
    again = Published.objects.get(store=store, day=DAY, calendar=Calendar.PERFORMANCE)
    assert again.scorecard["late_dispatch"] == first
    assert again.computed_at == NOW
    (_store, _day, scorecard), *_more = scorecards_between([store], DAY, DAY)
    assert scorecard["late_dispatch"].value.numerator == 5
    assert scorecard["late_dispatch"].level == "red"


@pytest.mark.rule("MX-03", "RL-03")
def test_night_run_twice_changes_nothing():
    store = make_store()
    make_orders(store, 12, shipped_after=timedelta(hours=100))
    run_night(day=DAY, at=NOW)
    before = (
        facts_of(store),
        list(Published.objects.order_by("id").values()),
        list(Benchmark.objects.values("numerator")),
    )
    run_night(day=DAY, at=NOW + timedelta(hours=2))
    after = (
        facts_of(store),
        list(Published.objects.order_by("id").values()),
        list(Benchmark.objects.values("numerator")),
    )
    assert after == before
    assert set(Run.objects.values_list("state", "attempts")) == {("done", 1)}


@pytest.mark.rule("MX-02", "RL-03")
def test_batch_that_dies_leaves_facts_and_log_as_they_were():
    store = make_store()
    make_orders(store, 6)
    waiting = DirtySubject.objects.count()

    class KilledError(Exception):
        pass

    def die(done: int) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        apply_dirty(batch=2, progress=die)
    assert DirtySubject.objects.count() == waiting - 2
    assert facts_of(store)[date(2026, 3, 10)] == {"dispatch_due": 2, "dispatch_late": 2}
    apply_dirty(batch=2)
    incremental = facts_of(store)
    rebuild_facts()
    assert facts_of(store) == incremental
    assert incremental[date(2026, 3, 10)] == {"dispatch_due": 6, "dispatch_late": 6}


@pytest.mark.rule("RL-04", "MX-03")
def test_missed_nights_are_made_up_in_order():
    make_store()
    run_scheduled(calendar=Calendar.PERFORMANCE, at=NOW)
    later = NOW + timedelta(days=3)
    assert days_to_close(calendar=Calendar.PERFORMANCE, at=later) == [DAY + timedelta(days=n) for n in (1, 2, 3)]
    closed = run_scheduled(calendar=Calendar.PERFORMANCE, at=later)
    assert [night.day for night in closed] == [DAY + timedelta(days=n) for n in (1, 2, 3)]
    assert days_to_close(calendar=Calendar.PERFORMANCE, at=later) == []
    assert run_scheduled(calendar=Calendar.PERFORMANCE, at=later) == []


@pytest.mark.rule("MX-11")
def test_kept_benchmarks_are_made_again_when_facts_change():
    stores = [make_store(f"S{number}") for number in range(5)]
    for store in stores:
        make_orders(store, 10, shipped_after=timedelta(hours=10))
    run_night(day=DAY, at=NOW)
    make_orders(stores[0], 10, first=10)
    apply_dirty()
    _first, (_store, _day, scorecard), *_rest = scorecards_between(stores, DAY, DAY)
    mark = scorecard["late_dispatch"].benchmark
    assert mark is not None
    assert (mark.value.numerator, mark.value.denominator, mark.stores) == (1, 6, 5)


@pytest.mark.rule("IX-11")
def test_unknown_store_is_named():
    with pytest.raises(UnknownStoreError, match="NOPE"):
        run_night(day=DAY, at=NOW, store_nos=["NOPE"])


def closed_at(now: datetime, *arguments: str) -> set[tuple[str, date]]:
    """What the command publishes at an instant, as (calendar, day)."""
    with time_machine.travel(now, tick=False):
        call_command("nightly", *arguments)
    return set(Published.objects.values_list("calendar", "day"))


@pytest.mark.sqlite_only
@pytest.mark.rule("IX-11", "MX-08")
@pytest.mark.parametrize(
    ("now", "closed", "left"),
    [
        # The Shanghai day ends eight hours before the UTC day of the same date.
        (datetime(2026, 3, 10, 16, tzinfo=UTC), {"performance"}, "2026-03-10 is not over in UTC"),
        (datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC), {"performance"}, "2026-03-10 is not over in UTC"),
        (datetime(2026, 3, 11, tzinfo=UTC), {"performance", "rating"}, ""),
    ],
)
def test_command_closes_a_day_only_where_it_is_over(
    now: datetime, closed: set[str], left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_store()
    assert closed_at(now, "--day", DAY.isoformat()) == {(calendar, DAY) for calendar in closed}
    assert capsys.readouterr().err.partition(":")[0] == left
    assert set(Run.objects.values_list("job", "day")) == {(calendar, DAY) for calendar in closed}


@pytest.mark.sqlite_only
@pytest.mark.rule("IX-11", "MX-08")
@pytest.mark.parametrize("arguments", [["--day", "2026-03-10"], ["--day", "2026-03-10", "--rebuild", "--store", "S1"]])
def test_command_refuses_a_day_that_is_over_nowhere(arguments: list[str]) -> None:
    make_orders(make_store(), 3)
    apply_dirty()
    facts = Fact.objects.count()
    with pytest.raises(CommandError, match="none of these days is over"):
        closed_at(datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC), *arguments)
    assert (Published.objects.count(), Run.objects.count(), Fact.objects.count()) == (0, 0, facts)


@pytest.mark.sqlite_only
@pytest.mark.rule("IX-11")
def test_range_is_closed_as_far_as_it_is_over() -> None:
    make_store()
    found = closed_at(datetime(2026, 3, 10, 17, tzinfo=UTC), "--from", "2026-03-09", "--to", "2026-03-12", "--json")
    assert found == {("rating", date(2026, 3, 9)), ("performance", date(2026, 3, 9)), ("performance", DAY)}


@pytest.mark.rule("MX-07")
def test_day_that_ends_after_its_feed_is_known_is_stale():
    store = make_store()
    make_orders(store, 20)
    apply_dirty()
    Feed.objects.filter(store=store).update(known_until=datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC))
    (_store, _day, scorecard), *_more = scorecards_between([store], DAY, DAY)
    assert scorecard["late_dispatch"].level == "stale"
    assert scorecard["late_dispatch"].value.numerator == 20
    Feed.objects.filter(store=store).update(known_until=datetime(2026, 3, 10, 16, tzinfo=UTC))
    (_store, _day, scorecard), *_more = scorecards_between([store], DAY, DAY)
    assert scorecard["late_dispatch"].level == "red"


def test_every_metric_has_policy_and_every_policy_a_metric():
    from rulebook.queries import policy_at

    assert set(policy_at(NOW).metrics) == set(METRICS)


@pytest.mark.rule("MX-03")
def test_performance_day_is_not_closed_before_two_in_shanghai():
    make_store()
    before, due = datetime(2026, 3, 10, 17, 59, 59, tzinfo=UTC), datetime(2026, 3, 10, 18, tzinfo=UTC)
    assert days_to_close(calendar=Calendar.PERFORMANCE, at=before) == [DAY - timedelta(days=1)]
    assert days_to_close(calendar=Calendar.PERFORMANCE, at=due) == [DAY]
    assert days_to_close(calendar=Calendar.RATING, at=datetime(2026, 3, 11, tzinfo=UTC)) == [DAY]


@pytest.mark.rule("MX-03", "IX-11")
def test_day_closed_by_hand_before_its_run_is_due_has_no_earlier_one_closed():
    make_store()
    closed_at(datetime(2026, 3, 10, 17, tzinfo=UTC), "--day", DAY.isoformat())
    for hours in (0, 1, 24):
        at = datetime(2026, 3, 10, 17, tzinfo=UTC) + timedelta(hours=hours)
        assert days_to_close(calendar=Calendar.PERFORMANCE, at=at) == []
    at = datetime(2026, 3, 11, 18, tzinfo=UTC)
    assert days_to_close(calendar=Calendar.PERFORMANCE, at=at) == [DAY + timedelta(days=1)]


@pytest.mark.rule("MX-02")
def test_what_comes_in_is_counted_between_the_nights():
    store = make_store()
    make_orders(store, 3)
    assert refresh_figures(at=NOW) == 3
    assert facts_of(store)[DAY] == {"dispatch_due": 3, "dispatch_late": 3}
    assert Benchmark.objects.filter(day=DAY, metric="late_dispatch").exists()
    assert not Published.objects.exists()
    assert refresh_figures(at=NOW) == 0
