"""Background work on orders: each task only calls its service and may run twice (RL-03)."""

import structlog
from celery import shared_task
from django.utils import timezone

from orders.services.fakes import open_fake_dispatch_cases

log = structlog.get_logger("dianwei.orders")


@shared_task(name="orders.open_fake_dispatch_cases")
def look_for_fake_dispatch() -> None:
    """Opens cases of dispatches that look fake (TM-07)."""
    log.info("fake dispatch looked for", opened=open_fake_dispatch_cases(at=timezone.now()))
