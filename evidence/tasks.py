"""Periodic work. Tasks only call services, and may run twice."""

from celery import shared_task
from django.utils import timezone

from evidence.services.examining import TASK, examine_waiting
from evidence.services.orphans import remove_orphans


@shared_task(name="evidence.remove_orphans")
def remove_orphans_task() -> int:
    """Remove what nothing refers to; returns how many rows and files."""
    removed = remove_orphans(at=timezone.now())
    return removed.rows + removed.files


@shared_task(name=TASK)
def examine_files() -> int:
    """Examine the files that wait for it; returns how many there were."""
    return examine_waiting(at=timezone.now())
