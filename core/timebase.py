"""The two calendars and the instants they are cut from (DM-25). Pure: no database, no clock.

Instants are aware UTC datetimes with whole seconds; in the database they are epoch seconds. A *performance
day* is the calendar day in Asia/Shanghai, a *rating day* the calendar day in UTC; in the database both are
days since 1970-01-01. Shanghai has kept UTC+8 without daylight saving since 1992, and orders older than that
do not exist, so a fixed offset gives exact days with integer arithmetic on either database.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
SHANGHAI_OFFSET = timezone(timedelta(hours=8))
PERFORMANCE_OFFSET_SECONDS = 8 * 3600
DAY_SECONDS = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1)


def to_epoch(instant: datetime) -> int:
    """Seconds since the epoch, fractions cut off; a naive datetime is refused."""
    if instant.tzinfo is None:
        raise ValueError(f"instant {instant!r} has no time zone")
    return (instant - EPOCH) // timedelta(seconds=1)


def from_epoch(seconds: int) -> datetime:
    """The aware UTC datetime of epoch seconds."""
    return EPOCH + timedelta(seconds=seconds)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH_DAY).days


def from_day_number(number: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return EPOCH_DAY + timedelta(days=number)


def performance_day(instant: datetime) -> date:
    """The calendar day in Asia/Shanghai that holds the instant."""
    return instant.astimezone(SHANGHAI_OFFSET).date()


def rating_day(instant: datetime) -> date:
    """The calendar day in UTC that holds the instant."""
    return instant.astimezone(UTC).date()


def performance_day_start(day: date) -> datetime:
    """First instant of the performance day."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI_OFFSET).astimezone(UTC)


def performance_day_end(day: date) -> datetime:
    """First instant after the performance day."""
    return performance_day_start(day) + timedelta(days=1)


def rating_day_start(day: date) -> datetime:
    """First instant of the rating day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def rating_day_end(day: date) -> datetime:
    """First instant after the rating day."""
    return rating_day_start(day) + timedelta(days=1)


def window_start(day: date, days: int) -> date:
    """First day of the trailing window of ``days`` days as of ``day`` (DM-25)."""
    return day - timedelta(days=days - 1)


def days_between(first: date, last: date) -> list[date]:
    """Every day from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
