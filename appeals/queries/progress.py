"""How far an appeal is."""

from datetime import datetime

from appeals.models import Appeal
from appeals.rules import AppealState
from core.models import Event
from stores.claims import is_claimed


def is_review_begun(appeal: Appeal, at: datetime) -> bool:
    """Whether a reviewer has it in hand, or has asked for a supplement already."""
    if appeal.state == AppealState.SUPPLEMENT:
        return True
    return is_claimed(appeal, at)


def events_of(appeal: Appeal) -> list[Event]:
    """What happened to an appeal, oldest first."""
    rows = Event.objects.filter(store_no=appeal.store.store_no, subject_kind="appeal", subject_key=appeal.number)
    return list(rows.order_by("id"))


def last_change(appeal: Appeal) -> Event | None:
    """The latest event, which tells who was faster (RL-06)."""
    return next(reversed(events_of(appeal)), None)
