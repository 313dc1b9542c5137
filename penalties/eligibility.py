"""Whether a store may take part in promotions, condition by condition, and from when on it would (PN-12). Pure.

A condition is declared once with what it compares; a finding says whether it is met, and what stands in the way until
when. Days are those of Asia/Shanghai, instants are judged as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from core.timebase import performance_day


class Event(StrEnum):
    """What a store registers for."""

    PROMOTION = "promotion"
    FLASH_DEALS = "flash_deals"


class Condition(StrEnum):
    """The conditions of PN-12, in the order in which pages show them."""

    NOTICES = "notices"
    RATING = "rating"
    SHS = "shs"
    PENALTIES = "penalties"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A notice or penalty that stands in the way; ``until``: from then on it does not, None where nothing says when.
    Then ``day`` is the first day without it if nothing changes, None where that can't be foreseen either."""

    key: str
    until: datetime | None
    day: date | None = None

    @property
    def first_day(self) -> date | None:
        """The first day without it."""
        return self.day if self.until is None else performance_day(self.until)


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition as it stands. ``first_day``: the first day on which it is met if nothing changes, today's where it is
    met; None where that can't be foreseen. ``value`` and ``least`` are those of a score."""

    condition: Condition
    passes: bool
    first_day: date | None
    obstacles: Sequence[Obstacle] = ()
    value: Fraction | None = None
    least: Decimal | None = None


def of_obstacles(condition: Condition, obstacles: Iterable[Obstacle], at: datetime) -> Finding:
    """A condition that is met once nothing stands in the way; the last second of an obstacle counts."""
    standing = [one for one in obstacles if one.until is None or one.until >= at]
    if not standing:
        return Finding(condition, passes=True, first_day=performance_day(at))
    return Finding(condition, False, latest(one.first_day for one in standing), standing)


def of_score(
    condition: Condition,
    value: Fraction | None,
    least: Decimal,
    at: datetime,
    course: Sequence[tuple[date, Fraction | None]] = (),
) -> Finding:
    """A score that has to reach ``least``; ``course``: its days ahead. A store without the score does not reach it."""
    if value is not None and value >= least:
        return Finding(condition, True, performance_day(at), value=value, least=least)
    reaching = (day for day, ahead in course if ahead is not None and ahead >= least)
    return Finding(condition, False, next(reaching, None), value=value, least=least)


def first_day_of_all(findings: Sequence[Finding]) -> date | None:
    """The first day on which every condition is met; None where one can't be foreseen."""
    return latest(one.first_day for one in findings)


def latest(days: Iterable[date | None]) -> date | None:
    """The last of some days; None where one of them can't be foreseen."""
    known: list[date] = []
    for day in days:
        if day is None:
            return None
        known.append(day)
    return max(known, default=None)


def completing_day(days: Mapping[date, bool], needed: int, *, after: date) -> date | None:
    """The first day after ``after`` that completes so many consecutive good ones, among days and whether they are
    good; a day that is missing breaks the row. None where none does."""
    row, before = 0, None
    for day in sorted(days):
        row = 0 if not days[day] else row + 1 if before == day - timedelta(days=1) else 1
        if day > after and row >= needed:
            return day
        before = day
    return None
