"""Periodic work on messages, and previews that somebody asked for. Tasks only call services, and may run twice."""

from datetime import UTC, datetime, timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from notifications.channels.delivering import channels_due, deliver, may_run
from notifications.rules import ChannelName
from notifications.services.announcing import announce_policies
from notifications.services.deliveries import wake_workers
from notifications.services.previewing import work_previews
from notifications.webhooks.sending import deliver_webhooks, forget_old

log = structlog.get_logger("dianwei.notifications")

# A worker makes previews for so long; then the schedule sends the next one.
PREVIEWING = timedelta(minutes=5)


@shared_task(name="notifications.deliver")
def deliver_task(channel: str) -> int:
    """Send what is due by a channel, if enough processes don't do so already; returns how many rows were handled."""
    name, now = ChannelName(channel), timezone.now()
    return deliver(name, at=now).rows.total() if may_run(name, at=now) else 0


@shared_task(name="notifications.wake_channels")
def wake_channels_task() -> int:
    """Wake a worker for each channel that has something to send; returns how many. Each has a task of its own, so one
    whose server lets us wait holds up no other."""
    due = channels_due(at=timezone.now())
    wake_workers(due)
    return len(due)


@shared_task(name="notifications.deliver_webhooks")
def deliver_webhooks_task() -> int:
    """Send the webhooks that are due; returns how many requests were made."""
    return deliver_webhooks(at=timezone.now()).rows.total()


@shared_task(name="notifications.forget_webhooks")
def forget_webhooks_task() -> int:
    """Delete the log of webhooks that is no longer kept."""
    return forget_old(at=timezone.now())


@shared_task(name="notifications.preview_impacts")
def preview_impacts() -> int:
    """Make the impact previews that wait (BX-14); returns how many were finished."""
    return work_previews(clock=lambda: datetime.now(UTC), until=datetime.now(UTC) + PREVIEWING)


@shared_task(name="notifications.announce_policies")
def announce_policies_task() -> int:
    """Tell companies of coming policy versions that change something for them; returns how many were told."""
    return announce_policies(at=timezone.now())


def wake_previews() -> None:
    """Have a worker make the previews that wait; a broker that is down is no reason to fail, the schedule looks too."""
    try:
        preview_impacts.delay()
    except Exception:
        log.warning("no worker woken", exc_info=True)
