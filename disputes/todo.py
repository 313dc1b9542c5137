"""Which disputes wait for the seller's answer, soonest first (PG-03, DP-10)."""

from dataclasses import dataclass
from datetime import datetime

from disputes.services import ANSWER
from stores.models import Deadline


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """A dispute to answer: its number and when its present clock ends."""

    dispute_no: str
    due_at: datetime


def answers_due(*, store_id: int, most: int) -> tuple[list[AnswerDue], int]:
    """The ``most`` disputes whose clocks end first, and how many there are in all."""
    waiting = Deadline.objects.filter(store=store_id, kind=ANSWER, state=Deadline.State.OPEN)
    rows = list(waiting.order_by("due_at", "id").values_list("subject_key", "due_at")[:most])
    total = len(rows) if len(rows) < most else waiting.count()
    return [AnswerDue(number, due) for number, due in rows], total
