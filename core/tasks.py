"""Periodic work (DM-27). Tasks only call services, and may run twice."""

from celery import shared_task
from django.utils import timezone

from core.deadlines import sweep


@shared_task(name="core.sweep_deadlines")
def sweep_deadlines() -> int:
    """Fire what has lapsed; returns how many deadlines did."""
    return sweep(at=timezone.now()).total
