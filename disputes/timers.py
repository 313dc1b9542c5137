"""What happens when a dispute's countdown lapses (DM-27, DP-10)."""

from core.deadlines import on_lapse
from core.models import Deadline
from disputes.models import Dispute
from disputes.queries.deadlines import ANSWER
from disputes.services import settle_answer_deadlines


@on_lapse(ANSWER)
def next_clock(deadline: Deadline) -> None:
    """The next clock of an unanswered dispute begins where this one ended."""
    ids = Dispute.objects.filter(store=deadline.store, dispute_no=deadline.subject_key).values_list("pk", flat=True)
    settle_answer_deadlines(dispute_ids=ids, at=deadline.due_at)
