"""Pure rules of stores: no database, no clock, no request."""

from collections.abc import Callable
from datetime import date, datetime


def age_in_days(opened_at: datetime, day: date, calendar: Callable[[datetime], date]) -> int:
    """A store's age on ``day``: day − opening day, both in the metric's calendar (DM-11).

    ``calendar`` is `core.timebase.performance_day` or `rating_day`. Negative before the opening day.
    """
    return (day - calendar(opened_at)).days
