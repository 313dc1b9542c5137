"""The countdown for the seller's answer to a dispute (DM-27, DP-10)."""

from collections.abc import Iterable
from datetime import datetime

from core.models import Deadline

ANSWER = "dispute_answer"
SUBJECT = "dispute"


def answer_deadlines(store_id: int, dispute_nos: Iterable[str]) -> dict[str, datetime]:
    """Dispute number → when its running clock ends."""
    running = Deadline.objects.filter(
        store_id=store_id,
        kind=ANSWER,
        subject_kind=SUBJECT,
        subject_key__in=list(dispute_nos),
        state=Deadline.State.OPEN,
    )
    return dict(running.values_list("subject_key", "due_at"))
