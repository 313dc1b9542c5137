"""When a weekly report is due, and what its charts look like."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from core.timebase import SHANGHAI

WEEK = timedelta(days=7)


def due_day(weekday: int, hour: int, at: datetime) -> date:
    """The latest day with this weekday (0: Monday) whose ``hour`` has come in Shanghai at ``at``."""
    local = at.astimezone(SHANGHAI)
    last = local.date() if local.hour >= hour else local.date() - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def due_instant(day: date, hour: int) -> datetime:
    """When the report of a day is due."""
    return datetime.combine(day, time(hour), SHANGHAI)


def scaled(
    values: Sequence[Decimal | None], lines: Sequence[Decimal | None]
) -> tuple[list[float | None], list[float | None]]:
    """Values and thresholds as heights between 0 and 1, all on one scale that begins at the least of them."""
    known = [value for value in (*values, *lines) if value is not None]
    low, high = min(known, default=Decimal(0)), max(known, default=Decimal(1))
    span = (high - low) or Decimal(1)

    def height(value: Decimal | None) -> float | None:
        return None if value is None else float((value - low) / span)

    return [height(value) for value in values], [height(line) for line in lines]
