"""Background work of the pages that compare: each task only calls its service and may run twice (RL-03)."""

from datetime import date

import structlog
from celery import shared_task

from insights.queries.carriers import claim_count, count_all_carriers

log = structlog.get_logger("dianwei.insights")


@shared_task(name="insights.count_carriers")
def count_carriers(day: str) -> None:
    """Counts the carriers of all stores for the pages that compare them (DP-18)."""
    count_all_carriers(date.fromisoformat(day))


def ask_for_carriers(day: date) -> None:
    """Have the carriers of all stores counted in the background, once; a broker that is down is no reason to fail."""
    if not claim_count(day):
        return
    try:
        count_carriers.delay(day.isoformat())
    except Exception:
        log.warning("no worker woken", day=day.isoformat(), exc_info=True)
