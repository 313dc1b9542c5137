"""Working days of mainland China, and spans of hours and days (DM-26). Pure: the table of years comes from the policy.

Announced years, with their adjusted working weekends, are known to the ``holidays`` package; a year in the policy's
table stands in place of what the package says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays

from core.timebase import performance_day, performance_day_end
from rulebook.policy.reference import YearPlan

Plans = Mapping[str, YearPlan]
WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day that is not what its weekday says: a weekday off, or a weekend day worked."""

    day: date
    working: bool
    name: str


@cache
def _announced(year: int, language: str = "en_US") -> HolidayBase:
    return country_holidays("CN", years=year, language=language)


def is_working_day(day: date, *, plans: Plans) -> bool:
    """Whether mainland China works on a day."""
    plan = plans.get(str(day.year))
    if plan is None:
        return bool(_announced(day.year).is_working_day(day))
    return day in plan.work or (day.weekday() not in WEEKEND and day not in plan.off)


def add_working_days(instant: datetime, days: int, *, plans: Plans) -> datetime:
    """24:00 Asia/Shanghai of the N-th working day after the instant's day, in UTC. N is at least 1."""
    if days < 1:
        raise ValueError(f"at least one working day is wanted, not {days}")
    day = performance_day(instant)
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, plans=plans)
    return performance_day_end(day)


def exceptions(year: int, *, plans: Plans, language: str = "en_US") -> list[CalendarDay]:
    """Every day of a year that is not what its weekday says, in order.

    Named in ``language`` (en_US, zh_CN) where the package has a name.
    """
    first, names = date(year, 1, 1), _announced(year, language)
    found = []
    for day in (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)):
        working = is_working_day(day, plans=plans)
        if working == (day.weekday() in WEEKEND):
            found.append(CalendarDay(day, working, names.get(day, "")))
    return found


def working_days(year: int, *, plans: Plans) -> int:
    """How many working days a year has."""
    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days
    return sum(is_working_day(first + timedelta(days=n), plans=plans) for n in range(length))
