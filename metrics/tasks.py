"""Scheduled runs: each task only calls its service and may run twice (RL-03)."""

from datetime import UTC, date, datetime
from functools import partial

import structlog
from celery import shared_task

from metrics.catalogue import Calendar
from metrics.services.night import run_scheduled, work_night
from metrics.services.refresh import refresh_figures
from metrics.services.runs import Clock

log = structlog.get_logger("dianwei.metrics")


# A worker runs a night for so long, then wakes another one: no task comes near its time limit (RL-03).
MOST_SECONDS = 300
# More workers than this gain nothing; each hint is a message, and a worker that finds nothing to do is done at once.
MOST_HINTS = 32


@shared_task(name="metrics.rating_run")
def rating_run() -> None:
    """00:00 UTC: closes the rating day (SR-11)."""
    close_days(Calendar.RATING)


@shared_task(name="metrics.performance_run")
def performance_run() -> None:
    """02:00 Asia/Shanghai: closes the performance day (MX-03)."""
    close_days(Calendar.PERFORMANCE)


@shared_task(name="metrics.make_up_runs")
def make_up_runs() -> None:
    """Closes missed days in order, and those that dead workers left unfinished (RL-04)."""
    for calendar in Calendar:
        close_days(calendar)


@shared_task(name="metrics.join_night")
def join_night(calendar: str, day: str) -> None:
    """Joins a night that another worker has started, then the nights waiting behind it."""
    job = Calendar(calendar)
    clock, wake = Clock(datetime.now(UTC)), partial(ask_for_help, job)
    if work_night(calendar=job, day=date.fromisoformat(day), clock=clock, seconds=MOST_SECONDS, wake=wake):
        close_days(job)


def close_days(calendar: Calendar) -> None:
    """Close all due days with every free worker."""
    wake = partial(ask_for_help, calendar)
    run_scheduled(calendar=calendar, at=datetime.now(UTC), seconds=MOST_SECONDS, wake=wake)


def ask_for_help(calendar: Calendar, day: date, workers: int) -> None:
    """Wake workers for a night. The work is in the database: without the broker it is only slower."""
    try:
        for _worker in range(min(workers, MOST_HINTS)):
            join_night.delay(calendar, day.isoformat())
    except Exception:
        log.warning("no worker woken", calendar=calendar, day=day.isoformat(), exc_info=True)


@shared_task(name="metrics.refresh_figures")
def refresh() -> None:
    """Counts what came in since the last run."""
    refresh_figures(at=datetime.now(UTC))
