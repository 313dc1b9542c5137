"""Background work of the pages that compare: each task only calls its service and may run twice (RL-03)."""

from datetime import UTC, date, datetime, timedelta

import structlog
from celery import shared_task

from insights.queries.carriers import claim_count, count_all_carriers
from orders.services.flags import forget_cleared_flags
from rulebook.queries import policy_at

log = structlog.get_logger("dianwei.insights")

# A worker checks risks for so long; then the schedule sends the next one.
CHECKING = timedelta(minutes=5)


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


@shared_task(name="insights.check_risks")
def check_risks() -> None:
    """Brings flags and scores of stores in line whose check is due (TM-06, TM-14)."""
    # Only workers compute with columns of numbers: pages, which ask this module for tasks, do without numpy.
    from insights.services.checks import work_checks

    work_checks(clock=lambda: datetime.now(UTC), until=datetime.now(UTC) + CHECKING)


@shared_task(name="insights.train_risk")
def train_risk() -> None:
    """Learns the early warning anew from what became of orders; forgets flags that were cleared long ago (TM-06)."""
    from insights.services.training import TooLittleData, train_model

    at = datetime.now(UTC)
    trained = train_model(at=at)
    if isinstance(trained, TooLittleData):
        log.info("early warning not trained", reason=trained.text)
    forget_cleared_flags(before=at - timedelta(days=policy_at(at).transactions.trade_window_days))
