"""Background work on disputes: each task only calls its service and may run twice (RL-03)."""

import time

import structlog
from celery import shared_task
from django.utils import timezone

from disputes.services.catching_up import catch_up_disputes
from disputes.services.listing_checks import check_listings

# What is left waits for the next turn.
WORK_SECONDS = 40

log = structlog.get_logger("dianwei.disputes")


@shared_task(name="disputes.catch_up")
def catch_up() -> None:
    """Derives the clocks that disputes under way lack."""
    log.info("disputes caught up", seen=catch_up_disputes(at=timezone.now()))


@shared_task(name="disputes.check_listings")
def check_new_listings() -> int:
    """Check the texts of new and changed listings (DP-17); returns how many there were."""
    until, checked = time.monotonic() + WORK_SECONDS, 0
    while time.monotonic() < until and (found := check_listings(at=timezone.now())):
        checked += found
    return checked
