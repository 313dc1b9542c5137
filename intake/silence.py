"""How often a source usually speaks, and from when on it is silent (PN-20). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """What was learned: the longest pause of each of the last days on which a source spoke, and of the day at hand, in
    seconds. A day begins with a success and takes in those of the next 24 hours."""

    pauses: tuple[int, ...] = ()
    day_at: datetime | None = None
    day_pause: int = 0


def learned(pace: Pace, last: datetime | None, at: datetime, *, days: int) -> Pace:
    """The pace after a success ``at`` that follows one at ``last``."""
    if last is None or pace.day_at is None:
        return Pace(pace.pauses, at, 0)
    longest = max(pace.day_pause, int((at - last).total_seconds()))
    if at - pace.day_at < DAY:
        return replace(pace, day_pause=longest)
    return Pace((*pace.pauses, longest)[-days:], at, 0)


def usual_interval(pauses: Sequence[int], set_seconds: int | None) -> timedelta | None:
    """What a person has set, else the longest pause of the days that were learned; None for a source that has not
    spoken often enough. Nights and weekends are part of the usual."""
    seconds = set_seconds or max(pauses, default=0)
    return timedelta(seconds=seconds) if seconds else None


def silent_from(last: datetime, interval: timedelta, *, factor: Decimal, least: timedelta) -> datetime:
    """The instant from which on a source that last spoke at ``last`` counts as silent."""
    return last + max(timedelta(seconds=int(Decimal(interval.total_seconds()) * factor)), least)
