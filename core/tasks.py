"""Periodic work (DM-27, DM-33). Tasks only call services, and may run twice."""

from celery import shared_task
from django.utils import timezone

from core.outbox.delivering import run_outbox
from core.sweeping import sweep


@shared_task(name="core.sweep_deadlines")
def sweep_deadlines() -> int:
    """Fire what has lapsed; returns how many deadlines did."""
    return sweep(at=timezone.now()).total


@shared_task(name="core.deliver_outbox")
def deliver_outbox() -> int:
    """Have subscribers act on events; returns how many events were delivered."""
    return run_outbox(at=timezone.now()).delivered.total()
