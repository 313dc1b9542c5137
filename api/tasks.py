"""Periodic work of the API."""

from celery import shared_task
from django.utils import timezone

from api.services.idempotency import forget_answers


@shared_task(name="api.forget_answers")
def forget_answers_task() -> int:
    """Delete answers to idempotency keys that are no longer kept."""
    return forget_answers(at=timezone.now())
