"""Pure rules of companies, stores and deadlines: no database, no clock, no request."""

from collections.abc import Callable
from datetime import date, datetime

from rulebook.timebase import to_epoch


def has_lapsed(due_at: datetime, at: datetime) -> bool:
    """Whether acting at ``at`` is too late for ``due_at``. The whole second of ``due_at`` is in time (RL-05)."""
    return to_epoch(at) > to_epoch(due_at)


def age_in_days(opened_at: datetime, day: date, calendar: Callable[[datetime], date]) -> int:
    """A store's age on ``day``: day − opening day, both in the metric's calendar (DM-11).

    ``calendar`` is `rulebook.timebase.performance_day` or `rating_day`. Negative before the opening day.
    """
    return (day - calendar(opened_at)).days
