"""What happens when operations don't decide a dispute in time (DP-19)."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from disputes.models import Dispute
from disputes.queries.deadlines import ARBITRATION, disputes_of
from disputes.services.arbitrations import note_overdue


@on_lapse(ARBITRATION)
def note_overdue_arbitration(deadlines: Sequence[Deadline]) -> None:
    """The audit trail keeps it; the dispute waits on, first in its queue."""
    for dispute, due_at in disputes_of(deadlines):
        if dispute.state == Dispute.State.ARBITRATION:
            note_overdue(dispute=dispute, due_at=due_at)
