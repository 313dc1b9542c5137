"""Countdowns that other apps opened for what hangs on an order (DM-27)."""

from collections.abc import Iterable
from datetime import datetime

from core.models import Deadline

# The countdown for the seller's answer to a dispute; the app of disputes opens and settles it.
DISPUTE_ANSWER = "dispute_answer"
DISPUTE = "dispute"


def answers_due(store_id: int, dispute_nos: Iterable[str]) -> dict[str, datetime]:
    """Dispute number → when its running clock ends."""
    running = Deadline.objects.filter(
        store=store_id, state=Deadline.State.OPEN, subject_kind=DISPUTE, subject_key__in=list(dispute_nos)
    )
    return dict(running.order_by("-due_at").values_list("subject_key", "due_at"))
