"""Periodic work on messages. Tasks only call services, and may run twice."""

from celery import shared_task
from django.utils import timezone

from notifications.channels.delivering import channels_due, deliver
from notifications.rules import ChannelName
from notifications.services.deliveries import wake_workers
from notifications.webhooks.sending import deliver_webhooks, forget_old


@shared_task(name="notifications.deliver")
def deliver_task(channel: str) -> int:
    """Send what is due by a channel; returns how many rows were handled."""
    return deliver(ChannelName(channel), at=timezone.now()).rows.total()


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
