"""Periodic work of the API. Tasks only call services, and may run twice."""

from celery import shared_task
from django.utils import timezone

from api.services.idempotency import forget_answers
from api.services.tokens import forget_old


@shared_task(name="api.forget_answers")
def forget_answers_task() -> int:
    """Delete answers to idempotency keys that are no longer kept."""
    return forget_answers(at=timezone.now())


@shared_task(name="api.forget_tokens")
def forget_tokens_task() -> int:
    """Delete codes and tokens that ended some time ago; returns how many."""
    return forget_old(at=timezone.now())
