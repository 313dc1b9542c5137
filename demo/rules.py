"""When a public demo is built anew (`DEMO_RESET`). Pure: no database, no clock, no settings."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from core.timebase import SHANGHAI

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A time of day in Shanghai, on one weekday (0: Monday) or on all."""

    at: time
    weekday: int | None = None

    def last(self, now: datetime) -> datetime:
        """The latest turn at or before an instant."""
        return next(turn for turn in self._turns(now, range(0, -8, -1)) if turn <= now)

    def next(self, now: datetime) -> datetime:
        """The first turn after an instant."""
        return next(turn for turn in self._turns(now, range(8)) if turn > now)

    def _turns(self, now: datetime, days: range) -> list[datetime]:
        today = now.astimezone(SHANGHAI).date()
        turns = (datetime.combine(today + timedelta(days=day), self.at, tzinfo=SHANGHAI) for day in days)
        return [turn for turn in turns if self.weekday in (None, turn.weekday())]


def parse_schedule(text: str) -> Schedule | None:
    """``04:00`` (every day) or ``mon 04:00``; None where the demo is never reset. Raises ValueError."""
    words = text.lower().split()
    if not words:
        return None
    *day, clock = words
    if len(day) > 1 or any(one not in WEEKDAYS for one in day):
        raise ValueError(f"{text!r} is not a time such as 04:00 or mon 04:00")
    return Schedule(time.fromisoformat(clock), WEEKDAYS.index(day[0]) if day else None)
