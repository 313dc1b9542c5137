"""A night cut into shards that workers take from the database (MX-03, RL-01, RL-03, RL-04)."""

import itertools
import os
import socket
import threading
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core.models import DirtySubject
from metrics.catalogue import Calendar
from metrics.models import Benchmark, Fact, Published, Run
from metrics.services import runs
from metrics.services.night import days_to_close, night_of, run_night, run_scheduled, work_night
from metrics.services.refresh import refresh_figures
from metrics.services.runs import SHARDS, Clock, GivenUpError, cut
from notifications.models import JudgedDay, Notice
from tests.metrics.making import DAY, NOW, make_orders, make_store

LATE = timedelta(hours=100)
JOB = Calendar.PERFORMANCE


@pytest.fixture
def small_shards(settings) -> None:
    settings.NIGHT_SHARD_SUBJECTS, settings.NIGHT_SHARD_STORES = 10, 2


def make_stores(count: int = 7) -> None:
    for place in range(count):
        make_orders(make_store(f"S{place}"), 5 + place, shipped_after=LATE if place % 2 else timedelta(hours=10))


def outcome() -> tuple[object, ...]:
    """What a night leaves, without when."""
    return (
        list(Fact.objects.order_by("store", "day").values_list("store", "day", "dispatch_late", "shipped")),
        list(Benchmark.objects.order_by("scope", "day", "metric").values_list("scope", "metric", "numerator")),
        list(Published.objects.order_by("store", "calendar").values_list("store", "calendar", "scorecard")),
    )


def forget_night() -> None:
    for model in (Published, Benchmark, Run, Notice, JudgedDay):
        model.objects.all().delete()


@pytest.mark.rule("MX-03")
@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 400)), max_size=60, unique_by=lambda pair: pair[0]),
    st.integers(1, 300),
    st.integers(1, 9),
)
def test_shards_together_are_all_stores_and_none_is_in_two(weights, least, most_shards) -> None:
    weights = sorted(weights)
    total = sum(weight for _id, weight in weights)
    shards = cut(weights, total=total, least=least, most_shards=most_shards)
    assert 1 <= len(shards) <= most_shards
    assert shards[0].after == 0
    assert shards[-1].last is None
    assert all(left.last == right.after for left, right in itertools.pairwise(shards))
    loads = [sum(w for key, w in weights if key > s.after and (s.last is None or key <= s.last)) for s in shards]
    assert sum(loads) == sum(weight for _key, weight in weights)
    # The last one takes what is left over.
    assert all(load >= least for load in loads[:-1])


@pytest.mark.rule("MX-03", "DM-35")
@pytest.mark.django_db
def test_shards_come_to_the_same_as_one_run(settings, small_shards: None) -> None:
    make_stores()
    run_night(day=DAY, at=NOW)
    in_shards = outcome()
    assert Run.objects.filter(job=JOB, stage="publish").count() == 4
    assert Run.objects.filter(job=Calendar.RATING, stage="facts").count() > 2
    forget_night()
    settings.NIGHT_SHARD_SUBJECTS, settings.NIGHT_SHARD_STORES = 20_000, 250
    run_night(day=DAY, at=NOW, rebuild=True)
    assert set(Run.objects.values_list("shard", flat=True)) == {0}
    assert outcome() == in_shards


@pytest.mark.slow
@pytest.mark.rule("MX-03", "RL-04")
@pytest.mark.django_db(transaction=True)
def test_workers_share_a_night(small_shards: None) -> None:
    make_stores(12)
    run_night(day=DAY, at=NOW, calendars=[JOB], rebuild=True)
    alone = outcome()
    rows = night_of(JOB, DAY).stages
    forget_night()
    start_line, errors = threading.Barrier(4), []

    def work() -> None:
        try:
            start_line.wait()
            for _turn in range(200):
                if work_night(calendar=JOB, day=DAY, clock=Clock(NOW)):
                    break
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _place in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert errors == []
    assert outcome() == alone
    assert set(Run.objects.values_list("state", "attempts")) == {("done", 1)}
    together = {stage.stage: stage.rows for stage in night_of(JOB, DAY).stages}
    assert together == {stage.stage: stage.rows for stage in rows} | {"facts": 0}
    assert days_to_close(calendar=JOB, at=NOW) == []


