"""Preparing exports and removing old ones; the rows are the truth, the broker only wakes workers (RL-01)."""

from celery import shared_task
from django.utils import timezone

from exports.services import remove_exports, run_exports


@shared_task(name="exports.run_exports")
def run_exports_task() -> int:
    """Prepare what waits; returns how many exports became ready."""
    return run_exports(at=timezone.now())


@shared_task(name="exports.remove_exports")
def remove_exports_task() -> int:
    """Remove files that were kept long enough; returns how many."""
    return remove_exports(at=timezone.now())
