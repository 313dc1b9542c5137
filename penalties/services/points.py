"""Adding and lifting penalty points (PN-43)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from core.events import SYSTEM, record_event
from penalties.grounds.points import POINTS
from penalties.models import PointsEntry
from penalties.services.deriving import derive_penalties
from stores.models import Store


@transaction.atomic
def add_points(
    *,
    store: Store,
    points: int,
    source: str,
    cause: str,
    rule: str,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    actor: str = SYSTEM,
) -> PointsEntry:
    """Add points for a cause once, and what the ladder brings with them; the entry that was added before, if any."""
    entry, is_new = PointsEntry.objects.get_or_create(
        store=store,
        source=source,
        cause=cause,
        defaults={
            "points": points,
            "rule": rule,
            "facts": dict(facts or {}),
            "at": at,
            "predicted": store.mode == Store.Mode.MIRRORED,
        },
    )
    if is_new:
        _record("points.added", entry, at, actor)
        derive_penalties(store_ids=[store.pk], at=at, sources=[POINTS], actor=actor)
    return entry


@transaction.atomic
def lift_points(*, entry: PointsEntry, at: datetime, actor: str) -> bool:
    """Have points count no more, as if they had never been added; False if they were lifted already."""
    if PointsEntry.objects.filter(pk=entry.pk, lifted_at=None).update(lifted_at=at) != 1:
        return False
    _record("points.lifted", entry, at, actor)
    derive_penalties(store_ids=[entry.store_id], at=at, sources=[POINTS], actor=actor)
    return True


def _record(kind: str, entry: PointsEntry, at: datetime, actor: str) -> None:
    record_event(
        kind=kind,
        subject_kind="points",
        subject_key=str(entry.pk),
        store_no=entry.store.store_no,
        company_no=entry.store.company.company_no,
        actor=actor,
        at=at,
        after={"points": entry.points, "cause": entry.cause},
        cause=entry.rule,
    )
