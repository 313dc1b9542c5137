"""Random draws in whole seconds, and how instants and money are written. Pure; every draw takes its generator."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from core.timebase import PERFORMANCE_OFFSET_SECONDS, from_day_number, performance_day_start, to_epoch

HOUR = 3600
DAY = 24 * HOUR
YEAR_DAYS = 365

# Buyers in Europe and the Americas are awake in the Shanghai evening and night; weights by Shanghai hour.
_HOURS = (9, 8, 7, 6, 5, 5, 4, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 9, 9, 10, 10)
_HOUR_WEIGHTS = tuple(accumulate(_HOURS))
_DATE_TEXTS: dict[int, str] = {}


@dataclass(frozen=True, slots=True)
class DemoClock:
    """The demo's year: ``today`` (Asia/Shanghai), ``now`` in epoch seconds; nothing has happened after ``now``."""

    today: date
    now: int

    def day(self, days_ago: int) -> date:
        """The performance day so many days before today."""
        return self.today - timedelta(days=days_ago)

    def day_start(self, days_ago: int) -> int:
        """First second of that performance day."""
        return to_epoch(performance_day_start(self.day(days_ago)))


def moments(rng: Random, day_start: int, count: int) -> list[int]:
    """So many order instants within a performance day, in order."""
    hours = rng.choices(range(24), cum_weights=_HOUR_WEIGHTS, k=count)
    return sorted(day_start + hour * HOUR + int(rng.random() * HOUR) for hour in hours)


def poisson(rng: Random, mean: float) -> int:
    """Knuth's draw; good for the small means of a store's day."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def around(rng: Random, median_seconds: float, spread: float) -> int:
    """Seconds, log-normal about a median, at least one."""
    return max(1, int(rng.lognormvariate(math.log(median_seconds), spread)))


def between(rng: Random, low: float, high: float) -> int:
    """Seconds, evenly between two bounds."""
    return int(low + (high - low) * rng.random())


def in_working_hours(rng: Random, instant: int) -> int:
    """The instant itself within 09:00–19:00 Asia/Shanghai, else some time on the next morning."""
    second_of_day = (instant + PERFORMANCE_OFFSET_SECONDS) % DAY
    if 9 * HOUR <= second_of_day < 19 * HOUR:
        return instant
    wait = (9 * HOUR - second_of_day) % DAY
    return instant + wait + int(rng.random() * 2.5 * HOUR)


def instant_text(seconds: int | None) -> str:
    """ISO 8601 in UTC; empty for none."""
    if seconds is None:
        return ""
    day, second = divmod(seconds, DAY)
    text = _DATE_TEXTS.get(day)
    if text is None:
        text = _DATE_TEXTS[day] = from_day_number(day).isoformat()
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{text}T{hour:02d}:{minute:02d}:{second:02d}Z"


def money_text(cents: int) -> str:
    """Decimal with a point and two places; an amount is never negative here."""
    return f"{cents // 100}.{cents % 100:02d}"


def flag_text(value: bool) -> str:
    return "true" if value else "false"
