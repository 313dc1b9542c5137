"""Whole-second instants and the days of both calendars (DM-25, IX-01)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHANGHAI_OFFSET = 8 * 3600
SECONDS_A_DAY = 86400


def instant(text: str | None) -> int | None:
    """Epoch seconds of an ISO 8601 instant with offset, fractions cut off; None for an empty cell."""
    if not text or not text.strip():
        return None
    value = datetime.fromisoformat(text.strip())
    if value.tzinfo is None:
        raise ValueError(f"an instant without an offset: {text!r}")
    return (value - EPOCH) // timedelta(seconds=1)


def needed_instant(text: str | None) -> int:
    """Like `instant`, for required cells."""
    value = instant(text)
    if value is None:
        raise ValueError("a required instant is empty")
    return value


def performance_day(at: int) -> date:
    """The calendar day in Asia/Shanghai (DM-25)."""
    return date(1970, 1, 1) + timedelta(days=(at + SHANGHAI_OFFSET) // SECONDS_A_DAY)


def rating_day(at: int) -> date:
    """The calendar day in UTC (DM-25)."""
    return date(1970, 1, 1) + timedelta(days=at // SECONDS_A_DAY)


def performance_day_end(day: date) -> int:
    """The first second after the performance day."""
    return rating_day_end(day) - SHANGHAI_OFFSET


def rating_day_end(day: date) -> int:
    """The first second after the rating day."""
    return ((day - date(1970, 1, 1)).days + 1) * SECONDS_A_DAY


def window(day: date, days: int) -> Iterator[date]:
    """The days D − N + 1 … D."""
    for back in range(days - 1, -1, -1):
        yield day - timedelta(days=back)


def earliest(*candidates: int | None) -> int | None:
    """The first of the instants that are set."""
    known = [at for at in candidates if at is not None]
    return min(known) if known else None
