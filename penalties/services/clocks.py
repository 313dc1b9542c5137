"""One deadline per store and source wakes deriving when the next penalty begins or ends (DM-27)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db.models import QuerySet

from core.deadlines import open_deadlines, void_deadlines
from core.models import Deadline
from penalties.rules import Found, Ground

CHANGE = "penalty_change"
SUBJECT = "penalties"


def open_clocks() -> QuerySet[Deadline]:
    """The deadlines that wake deriving, of all stores."""
    return Deadline.objects.filter(kind=CHANGE, subject_kind=SUBJECT, state=Deadline.State.OPEN)


def set_clocks(*, source: str, found: Iterable[Found], store_ids: Collection[int], at: datetime) -> None:
    """Open, move or take away the deadline of each store: the next instant at which a ground of the source changes.

    Deadlines that are due already stay, as a sweep may have them in hand: it derives anew and opens the next one."""
    due: dict[int, datetime] = {}
    for ground in found:
        for instant in _instants(ground):
            if instant > at:
                due[ground.store_id] = min(instant, due.get(ground.store_id, instant))
    running = {row.subject[0]: row.due_at for row in open_clocks().filter(subject_key=source, store_id__in=store_ids)}
    still = {store_id for store_id, due_at in running.items() if due_at <= at}
    idle = {(store_id, source) for store_id in running.keys() - due.keys() - still}
    moved = {
        (store_id, source): instant
        for store_id, instant in due.items()
        if store_id not in still and running.get(store_id) != instant
    }
    if idle:
        void_deadlines(kind=CHANGE, subject_kind=SUBJECT, subjects=idle, at=at)
    if moved:
        open_deadlines(kind=CHANGE, subject_kind=SUBJECT, due=moved, at=at)


def _instants(ground: Found) -> Iterator[datetime]:
    if not isinstance(ground, Ground):
        yield ground.opened_at
        return
    yield ground.starts_at
    if ground.ends_at is not None:
        yield ground.ends_at
