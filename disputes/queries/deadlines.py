"""The countdowns of disputes (DM-27): the seller's answer, the buyer's acceptance of it, the arbitration."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from core.models import Deadline
from disputes.models import Dispute

# The seller answers by then (DP-10).
ANSWER = "dispute_answer"
# The buyer accepts the answer or withdraws by then, else the dispute goes to arbitration (DP-19).
SETTLEMENT = "dispute_settlement"
# Operations decide by then (DP-19).
ARBITRATION = "dispute_arbitration"
SUBJECT = "dispute"


def answer_deadlines(store_id: int, dispute_nos: Iterable[str]) -> dict[str, datetime]:
    """Dispute number → when its running clock ends."""
    return running_deadlines(store_id, ANSWER, dispute_nos)


def running_deadlines(store_id: int, kind: str, dispute_nos: Iterable[str]) -> dict[str, datetime]:
    """Dispute number → when its open countdown of a kind ends."""
    running = Deadline.objects.filter(
        store_id=store_id,
        kind=kind,
        subject_kind=SUBJECT,
        subject_key__in=list(dispute_nos),
        state=Deadline.State.OPEN,
    )
    return dict(running.values_list("subject_key", "due_at"))


def disputes_of(deadlines: Sequence[Deadline]) -> Iterator[tuple[Dispute, datetime]]:
    """The disputes of deadlines, each with its due instant, in the order of the deadlines."""
    due = {deadline.subject: deadline.due_at for deadline in deadlines}
    rows = Dispute.objects.select_related("store").filter(
        store__in={store_id for store_id, _number in due}, dispute_no__in={number for _store_id, number in due}
    )
    found = {(dispute.store_id, dispute.dispute_no): dispute for dispute in rows}
    for subject, due_at in due.items():
        if subject in found:
            yield found[subject], due_at
