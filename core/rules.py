"""Pure rules of deadlines: no database, no clock, no request."""

from datetime import datetime

from core.timebase import to_epoch


def has_lapsed(due_at: datetime, at: datetime) -> bool:
    """Whether acting at ``at`` is too late for ``due_at``. The whole second of ``due_at`` is in time (RL-05)."""
    return to_epoch(at) > to_epoch(due_at)
