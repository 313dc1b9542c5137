"""What operators do: outbox rows that were given up (RL-03), and maintenance (RL-17)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog
from django.db import Error, transaction

from core import maintenance
from core.events import record_event
from core.models import OutboxEntry
from core.outbox.delivering import given_up
from core.outbox.filling import wake_worker

log = structlog.get_logger("dianwei.maintenance")


# ── Maintenance ────────────────────────────────────────────────────────────────────────────────────────────────────


def begin_maintenance(
    *, until: datetime | None, messages: Mapping[str, str], actor: str, at: datetime
) -> maintenance.Maintenance:
    """Turn maintenance on, or change until when and what is said about it."""
    begun = maintenance.turn_on(at=at, until=until, messages=messages)
    _record_maintenance("maintenance.begun", actor, at, {"until": until.isoformat() if until else None})
    return begun


def end_maintenance(*, actor: str, at: datetime) -> bool:
    """Turn maintenance off; False where it was not on."""
    if not maintenance.turn_off():
        return False
    _record_maintenance("maintenance.ended", actor, at, {})
    return True


def _record_maintenance(kind: str, actor: str, at: datetime, after: dict[str, str | None]) -> None:
    """Keep it in the audit trail, unless there is no database to keep it in: that must not hinder maintenance."""
    try:
        with transaction.atomic():
            record_event(
                kind=kind, subject_kind="installation", subject_key="installation", actor=actor, at=at, after=after
            )
    except Error:
        log.warning("maintenance not recorded", kind=kind, exc_info=True)


# ── The outbox ─────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def retry_outbox(*, entries: Iterable[OutboxEntry], actor: str, at: datetime) -> int:
    """Have rows that were given up tried again as if they were new; returns how many were."""
    chosen = _given_up(entries, at)
    for entry in chosen:
        _record("outbox.retried", entry, actor, at)
    OutboxEntry.objects.filter(pk__in=[entry.pk for entry in chosen]).update(
        attempts=0, lease_until=None, retry_at=None
    )
    transaction.on_commit(wake_worker)
    return len(chosen)


@transaction.atomic
def discard_outbox(*, entries: Iterable[OutboxEntry], actor: str, at: datetime) -> int:
    """Remove rows that were given up: their subscribers never act on these events. Returns how many there were."""
    chosen = _given_up(entries, at)
    for entry in chosen:
        _record("outbox.discarded", entry, actor, at)
    OutboxEntry.objects.filter(pk__in=[entry.pk for entry in chosen]).delete()
    return len(chosen)


def _given_up(entries: Iterable[OutboxEntry], at: datetime) -> list[OutboxEntry]:
    chosen = given_up(at=at).filter(pk__in=[entry.pk for entry in entries])
    return list(chosen.select_for_update(of=("self",)).select_related("event").order_by("event_id"))


def _record(kind: str, entry: OutboxEntry, actor: str, at: datetime) -> None:
    record_event(
        kind=kind,
        subject_kind="outbox",
        subject_key=f"{entry.subscriber}/{entry.event_id}",
        store_no=entry.event.store_no,
        company_no=entry.event.company_no,
        actor=actor,
        at=at,
        after={"event": entry.event.kind},
        cause="RL-03",
    )
