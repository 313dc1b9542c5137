"""Background work on orders: each task only calls its service and may run twice (RL-03)."""

import time

import structlog
from celery import shared_task
from django.utils import timezone

from orders.services.catching_up import catch_up_orders
from orders.services.counts import settle_counts
from orders.services.examining import examine_messages
from orders.services.fakes import open_fake_dispatch_cases
from orders.services.manipulation import examine_reviews
from orders.services.scan_advice import advise_on_carriers
from orders.services.unanswered import warn_of_unanswered

# What is left waits for the next turn.
WORK_SECONDS = 40

log = structlog.get_logger("dianwei.orders")


@shared_task(name="orders.open_fake_dispatch_cases")
def look_for_fake_dispatch() -> None:
    """Opens cases of dispatches that look fake (TM-07)."""
    log.info("fake dispatch looked for", opened=open_fake_dispatch_cases(at=timezone.now()))


@shared_task(name="orders.examine_feedback")
def examine_feedback() -> int:
    """Look through new messages and reviews (TM-14, AF-07, AF-12, PN-35); returns how many there were."""
    until, examined = time.monotonic() + WORK_SECONDS, 0
    for examine in (examine_messages, examine_reviews):
        while time.monotonic() < until and (found := examine(at=timezone.now())):
            examined += found
    return examined


@shared_task(name="orders.warn_of_unanswered")
def warn_of_unanswered_messages() -> int:
    """Warn of messages whose time to answer ends soon (PN-23)."""
    return warn_of_unanswered(at=timezone.now())


@shared_task(name="orders.advise_on_carriers")
def name_carriers_that_scan_seldom() -> None:
    """Names carriers that scan too seldom, once a month each (AF-13)."""
    log.info("scan intervals looked at", advised=advise_on_carriers(at=timezone.now()))


@shared_task(name="orders.catch_up")
def catch_up(after: int = 0) -> None:
    """Derives the clocks and threads that orders lack; the next turn goes on with the next store."""
    reached = catch_up_orders(after=after, at=timezone.now(), until=time.monotonic() + WORK_SECONDS)
    log.info("orders caught up", after=after, reached=reached)
    if reached is not None:
        catch_up.delay(reached)


@shared_task(name="orders.settle_counts")
def settle_order_counts() -> int:
    """Adds up what transactions counted (PG-06); returns the rows that are gone."""
    until, settled = time.monotonic() + WORK_SECONDS, 0
    while time.monotonic() < until and (found := settle_counts()):
        settled += found
    return settled
