"""What happens when a pickup proof or a logistics claim was not judged in time (DM-27, TM-11)."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from orders.commands.logistics import note_overdue
from orders.models import LogisticsClaim
from orders.queries.logistics import CLAIM_REVIEW, PROOF_REVIEW


@on_lapse(PROOF_REVIEW)
def note_overdue_proofs(deadlines: Sequence[Deadline]) -> None:
    """The proof stays open, first in its queue; senior reviewers see it among what is overdue."""
    _note_overdue(deadlines)


@on_lapse(CLAIM_REVIEW)
def note_overdue_claims(deadlines: Sequence[Deadline]) -> None:
    """As of proofs."""
    _note_overdue(deadlines)


def _note_overdue(deadlines: Sequence[Deadline]) -> None:
    claims = LogisticsClaim.objects.select_related("store__company", "order").in_bulk(
        [int(deadline.subject_key) for deadline in deadlines]
    )
    for deadline in deadlines:
        claim = claims.get(int(deadline.subject_key))
        if claim is not None:
            note_overdue(claim=claim, due_at=deadline.due_at)
