"""Background work of appeals: each task only calls its service and may run twice (RL-03)."""

from datetime import UTC, datetime

from celery import shared_task

from appeals.services.overdue import queue_overdue_mails, send_overdue_mails
from appeals.services.protecting import look_again, work_events

# A worker is at it for so long, then wakes another one: no task comes near its time limit.
MOST_SECONDS = 300


@shared_task(name="appeals.work_protected_events")
def work_protected_events() -> None:
    """Protects the orders that events in force meet, or has them count again."""
    now = datetime.now(UTC)
    look_again(at=now)
    work_events(at=now, seconds=MOST_SECONDS)


@shared_task(name="appeals.mail_overdue_reviews")
def mail_overdue_reviews() -> int:
    """Mails senior reviewers what is overdue; returns how many mails were sent."""
    now = datetime.now(UTC)
    queue_overdue_mails(at=now)
    return send_overdue_mails(at=now)
