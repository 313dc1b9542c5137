"""Weekly reports are looked for every ten minutes; the rows say which are due."""

from celery import shared_task
from django.utils import timezone

from reports.services import send_due


@shared_task(name="reports.send_reports")
def send_reports() -> int:
    """Send what is due; returns how many reports went."""
    return send_due(at=timezone.now())
