"""The two runs of a day (MX-03), spread over as many workers as there are: facts of dirty subjects → pools →
benchmarks → scorecards and published rows → what apps above metrics make of them.

All is done shard by shard of the stores, but benchmarks, which merge the pools of all shards: pools wait for the facts
of all, what follows for the benchmarks. Who does what stands in run records; a worker that is woken takes part until
nothing is left.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min, Q, Sum

from core.events import record_event
from core.maintenance import stop_if_paused
from core.models import DirtySubject
from core.timebase import days_between
from metrics.catalogue import Calendar
from metrics.facts.updating import apply_dirty, forget_facts
from metrics.models import Fact, Run
from metrics.rules.days import is_over, last_due_day
from metrics.scorecards.benchmarks import ensure_benchmarks, ensure_pools
from metrics.services.publish import publish_day
from metrics.services.runs import (
    Clock,
    StageResult,
    claim_next,
    cut,
    do_shard,
    is_done,
    open_stage,
    refuse_lost,
    reopen_day,
    waiting,
)
from metrics.services.stages import LaterStage, later_stages
from stores.shards import EVERY_STORE, Shard, named_stores, shards_of_stores

FACTS, POOLS, BENCHMARKS, PUBLISH = "facts", "pools", "benchmarks", "publish"
# A scheduler that was away longer than this makes up the last days only; older ones are run by command.
MAKE_UP_DAYS = 31
MOST_SHARDS = 64
# How often, in seconds, a command looks whether other workers are done, and wakes them again.
LOOK_AGAIN, WAKE_AGAIN = 0.2, 10.0

Progress = Callable[[str, int], None]
Wake = Callable[[date, int], None]


@dataclass(frozen=True)
class NightResult:
    """The stages of a day's run, in order."""

    day: date
    job: str
    stages: list[StageResult]


def run_night(
    *,
    day: date,
    at: datetime,
    calendars: Sequence[Calendar] = (Calendar.RATING, Calendar.PERFORMANCE),
    store_nos: Sequence[str] | None = None,
    rebuild: bool = False,
    progress: Progress | None = None,
    wake: Mapping[Calendar, Wake] | None = None,
) -> list[NightResult]:
    """Close a day in those of the calendars in which it is over, whether it was closed or not: bring facts up to date,
    then publish what was not published yet; what is published never changes, so nothing is before (IX-11). Returns when
    the day is closed. With ``wake`` the workers do it all, and this process waits. Raises PausedError in a task, once
    maintenance is on.

    Everything may run twice and be killed anywhere; the next run completes it (RL-03). ``store_nos`` narrows what is
    published, and leaves no run records; facts and benchmarks always speak of all stores.
    """
    some = None if store_nos is None else named_stores(store_nos)
    over = [calendar for calendar in calendars if is_over(day, at, calendar)]
    if rebuild and over:
        forget_facts()
    results = []
    for calendar in over:
        if some is not None:
            results.append(_run_some(calendar, day, at, some, progress))
            continue
        clock = Clock(at)
        reopen_day(job=calendar, day=day, clock=clock)
        if wake is not None:
            _have_it_done(calendar, day, clock, wake[calendar])
        while not work_night(calendar=calendar, day=day, clock=clock, progress=progress):
            stop_if_paused()
            time.sleep(LOOK_AGAIN)
        results.append(night_of(calendar, day))
    return results


def run_scheduled(
    *, calendar: Calendar, at: datetime, seconds: float | None = None, wake: Wake | None = None
) -> list[NightResult]:
    """Close every complete day of a calendar that has not been closed, oldest first (RL-04); returns the days closed.

    Stops at a day that other workers are still at, and after ``seconds``.
    """
    clock, results = Clock(at), []
    for day in days_to_close(calendar=calendar, at=at):
        if not work_night(calendar=calendar, day=day, clock=clock, seconds=seconds, wake=wake):
            break
        results.append(night_of(calendar, day))
    return results


def work_night(
    *,
    calendar: Calendar,
    day: date,
    clock: Clock,
    seconds: float | None = None,
    progress: Progress | None = None,
    wake: Wake | None = None,
) -> bool:
    """Take part in a day's run until it is closed, or nothing is left that nobody is at; returns whether it is closed.

    A worker that has been at it for ``seconds`` has another go on.
    """
    wake = wake or _nobody
    for stage in _stages():
        if is_done(job=calendar, day=day, stage=stage) is None:
            open_stage(job=calendar, day=day, stage=stage, shards=_shards_of(stage))
            wake(day, waiting(job=calendar, day=day) - 1)
        while not is_done(job=calendar, day=day, stage=stage):
            run = claim_next(job=calendar, day=day, stage=stage, clock=clock)
            if run is None:
                return False
            do_shard(run=run, work=_work_of(run, calendar, clock, progress), clock=clock)
            if seconds is not None and clock.elapsed() > seconds:
                wake(day, 1)
                return False
    return True


def rerun_night(*, calendar: Calendar, day: date, actor: str, at: datetime) -> None:
    """Have a day's run done again by whoever takes it up: its work is in the database from now on (RL-01)."""
    with transaction.atomic():
        record_event(
            kind="night.reopened",
            subject_kind="night",
            subject_key=f"{calendar} {day.isoformat()}",
            actor=actor,
            at=at,
            cause="MX-03",
        )
        reopen_day(job=calendar, day=day, clock=Clock(at))
        open_stage(job=calendar, day=day, stage=FACTS, shards=_shards_of(FACTS))


