"""Penalties follow their grounds: what stored rows show is applied once per cause, ended and lifted (PN-42).

Deriving may be called after anything and any number of times: rows that are in line stay as they are.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from core.events import SYSTEM, record_events
from core.models import Event
from metrics.catalogue import Calendar
from notifications.models import Notice
from notifications.rules import NoticeLevel
from penalties.models import Penalty
from penalties.queries.proposals import key_of, lifts_by_hand
from penalties.rules import Ending, Ground, lifted_at
from penalties.services.cases import open_cases
from penalties.services.clocks import open_clocks, set_clocks
from penalties.sources import declared_sources, source_named, sources_of_notices
from stores.models import Store
from stores.services.holding import hold_stores
from stores.shards import EVERY_STORE, Shard

# Stores per transaction: enough for few queries, few enough to finish within a second.
STORES_AT_ONCE = 200


def derive_day(*, day: date, at: datetime, calendar: Calendar, shard: Shard = EVERY_STORE) -> int:
    """The night's stage: bring the penalties of a shard's stores in line; returns how many changed (MX-03)."""
    del day, calendar
    concerned = sorted(stores_concerned(shard=shard, at=at))
    return sum(
        len(derive_penalties(store_ids=concerned[place : place + STORES_AT_ONCE], at=at))
        for place in range(0, len(concerned), STORES_AT_ONCE)
    )


def stores_concerned(*, shard: Shard, at: datetime) -> set[int]:
    """The stores of a shard whose penalties may differ from their grounds: those with rows that grounds come from, with
    penalties that have not ended, or with a clock. For all others deriving would read a lot and change nothing."""
    unended = Penalty.objects.filter(ended_at=None)
    rows = [unended, open_clocks(), *(source.rows(at) for source in declared_sources().values())]
    ids: set[int] = set()
    for found in rows:
        ids.update(shard.narrow(found).order_by().values_list("store_id", flat=True).distinct())
    return ids


def follow_red_notices(notices: Sequence[Notice], at: datetime) -> None:
    """Bring the penalties of stores in line with red notices that were issued, moved or ended (PN-02)."""
    if store_ids := {notice.store_id for notice in notices if notice.level == NoticeLevel.RED}:
        derive_penalties(store_ids=store_ids, at=at, sources=sources_of_notices())


@transaction.atomic
def derive_penalties(
    *, store_ids: Collection[int], at: datetime, sources: Collection[str] | None = None, actor: str = SYSTEM
) -> list[Penalty]:
    """Apply, end and lift the penalties of stores as their grounds say at ``at``; returns those that changed, with
    their stores and companies loaded. ``sources``: only those of these names.

    Grounds that begin or end later open a deadline for that instant, cases for operations are opened once.
    """
    held = hold_stores(store_ids)
    lifts = lifts_by_hand(held) if held else {}
    changed: list[Penalty] = []
    for name in (declared_sources() if sources is None else sources) if held else ():
        found = [
            lifted_at(one, lifts.get((name, one.key))) if isinstance(one, Ground) else one
            for one in source_named(name).find(held, at)
        ]
        grounds = [one for one in found if isinstance(one, Ground)]
        changed += _align(name, grounds, held, at, actor)
        open_cases(grounds=[one for one in found if not isinstance(one, Ground)], at=at)
        set_clocks(source=name, found=found, store_ids=held, at=at)
    return changed


@dataclass
class Changes:
    """Rows that differ from their grounds, as they should be."""

    new: list[Penalty] = field(default_factory=list)
    moved: list[Penalty] = field(default_factory=list)
    ended: list[Penalty] = field(default_factory=list)


def _align(
    source: str, grounds: Sequence[Ground], store_ids: Collection[int], at: datetime, actor: str
) -> list[Penalty]:
    """Bring the rows of one source in line; returns those that changed."""
    found = _differing(source, grounds, store_ids, at)
    changed = list({id(row): row for row in (*found.new, *found.moved, *found.ended)}.values())
    _load_stores(changed)
    Penalty.objects.bulk_create(found.new, batch_size=500)
    Penalty.objects.bulk_update([*found.moved, *found.ended], ["ends_at", "ended_at", "ending"], batch_size=500)
    events = [_event("predicted" if row.predicted else "applied", row, row.starts_at, actor) for row in found.new]
    record_events([*events, *(_event("ended", row, row.ended_at or at, actor) for row in found.ended)])
    return changed


def lift_penalties(*, rows: Sequence[Penalty], at: datetime, actor: str = SYSTEM) -> None:
    """End penalties in force whose ground was found wrong; they have their stores and companies loaded."""
    for row in rows:
        row.ended_at, row.ending = max(at, row.starts_at), Ending.LIFTED.value
    Penalty.objects.bulk_update(rows, ["ended_at", "ending"], batch_size=500)
    record_events([_event("ended", row, row.ended_at or at, actor) for row in rows])


def _differing(source: str, grounds: Sequence[Ground], store_ids: Collection[int], at: datetime) -> Changes:
    asked = Q(ended_at=None) | Q(cause__in={ground.cause for ground in grounds})
    rows = {key_of(row): row for row in Penalty.objects.filter(asked, store__in=store_ids, source=source)}
    wanted = {ground.key: ground for ground in grounds}
    begun = {key: ground for key, ground in wanted.items() if ground.starts_at <= at}
    changes = Changes(new=[_new(source, ground) for key, ground in begun.items() if key not in rows])
    rows |= {key_of(row): row for row in changes.new}
    for key, row in rows.items():
        ground = wanted.get(key)
        if row.ended_at is not None:
            continue
        if ground is None:
            row.ended_at, row.ending = max(at, row.starts_at), Ending.LIFTED.value
            changes.ended.append(row)
        elif ground.ends_at is not None and ground.ends_at <= at:
            row.ends_at = row.ended_at = ground.ends_at
            row.ending = ground.ending.value
            changes.ended.append(row)
        elif ground.ends_at != row.ends_at:
            row.ends_at = ground.ends_at
            changes.moved.append(row)
    return changes


def _new(source: str, ground: Ground) -> Penalty:
    return Penalty(
        store_id=ground.store_id,
        kind=ground.kind.value,
        subject=ground.subject,
        source=source,
        cause=ground.cause,
        rule=ground.rule,
        facts=dict(ground.facts),
        starts_at=ground.starts_at,
        ends_at=ground.ends_at,
    )


def _load_stores(rows: Sequence[Penalty]) -> None:
    """Load the stores that events name; of a mirrored one a new penalty is a prediction (DM-11a)."""
    stores = Store.objects.select_related("company").in_bulk({row.store_id for row in rows}) if rows else {}
    for row in rows:
        row.store = stores[row.store_id]
        if row._state.adding:
            row.predicted = row.store.mode == Store.Mode.MIRRORED


def _event(verb: str, row: Penalty, at: datetime, actor: str) -> Event:
    return Event(
        kind=f"penalty.{verb}",
        subject_kind="penalty",
        subject_key=str(row.pk),
        actor=actor,
        at=at,
        store_no=row.store.store_no,
        company_no=row.store.company.company_no,
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