@pytest.mark.rule("MX-03")
@pytest.mark.django_db
def test_benchmarks_wait_for_the_facts_of_all_shards(small_shards: None) -> None:
    make_stores()
    work_night(calendar=JOB, day=DAY, clock=Clock(NOW), seconds=0)
    first, *others = Run.objects.order_by("shard")
    assert (first.stage, first.state, {run.state for run in others}) == ("facts", "done", {"waiting"})
    Run.objects.filter(pk=others[0].pk).update(
        state="running", attempts=1, lease="elsewhere:1:x", lease_until=NOW + SHARDS.duration
    )
    assert not work_night(calendar=JOB, day=DAY, clock=Clock(NOW))
    assert set(Run.objects.values_list("stage", flat=True)) == {"facts"}
    assert run_scheduled(calendar=JOB, at=NOW) == []
    assert work_night(calendar=JOB, day=DAY, clock=Clock(NOW + SHARDS.duration))
    assert set(Run.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.rule("RL-03", "RL-04")
@pytest.mark.django_db
def test_shard_of_a_process_that_died_here_is_taken_at_once(small_shards: None) -> None:
    make_stores()
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    runs.open_stage(job=JOB, day=DAY, stage="facts", shards=[runs.Shard()])
    dead = f"{socket.gethostname()}:{child}:x"
    Run.objects.update(state="running", attempts=1, lease=dead, lease_until=NOW + SHARDS.duration)
    assert work_night(calendar=JOB, day=DAY, clock=Clock(NOW))
    assert Run.objects.get(stage="facts").attempts == 2
    assert not DirtySubject.objects.exists()


@pytest.mark.rule("RL-03")
@pytest.mark.django_db
def test_shard_begun_too_often_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    make_stores(1)

    def fail(**_given: object) -> int:
        raise ZeroDivisionError("no such luck")

    with monkeypatch.context() as patch:
        patch.setattr("metrics.services.night.publish_day", fail)
        for _attempt in range(SHARDS.max_attempts):
            with pytest.raises(ZeroDivisionError):
                run_scheduled(calendar=JOB, at=NOW)
        with pytest.raises(GivenUpError, match=r"performance 2026-03-10 publish 0 .*no such luck"):
            run_scheduled(calendar=JOB, at=NOW)
    failed = Run.objects.get(stage="publish")
    assert (failed.state, failed.attempts) == ("failed", SHARDS.max_attempts)
    with pytest.raises(GivenUpError):
        run_scheduled(calendar=JOB, at=NOW)
    run_night(day=DAY, at=NOW, calendars=[JOB])
    assert days_to_close(calendar=JOB, at=NOW) == []
    assert Published.objects.count() == 1


@pytest.mark.rule("RL-03")
@pytest.mark.django_db
def test_worker_that_was_only_thought_dead_changes_no_record() -> None:
    make_store()
    runs.open_stage(job=JOB, day=DAY, stage="facts", shards=[runs.Shard()])
    slow = runs.claim_next(job=JOB, day=DAY, stage="facts", clock=Clock(NOW))
    assert slow is not None
    Run.objects.update(lease_until=NOW)
    fast = runs.claim_next(job=JOB, day=DAY, stage="facts", clock=Clock(NOW))
    assert fast is not None
    runs.do_shard(run=fast, work=lambda _report: 7, clock=Clock(NOW))
    runs.do_shard(run=slow, work=lambda _report: 9, clock=Clock(NOW))
    assert Run.objects.get().rows == 7


@pytest.mark.rule("MX-03")
@pytest.mark.django_db
def test_long_shard_renews_its_lease() -> None:
    make_store()
    runs.open_stage(job=JOB, day=DAY, stage="facts", shards=[runs.Shard()])
    run = runs.claim_next(job=JOB, day=DAY, stage="facts", clock=Clock(NOW))
    assert run is not None
    later = Clock(NOW + timedelta(minutes=10))

    def work(report) -> int:
        report(1)
        assert Run.objects.get().lease_until == later.at + SHARDS.duration
        return 1

    runs.do_shard(run=run, work=work, clock=later)


@pytest.mark.rule("MX-02", "MX-11")
@pytest.mark.django_db
def test_facts_are_left_alone_between_the_shards_of_a_night(small_shards: None) -> None:
    make_stores()
    work_night(calendar=JOB, day=DAY, clock=Clock(NOW), seconds=0)
    waiting = Run.objects.filter(state="waiting").order_by("shard")[0]
    Run.objects.filter(pk=waiting.pk).update(state="running", lease="elsewhere:1:x", lease_until=NOW + SHARDS.duration)
    assert refresh_figures(at=NOW) == 0
    assert refresh_figures(at=NOW + SHARDS.duration) > 0


@pytest.mark.rule("MX-03", "MX-09")
@pytest.mark.django_db
def test_store_that_came_after_a_stage_was_opened_is_in_its_last_shard(small_shards: None) -> None:
    make_stores()
    run_night(day=DAY, at=NOW, calendars=[Calendar.RATING])
    runs.open_stage(job=JOB, day=DAY, stage="publish", shards=[runs.Shard(0, 1), runs.Shard(1, None)])
    make_orders(make_store("NEW"), 12, shipped_after=LATE)
    assert work_night(calendar=JOB, day=DAY, clock=Clock(NOW))
    assert Published.objects.get(store__store_no="NEW", calendar=JOB).scorecard["late_dispatch"]["level"] == "red"
