"""Penalties follow their grounds: what stored rows show is applied once per cause, ended and lifted (PN-42).

Deriving may be called after anything and any number of times: rows that are in line stay as they are.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from core.events import SYSTEM, record_events
from core.models import Event
from metrics.catalogue import Calendar
from notifications.services.judging import hold_stores
from penalties.models import Penalty
from penalties.queries.proposals import key_of, lifts_by_hand
from penalties.rules import Ending, Ground, lifted_at
from penalties.services.clocks import set_clocks
from penalties.sources import declared_sources
from stores.models import Store
from stores.shards import EVERY_STORE, Shard

# Stores per transaction: enough for few queries, few enough to finish within a second.
STORES_AT_ONCE = 200


def derive_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """The night's stage: bring the penalties of a shard's stores in line; returns how many changed (MX-03)."""
    del day
    changed, after = 0, 0
    while store_ids := _next_stores(shard, after):
        after = store_ids[-1]
        changed += derive_penalties(store_ids=store_ids, at=at)
    return changed


def _next_stores(shard: Shard, after: int) -> list[int]:
    return list(
        shard.narrow(Store.objects.filter(pk__gt=after), "pk")
        .order_by("pk")
        .values_list("pk", flat=True)[:STORES_AT_ONCE]
    )


@transaction.atomic
def derive_penalties(*, store_ids: Collection[int], at: datetime, actor: str = SYSTEM) -> int:
    """Apply, end and lift the penalties of stores as their grounds say at ``at``; returns how many rows changed.

    Grounds that begin or end later open a deadline for that instant.
    """
    held = hold_stores(store_ids)
    stores = Store.objects.select_related("company").in_bulk(held)
    lifts = lifts_by_hand(held)
    found = {
        name: [lifted_at(ground, lifts.get((name, ground.key))) for ground in source.find(held, at)]
        for name, source in declared_sources().items()
    }
    changed = 0
    for name, grounds in found.items():
        changed += len(_align(name, [one for one in grounds if one.starts_at <= at], stores, at, actor))
    set_clocks(grounds=[one for some in found.values() for one in some], stores=stores, at=at)
    return changed


def _align(
    source: str, grounds: Sequence[Ground], stores: Mapping[int, Store], at: datetime, actor: str
) -> list[Penalty]:
    """Bring the rows of one source in line; returns those that changed."""
    rows = {key_of(row): row for row in Penalty.objects.filter(store__in=stores, source=source)}
    wanted = {ground.key: ground for ground in grounds}
    new = [_new(source, ground, stores[ground.store_id]) for key, ground in wanted.items() if key not in rows]
    for row in new:
        rows[key_of(row)] = row
    Penalty.objects.bulk_create(new, batch_size=500)
    events = [_event("predicted" if row.predicted else "applied", row, stores, row.starts_at, actor) for row in new]
    ended = []
    moved = []
    for key, row in rows.items():
        if row.ended_at is not None:
            continue
        ground = wanted.get(key)
        if ground is None:
            row.ended_at, row.ending = at, Ending.LIFTED.value
            ended.append(row)
        elif ground.ends_at is not None and ground.ends_at <= at:
            row.ends_at = row.ended_at = ground.ends_at
            row.ending = ground.ending.value
            ended.append(row)
        elif ground.ends_at != row.ends_at:
            row.ends_at = ground.ends_at
            moved.append(row)
    Penalty.objects.bulk_update([*ended, *moved], ["ends_at", "ended_at", "ending"], batch_size=500)
    events += [_event("ended", row, stores, row.ended_at, actor) for row in ended if row.ended_at is not None]
    record_events(events)
    return [*{id(row): row for row in (*new, *ended, *moved)}.values()]


def _new(source: str, ground: Ground, store: Store) -> Penalty:
    return Penalty(
        store=store,
        kind=ground.kind.value,
        subject=ground.subject,
        source=source,
        cause=ground.cause,
        rule=ground.rule,
        facts=dict(ground.facts),
        starts_at=ground.starts_at,
        ends_at=ground.ends_at,
        predicted=store.mode == Store.Mode.MIRRORED,
    )


def _event(verb: str, row: Penalty, stores: Mapping[int, Store], at: datetime, actor: str) -> Event:
    store = stores[row.store_id]
    return Event(
        kind=f"penalty.{verb}",
        subject_kind="penalty",
        subject_key=str(row.pk),
        actor=actor,
        at=at,
        store_no=store.store_no,
        company_no=store.company.company_no,
        cause=row.rule,
        after=dict(_told(row)),
    )


def _told(row: Penalty) -> Iterator[tuple[str, Any]]:
    yield "penalty", row.kind
    yield "cause", row.cause
    yield "starts_at", row.starts_at.isoformat()
    if row.subject:
        yield "subject", row.subject
    if row.ends_at is not None:
        yield "ends_at", row.ends_at.isoformat()
    if row.ending:
        yield "ending", row.ending
