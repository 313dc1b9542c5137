"""Periodic work. Tasks only call services, and may run twice."""

from celery import shared_task
from django.utils import timezone

from evidence.services.orphans import remove_orphans


@shared_task(name="evidence.remove_orphans")
def remove_orphans_task() -> int:
    """Remove what nothing refers to; returns how many rows and files."""
    removed = remove_orphans(at=timezone.now())
    return removed.rows + removed.files
