"""What happens when the deadline of a source lapses (DM-27, PN-20)."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from intake.sources import SILENCE, lapse_silence


@on_lapse(SILENCE, is_recorded=False)
def fall_silent(deadlines: Sequence[Deadline]) -> None:
    """Sources that did not speak since are silent."""
    due = {int(deadline.subject_key): deadline.due_at for deadline in deadlines}
    lapse_silence(due.keys(), due)
