"""What happens when a penalty begins or ends by the clock."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from penalties.services.clocks import CHANGE
from penalties.services.deriving import derive_penalties


@on_lapse(CHANGE, is_recorded=False)
def change_penalties(deadlines: Sequence[Deadline]) -> None:
    """Bring the penalties of these stores in line at the instant that was due, not that of the sweep (DM-11a)."""
    for deadline in deadlines:
        if deadline.store_id is not None:
            derive_penalties(store_ids=[deadline.store_id], at=deadline.due_at)
