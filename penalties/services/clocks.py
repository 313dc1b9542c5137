"""One deadline per store wakes deriving when its next penalty begins or ends (DM-27)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.deadlines import Subject, open_deadlines, void_deadlines
from penalties.rules import Ground
from stores.models import Store

CHANGE = "penalty_change"
SUBJECT = "store"


def set_clocks(*, grounds: Sequence[Ground], stores: Mapping[int, Store], at: datetime) -> None:
    """Open, move or take away the deadline of each store: the next instant at which one of its penalties changes."""
    due: dict[Subject, datetime] = {}
    for ground in grounds:
        subject = (ground.store_id, stores[ground.store_id].store_no)
        for instant in (ground.starts_at, ground.ends_at):
            if instant is not None and instant > at:
                due[subject] = min(instant, due.get(subject, instant))
    idle = {(pk, store.store_no) for pk, store in stores.items()} - due.keys()
    void_deadlines(kind=CHANGE, subject_kind=SUBJECT, subjects=idle, at=at)
    open_deadlines(kind=CHANGE, subject_kind=SUBJECT, due=due, at=at)
