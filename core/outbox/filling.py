"""Outbox rows are written in the transaction that records their event."""

from collections.abc import Iterable, Iterator

import structlog
from celery import current_app
from django.db import transaction

from core.models import Event, OutboxEntry
from core.outbox.subscribers import Subscriber, subscribers_of

log = structlog.get_logger("dianwei.outbox")

ENTRIES_AT_ONCE = 1000
# By name: tasks are a layer above this module.
TASK = "core.deliver_outbox"


def enqueue(events: Iterable[Event]) -> None:
    """Add a row for each subscriber of each stored event, and wake a worker once the transaction is committed.

    A row with the coalescing key of one that waits takes its place, and is tried as if it were new.
    """
    latest = {(entry.subscriber, entry.key): entry for entry in _entries(events)}
    if not latest:
        return
    OutboxEntry.objects.bulk_create(
        # In one order everywhere: two transactions then can't wait for each other's rows.
        [latest[key] for key in sorted(latest)],
        batch_size=ENTRIES_AT_ONCE,
        update_conflicts=True,
        unique_fields=["subscriber", "key"],
        update_fields=["event", "subject", "attempts", "lease", "lease_until", "retry_at", "error"],
    )
    transaction.on_commit(wake_worker)


def _entries(events: Iterable[Event]) -> Iterator[OutboxEntry]:
    for event in events:
        for one in subscribers_of(event.kind):
            yield OutboxEntry(subscriber=one.name, event=event, subject=_subject(event), key=_key(one, event))


def _subject(event: Event) -> str:
    return f"{event.subject_kind} {event.store_no} {event.subject_key}"


def _key(one: Subscriber, event: Event) -> str:
    """A unique key where nothing coalesces, so that the constraint needs no exception."""
    return f"={one.coalesce(event)}" if one.coalesce else f"#{event.pk}"


def wake_worker() -> None:
    """Send the hint; should the broker be down, the schedule finds the rows (RL-01)."""
    try:
        current_app.send_task(TASK)
    except Exception:
        log.warning("no worker woken", exc_info=True)
