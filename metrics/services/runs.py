"""Run records (MX-03): the list of a night's work in the database, from which any number of workers take (RL-01).

A stage is opened by writing a row for each of its shards; a worker claims a row, does it and settles it. A stage is
opened when the one before is done to its last shard: that is the barrier. Whatever dies is claimed again; rows are
only about who does what, and the work itself may run twice.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from core.leases import Leases, is_held
from metrics.models import Run
from stores.shards import Shard, between

# The lease is longer than the longest task may take (RL-03).
SHARDS = Leases(duration=timedelta(minutes=15), max_attempts=5)
ERROR_LENGTH = 2_000


@dataclass(frozen=True)
class Clock:
    """The instant of a run, going on from the one it was begun at."""

    at: datetime
    _begun: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.at + timedelta(seconds=int(self.elapsed()))

    def elapsed(self) -> float:
        """Seconds since it was begun."""
        return time.monotonic() - self._begun


class GivenUpError(RuntimeError):
    """A shard failed too often and needs a person."""


@dataclass(frozen=True)
class StageResult:
    """What was done of a stage: shards, rows, seconds of work."""

    stage: str
    rows: int
    seconds: float
    shards: int = 1


def open_stage(*, job: str, day: date, stage: str, shards: Sequence[Shard]) -> None:
    """Write the work of a stage, unless another worker did: all of it or nothing."""
    rows = [
        Run(job=job, day=day, stage=stage, shard=place, after=shard.after, last=shard.last)
        for place, shard in enumerate(shards)
    ]
    try:
        with transaction.atomic():
            Run.objects.bulk_create(rows)
    except IntegrityError:
        return


def reopen_day(*, job: str, day: date, clock: Clock) -> None:
    """Reset a day's stages so that they run again; stages that are running just continue."""
    rows = Run.objects.filter(job=job, day=day)
    if not any(is_held(run, clock.now()) for run in rows):
        rows.delete()


def claim_next(*, job: str, day: date, stage: str, clock: Clock) -> Run | None:
    """Take a shard of a stage that nobody is at; None when none is left to take. `GivenUpError` where one failed too
    often and the others are done or taken."""
    now = clock.now()
    shards = _undone(job, day).filter(stage=stage).order_by("shard")
    for run in SHARDS.claim(
        shards, at=now, limit=1, state=Run.State.RUNNING, started_at=now, finished_at=None, error=""
    ):
        return run
    refuse_lost(job=job, day=day, clock=clock)
    return None


def refuse_lost(*, job: str, day: date, clock: Clock) -> None:
    """Raise `GivenUpError` if a shard has failed too often and no worker holds it."""
    for run in SHARDS.given_up(_undone(job, day), at=clock.now()):
        raise GivenUpError(f"{run} failed {run.attempts} attempts: {run.error or 'its process died'}")


def _undone(job: str, day: date) -> QuerySet[Run]:
    return Run.objects.filter(job=job, day=day).exclude(state=Run.State.DONE)


def do_shard(*, run: Run, work: Callable[[Callable[[int], None]], int], clock: Clock) -> StageResult:
    """Run a claimed shard; ``work`` is given a function to report progress, which renews the lease."""

    def still_here(_done: int) -> None:
        SHARDS.renew(run, at=clock.now())

    started = time.monotonic()
    try:
        rows = work(still_here)
    except BaseException as error:
        _settle(run, Run.State.FAILED, 0, started, clock, f"{type(error).__name__}: {error}")
        raise
    seconds = _settle(run, Run.State.DONE, rows, started, clock, "")
    return StageResult(run.stage, rows, seconds)


def is_done(*, job: str, day: date, stage: str) -> bool | None:
    """Whether all shards of a stage are done; None if it was not opened."""
    states = set(Run.objects.filter(job=job, day=day, stage=stage).values_list("state", flat=True).distinct())
    return states == {Run.State.DONE} if states else None


def waiting(*, job: str, day: date) -> int:
    """The opened shards of a day that no worker has started."""
    return Run.objects.filter(job=job, day=day, state=Run.State.WAITING).count()


def is_busy(*, at: datetime) -> bool:
    """Whether a worker is running any night."""
    return any(is_held(run, at) for run in Run.objects.filter(lease_until__gt=at))


def _settle(run: Run, state: str, rows: int, started: float, clock: Clock, error: str) -> float:
    seconds = time.monotonic() - started
    SHARDS.settle(
        run,
        state=state,
        rows=rows,
        milliseconds=round(seconds * 1000),
        finished_at=clock.now(),
        error=error[:ERROR_LENGTH],
    )
    return seconds


def cut(weights: Iterable[tuple[int, int]], *, total: int, least: int, most_shards: int) -> list[Shard]:
    """Shards of all stores from (store id, amount of work) in order of ids, ``total`` together: each of at least
    ``least`` work, at most ``most_shards`` of them."""
    size = max(least, -(-total // most_shards))
    ends, load = [], 0
    for store_id, weight in weights:
        load += weight
        if load >= size:
            ends.append(store_id)
            load = 0
    return between(ends[:-1] if ends and not load else ends)
