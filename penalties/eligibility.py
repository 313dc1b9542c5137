"""Whether a store may take part in promotions, condition by condition, and from when on it would (PN-12). Pure.

A condition is declared once with what it compares; a finding says whether it is met, and what stands in the way until
when. Days are those of Asia/Shanghai, instants are judged as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
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
    """A notice or penalty that stands in the way; ``until``: from then on it does not, None where nothing says when."""

    key: str
    until: datetime | None


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
    ends = [one.until for one in standing]
    last = None if None in ends else max(end for end in ends if end is not None)
    return Finding(condition, False, None if last is None else performance_day(last), standing)


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
    days = [one.first_day for one in findings]
    return None if None in days else max((day for day in days if day is not None), default=None)
