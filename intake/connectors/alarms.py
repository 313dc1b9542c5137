"""What companies are told of their connections, and what sync health is: by events, since messages are another app's
(PN-20)."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from core.events import SYSTEM, record_event
from intake.models import Source, StoreConnection
from intake.sources import note_source

# The company is told so many days before the authorisation ends.
WARNED = (7, 30)
ENDING, STOPPED = "connector.ending", "connector.stopped"


def tell_stopped(connection: StoreConnection, problem: str, at: datetime) -> None:
    """Record that a connection needs a person, in the caller's transaction."""
    record(connection, STOPPED, at, actor=SYSTEM, after={"kind": connection.kind, "problem": problem})


def warn_of_ends(*, at: datetime) -> int:
    """Tell companies whose authorisation ends within 30 days, and again within 7; returns how many."""
    told = 0
    for days in WARNED:
        ending = StoreConnection.objects.filter(refresh_until__lte=at + timedelta(days=days), refresh_until__gt=at)
        ending = ending.exclude(state__in=[StoreConnection.State.DISCONNECTED, StoreConnection.State.RECONNECT])
        for connection in ending.filter(Q(warned_days=None) | Q(warned_days__gt=days)).select_related("store__company"):
            told += _warn(connection, days, at)
    return told


@transaction.atomic
def _warn(connection: StoreConnection, days: int, at: datetime) -> bool:
    rows = StoreConnection.objects.filter(pk=connection.pk, warned_days=connection.warned_days)
    if not rows.update(warned_days=days) or connection.refresh_until is None:
        return False
    until = connection.refresh_until
    after = {"kind": connection.kind, "days": (until - at).days, "until": until.isoformat()}
    record(connection, ENDING, at, actor=SYSTEM, after=after)
    return True


def record(
    connection: StoreConnection, kind: str, at: datetime, *, actor: str, after: Mapping[str, object] | None = None
) -> None:
    """Append an event about a connection, in the caller's transaction."""
    store = connection.store
    record_event(
        kind=kind,
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=actor,
        at=at,
        after=dict(after or {}),
        cause="IX-25",
    )


def note_run(
    connection: StoreConnection,
    at: datetime,
    *,
    counts: Mapping[str, Mapping[str, int]] | None = None,
    error: str = "",
) -> None:
    """Tell sync health how a run ended."""
    total = sum((Counter(found) for found in (counts or {}).values()), Counter())
    complete = [feed.complete_until for feed in connection.feeds.all() if feed.complete_until is not None]
    note_source(
        store=connection.store,
        kind=Source.Kind.CONNECTOR,
        name=connection.kind,
        at=at,
        counts=total if counts is not None else None,
        newest_at=max(complete, default=None) if counts is not None else None,
        error=error,
    )
