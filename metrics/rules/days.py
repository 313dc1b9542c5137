"""Days of the two calendars (DM-25)."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from core.timebase import performance_day, performance_day_end, rating_day, rating_day_end
from metrics.catalogue import Calendar


def last_complete_day(at: datetime, calendar: Calendar) -> date:
    """The last day of a calendar that has ended."""
    today = performance_day(at) if calendar == Calendar.PERFORMANCE else rating_day(at)
    return today - timedelta(days=1)


def is_over(day: date, at: datetime, calendar: Calendar) -> bool:
    """Whether a day of a calendar has ended by an instant."""
    return day <= last_complete_day(at, calendar)


# How long after the end of a day its run begins: 02:00 Asia/Shanghai and 00:00 UTC (MX-03).
RUN_AFTER = {Calendar.PERFORMANCE: timedelta(hours=2), Calendar.RATING: timedelta(0)}


def last_due_day(at: datetime, calendar: Calendar) -> date:
    """The last day of a calendar whose run should have begun (MX-03)."""
    return last_complete_day(at - RUN_AFTER[calendar], calendar)


@lru_cache(maxsize=4096)
def day_end(day: date, calendar: Calendar) -> datetime:
    """The first instant after a day of a calendar."""
    return performance_day_end(day) if calendar == Calendar.PERFORMANCE else rating_day_end(day)


def run_begins(day: date, calendar: Calendar) -> datetime:
    """When the run of a day of a calendar begins (MX-03)."""
    return day_end(day, calendar) + RUN_AFTER[calendar]
