"""What appeals make of events: an accepted appeal corrects the figures at once, not at the next night (BX-03)."""

from collections.abc import Sequence

from appeals.services.correcting import correct_accepted
from core.models import Event
from core.outbox.subscribers import subscriber


@subscriber("corrections", kinds=("appeal.accepted",))
def correct_figures(events: Sequence[Event]) -> None:
    """Accepted appeals are corrected within seconds of the decision; the outbox does so once, and again if it dies."""
    correct_accepted(numbers=[event.subject_key for event in events])
