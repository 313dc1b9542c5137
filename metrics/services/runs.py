"""Run records (MX-03): unique rows that make two schedulers harmless and missed nights visible."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from metrics.models import Run

# A stage that has been running longer belongs to a worker that died.
LEASE = timedelta(minutes=15)


@dataclass(frozen=True)
class StageResult:
    """What a stage did."""

    stage: str
    rows: int
    seconds: float


def run_stage(*, job: str, day: date, stage: str, at: datetime, work: Callable[[], int]) -> StageResult:
    """Do a stage's work under its run record. A rerun does the work again: every stage is idempotent."""
    claim = _claim(job, day, stage, at)
    started = time.monotonic()
    try:
        rows = work()
    except Exception as error:
        _settle(claim, Run.State.FAILED, 0, started, at, f"{type(error).__name__}: {error}")
        raise
    seconds = _settle(claim, Run.State.DONE, rows, started, at, "")
    return StageResult(stage, rows, seconds)


def is_busy(*, job: str, day: date, at: datetime) -> bool:
    """Whether another worker is at a day's stages."""
    return Run.objects.filter(job=job, day=day, state=Run.State.RUNNING, started_at__gt=at - LEASE).exists()


def _claim(job: str, day: date, stage: str, at: datetime) -> Run:
    try:
        with transaction.atomic():
            return Run.objects.create(job=job, day=day, stage=stage, state=Run.State.RUNNING, started_at=at)
    except IntegrityError:
        run = Run.objects.get(job=job, day=day, stage=stage)
        Run.objects.filter(pk=run.pk).update(
            state=Run.State.RUNNING, started_at=at, finished_at=None, error="", attempts=run.attempts + 1
        )
        return run


def _settle(run: Run, state: str, rows: int, started: float, at: datetime, error: str) -> float:
    seconds = time.monotonic() - started
    Run.objects.filter(pk=run.pk).update(
        state=state,
        rows=rows,
        milliseconds=round(seconds * 1000),
        finished_at=at + timedelta(seconds=round(seconds)),
        error=error[:2000],
    )
    return seconds