def _have_it_done(calendar: Calendar, day: date, clock: Clock, wake: Wake) -> None:
    """Wait until workers have closed a day, waking one whenever none is at it."""
    *_before, final = _stages()
    woken = float("-inf")
    while not is_done(job=calendar, day=day, stage=final):
        refuse_lost(job=calendar, day=day, clock=clock)
        if time.monotonic() - woken > WAKE_AGAIN:
            wake(day, 1)
            woken = time.monotonic()
        time.sleep(LOOK_AGAIN)


def _nobody(_day: date, _workers: int) -> None:
    """Wakes no other worker."""


def _stages() -> list[str]:
    return [FACTS, POOLS, BENCHMARKS, *_for_stores()]


def _for_stores() -> dict[str, LaterStage]:
    """The stages after the barrier of the benchmarks, in order: metrics' own, then those that apps above have added."""
    return {PUBLISH: publish_day, **dict(later_stages())}


def _shards_of(stage: str) -> list[Shard]:
    """How a stage is spread over workers: facts by the subjects to take, what follows by stores. No list of all stores
    is made."""
    if stage == BENCHMARKS:
        return [EVERY_STORE]
    if stage == FACTS:
        rows = DirtySubject.objects.all()
        by_store = rows.values_list("store_id").annotate(subjects=Count("id")).order_by("store_id")
        least = settings.NIGHT_SHARD_SUBJECTS
        return cut(by_store.iterator(), total=rows.count(), least=least, most_shards=MOST_SHARDS)
    return shards_of_stores(least=settings.NIGHT_SHARD_STORES, most_shards=MOST_SHARDS)


def _work_of(
    run: Run, calendar: Calendar, clock: Clock, progress: Progress | None
) -> Callable[[Callable[[int], None]], int]:
    def work(still_here: Callable[[int], None]) -> int:
        def report(done: int) -> None:
            still_here(done)
            if progress:
                progress(run.stage, done)

        return _do(run.stage, calendar, run.day, clock.at, run.stores, report)

    return work


def _do(stage: str, calendar: Calendar, day: date, at: datetime, shard: Shard, report: Callable[[int], None]) -> int:
    if stage == FACTS:
        return apply_dirty(shard=shard, progress=report).subjects
    if stage == POOLS:
        return ensure_pools(day=day, shard=shard, progress=report)
    if stage == BENCHMARKS:
        return len(ensure_benchmarks([day]))
    return _for_stores()[stage](day=day, at=at, calendar=calendar, shard=shard)


def _run_some(calendar: Calendar, day: date, at: datetime, some: Shard, progress: Progress | None) -> NightResult:
    stages = []
    for stage in _stages():
        started = time.monotonic()
        shard = EVERY_STORE if stage in (FACTS, POOLS, BENCHMARKS) else some

        def report(done: int, stage: str = stage) -> None:
            if progress:
                progress(stage, done)

        rows = _do(stage, calendar, day, at, shard, report)
        stages.append(StageResult(stage, rows, time.monotonic() - started))
    return NightResult(day, calendar, stages)


def night_of(calendar: Calendar, day: date) -> NightResult:
    """What the run records say of a day: rows and seconds of work of each stage, over its shards."""
    sums = (
        Run.objects.filter(job=calendar, day=day)
        .values("stage")
        .order_by()
        .annotate(shards=Count("id"), done=Sum("rows"), spent=Sum("milliseconds"))
    )
    by_stage = {
        row["stage"]: StageResult(row["stage"], row["done"], row["spent"] / 1000, row["shards"]) for row in sums
    }
    return NightResult(day, calendar, [by_stage[stage] for stage in _stages() if stage in by_stage])


def days_to_close(*, calendar: Calendar, at: datetime) -> list[date]:
    """Days due after the last one that was closed, and those before it that a dead run left half-done; only the
    last due one where none ever was begun, be it by hand before its run was due. A day is closed when its last stage
    was opened and every shard is done."""
    last = last_due_day(at, calendar)
    oldest = last - timedelta(days=MAKE_UP_DAYS)
    *_before, final = _stages()
    rows = Run.objects.filter(job=calendar)
    undone, ended = Count("id", filter=~Q(state=Run.State.DONE)), Count("id", filter=Q(stage=final))
    recent = rows.filter(day__gte=oldest, day__lte=last).values("day").order_by().annotate(undone=undone, ended=ended)
    begun = {row["day"]: row["ended"] > 0 and row["undone"] == 0 for row in recent}
    closed = {day for day, whole in begun.items() if whole}
    if closed:
        first = max(closed) + timedelta(days=1)
    elif rows.filter(day__lt=oldest).exists():
        first = oldest
    else:
        first = last + timedelta(days=1) if rows.filter(day__gt=last).exists() else last
    return sorted((set(days_between(first, last)) | begun.keys()) - closed)


def fact_days() -> tuple[date, date] | None:
    """First and last day that has facts."""
    span = Fact.objects.aggregate(first=Min("day"), last=Max("day"))
    return None if span["first"] is None else (span["first"], span["last"])
