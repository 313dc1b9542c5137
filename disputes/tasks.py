"""Background work on disputes: each task only calls its service and may run twice (RL-03)."""

import structlog
from celery import shared_task
from django.utils import timezone

from disputes.services.catching_up import catch_up_disputes

log = structlog.get_logger("dianwei.disputes")


@shared_task(name="disputes.catch_up")
def catch_up() -> None:
    """Derives the clocks that disputes under way lack."""
    log.info("disputes caught up", seen=catch_up_disputes(at=timezone.now()))
