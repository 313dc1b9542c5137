"""What happens when a penalty begins or ends by the clock."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from core.deadlines import on_lapse
from core.models import Deadline
from penalties.services.clocks import CHANGE
from penalties.services.deriving import derive_penalties
from penalties.sources import declared_sources


@on_lapse(CHANGE, is_recorded=False, holds_owner=True)
def change_penalties(deadlines: Sequence[Deadline]) -> None:
    """Bring the penalties of these stores in line at the instant that was due, not that of the sweep (DM-11a)."""
    due: dict[tuple[datetime, str], list[int]] = defaultdict(list)
    for deadline in deadlines:
        if deadline.store_id is not None and deadline.subject_key in declared_sources():
            due[deadline.due_at, deadline.subject_key].append(deadline.store_id)
    for (at, source), store_ids in sorted(due.items()):
        derive_penalties(store_ids=store_ids, at=at, sources=[source])
