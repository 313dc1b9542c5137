"""Scheduled runs: each task only calls its service and may run twice (RL-03)."""

from datetime import UTC, date, datetime

import structlog
from celery import shared_task

from metrics.catalogue import Calendar
from metrics.queries.carriers import claim_count, count_all_carriers
from metrics.services.night import run_scheduled
from metrics.services.refresh import refresh_figures

log = structlog.get_logger("dianwei.metrics")


@shared_task(name="metrics.rating_run")
def rating_run() -> None:
    """00:00 UTC: closes the rating day (SR-11)."""
    run_scheduled(calendar=Calendar.RATING, at=datetime.now(UTC))


@shared_task(name="metrics.performance_run")
def performance_run() -> None:
    """02:00 Asia/Shanghai: closes the performance day (MX-03)."""
    run_scheduled(calendar=Calendar.PERFORMANCE, at=datetime.now(UTC))


@shared_task(name="metrics.refresh_figures")
def refresh() -> None:
    """Counts what came in since the last run."""
    refresh_figures(at=datetime.now(UTC))


@shared_task(name="metrics.make_up_runs")
def make_up_runs() -> None:
    """Closes days that a scheduler that was away has missed, in order (RL-04)."""
    for calendar in Calendar:
        run_scheduled(calendar=calendar, at=datetime.now(UTC))


@shared_task(name="metrics.count_carriers")
def count_carriers(day: str) -> None:
    """Counts the carriers of all stores for the pages that compare them (DP-18)."""
    count_all_carriers(date.fromisoformat(day))


def ask_for_carriers(day: date) -> None:
    """Have the carriers of all stores counted in the background, once; a broker that is down is no reason to fail."""
    if not claim_count(day):
        return
    try:
        count_carriers.delay(day.isoformat())
    except Exception:
        log.warning("no worker woken", day=day.isoformat(), exc_info=True)
