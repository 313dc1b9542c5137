"""What happens when a dispute's countdown lapses (DM-27, DP-10, DP-19)."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from disputes.commands.actions import escalate_dispute
from disputes.models import Dispute
from disputes.queries.deadlines import ANSWER, SETTLEMENT, disputes_of
from disputes.services.answering import answer_ends_at, open_next_deadlines
from stores.models import Store
from stores.principals import System


@on_lapse(ANSWER)
def next_clock(deadlines: Sequence[Deadline]) -> None:
    """Open the next deadline of disputes that are still unanswered. After the last one a dispute of a governed store
    goes to arbitration without the seller's side."""
    open_next_deadlines({deadline.subject: deadline.due_at for deadline in deadlines})
    escalate_lapsed(deadlines, Dispute.State.OPEN)


@on_lapse(SETTLEMENT)
def escalate_unsettled(deadlines: Sequence[Deadline]) -> None:
    """The buyer neither accepted the answer nor withdrew: operations decide."""
    escalate_lapsed(deadlines, Dispute.State.RESPONDED)


def escalate_lapsed(deadlines: Sequence[Deadline], state: str) -> None:
    """Hand disputes of governed stores that are still in a state to arbitration, at the instant of the deadline."""
    for dispute, due_at in disputes_of(deadlines):
        if dispute.state != state or dispute.store.mode != Store.Mode.GOVERNED:
            continue
        if state == Dispute.State.RESPONDED or due_at >= answer_ends_at(dispute):
            escalate_dispute(dispute=dispute, principal=System(), at=due_at)
