"""What happens when a dispute's countdown lapses (DM-27, DP-10)."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from disputes.queries.deadlines import ANSWER
from disputes.services.answering import open_next_deadlines


@on_lapse(ANSWER)
def next_clock(deadlines: Sequence[Deadline]) -> None:
    """Open the next deadline of disputes that are still unanswered."""
    open_next_deadlines({deadline.subject: deadline.due_at for deadline in deadlines})
