"""Periodic work on messages. Tasks only call services, and may run twice."""

from celery import shared_task
from django.utils import timezone

from notifications.mailing.delivering import deliver_mail


@shared_task(name="notifications.deliver_mail")
def deliver_mail_task() -> int:
    """Send the e-mails that are due; returns how many rows were handled."""
    return deliver_mail(at=timezone.now()).rows.total()
