"""Deliver what waits in the outbox to its subscribers, in order per subject, with an effect that happens once.

A worker claims rows, which counts the attempt, then removes them and runs the consumer in one transaction. New rows are
delivered in batches. Those of a batch that failed are tried one by one, so that a bad event holds up no other subject.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects

from core.leases import Leases, take_turn
from core.models import OutboxEntry
from core.outbox.subscribers import Subscriber, all_subscribers

log = structlog.get_logger("dianwei.outbox")

# The lease is above the longest task. What is given up waits for a person, as do later rows of its subject (RL-03).
LEASES = Leases(duration=timedelta(minutes=15), max_attempts=8, first_retry=timedelta(seconds=30))
ENTRIES_AT_ONCE = 500
ERROR_LENGTH = 2_000
# Turns of subscribers begin here: numbers that nothing else in the product locks.
FIRST_TURN = 0x0B0C << 32

Entries = QuerySet[OutboxEntry]


class OvertakenError(RuntimeError):
    """A row was coalesced with a later event, or its lease was lost, before its consumer ran."""


@dataclass(frozen=True)
class OutboxResult:
    """What one run did: events delivered per subscriber, failed attempts, and rows given up until a person looks."""

    delivered: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    given_up: int = 0


def run_outbox(*, at: datetime) -> OutboxResult:
    """Deliver everything that is due at ``at``; any number of runs may work at once or die half-way."""
    delivered: Counter[str] = Counter()
    failed = 0
    for subscriber in all_subscribers():
        while entries := _claim(subscriber, at):
            if _deliver(subscriber, entries, at):
                delivered[subscriber.name] += len(entries)
            else:
                failed += 1
    stuck = given_up(at=at).count()
    if stuck:
        log.error("outbox rows given up", count=stuck)
    return OutboxResult(delivered, failed, stuck)


def given_up(*, at: datetime) -> Entries:
    """Rows that are not tried again until a person asks for it."""
    return LEASES.given_up(OutboxEntry.objects.all(), at=at)


def _claim(subscriber: Subscriber, at: datetime) -> Sequence[OutboxEntry]:
    """The next new rows, else one that failed before and is due."""
    rows = OutboxEntry.objects.filter(subscriber=subscriber.name).order_by("event_id")
    # Most turns of the schedule find nothing, and need not wait for who writes.
    if not rows.exists():
        return ()
    with transaction.atomic():
        # Workers claim one after the other, so that no two hold rows of one subject.
        take_turn(FIRST_TURN + crc32(subscriber.name.encode()))
        entries = LEASES.claim(_new(rows), at=at, limit=ENTRIES_AT_ONCE) or LEASES.claim(_again(rows), at=at, limit=1)
    prefetch_related_objects(entries, "event")
    return entries


def _earlier() -> Entries:
    """The rows of the same subscriber and subject that come before an outer one."""
    same = {name: OuterRef(name) for name in ("subscriber", "subject")}
    return OutboxEntry.objects.filter(**same, event_id__lt=OuterRef("event_id"))


def _new(rows: Entries) -> Entries:
    return rows.filter(~Exists(_earlier().filter(attempts__gt=0)), attempts=0)


def _again(rows: Entries) -> Entries:
    return rows.filter(~Exists(_earlier()), attempts__gt=0)


def _deliver(subscriber: Subscriber, entries: Sequence[OutboxEntry], at: datetime) -> bool:
    try:
        _consume(subscriber, entries)
    except SoftTimeLimitExceeded:
        raise
    except OvertakenError as error:
        _put_off(entries, at, error)
    except Exception as error:
        log.exception("subscriber failed", subscriber=subscriber.name, rows=len(entries))
        _put_off(entries, at, error)
    else:
        return True
    return False


@transaction.atomic
def _consume(subscriber: Subscriber, entries: Sequence[OutboxEntry]) -> None:
    """Remove the rows and run the consumer, or neither. Removing comes first: a worker that holds the same rows waits,
    and finds nothing."""
    if _held(entries).delete()[0] != len(entries):
        raise OvertakenError
    subscriber.consume([entry.event for entry in entries])


def _held(entries: Sequence[OutboxEntry]) -> Entries:
    """The rows while they are as they were claimed."""
    return OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries], lease=entries[0].lease)


def _put_off(entries: Sequence[OutboxEntry], at: datetime, error: Exception) -> None:
    """Rows of a batch are tried again at once, one by one; a single one waits longer each time."""
    retry_at = LEASES.next_attempt(entries[0].attempts, at) if len(entries) == 1 else None
    text = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
    _held(entries).update(lease_until=None, retry_at=retry_at, error=text)
