"""Pure rules of spells: runs of days on which a published figure brings penalties (DP-04, DP-06, DP-11, DP-12,
TM-10)."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GradedDay:
    """How bad a figure was on a day: 0 within bounds, higher is worse, None if it says nothing (MX-05, MX-07).
    ``acts``: it was published in time, so that it may begin a spell (MX-09)."""

    day: date
    grade: int | None
    acts: bool = True


@dataclass(frozen=True, slots=True)
class Spell:
    """``first``: the day whose publication began it; ``last``: the day whose publication ended it, None while it
    lasts; ``below``: how many of the days that end it have passed by then."""

    first: date
    last: date | None
    below: int = 0


def grade_spells(days: Sequence[GradedDay], grade: int, end_days: Callable[[date], int]) -> Iterator[Spell]:
    """Spells at a grade or worse, of days in order. A spell ends when as many consecutive days as ``end_days`` gives
    for its first day were below the grade; a day that says nothing or was not published breaks the row."""
    first: date | None = None
    needed = below = 0
    before: date | None = None
    for one in days:
        if first is None:
            if _reaches(one, grade) and one.acts:
                first, needed, below = one.day, end_days(one.day), 0
        elif one.grade is None or one.grade >= grade:
            below = 0
        else:
            below = below + 1 if before == one.day - ONE_DAY else 1
            if below >= needed:
                yield Spell(first, one.day, below)
                first = None
        before = one.day
    if first is not None:
        yield Spell(first, None, below)


def _reaches(one: GradedDay, grade: int) -> bool:
    return one.grade is not None and one.grade >= grade


def month_end_spells(ends: Sequence[GradedDay], months: Callable[[date], int]) -> Iterator[Spell]:
    """Spells of a figure at month-ends (DP-11): over the threshold at as many consecutive month-ends as ``months``
    gives, until the first month-end below. One that says nothing breaks the row and ends nothing."""
    first: date | None = None
    run = 0
    before: date | None = None
    for one in ends:
        follows = before is not None and month_of(one.day) == month_after(month_of(before))
        run = (run if follows else 0) + 1 if _reaches(one, 1) else 0
        if first is None:
            if run >= months(one.day) and one.acts:
                first = one.day
        elif one.grade == 0:
            yield Spell(first, one.day, 1)
            first = None
        before = one.day
    if first is not None:
        yield Spell(first, None)


def whole_month_spells(days: Sequence[GradedDay]) -> Iterator[Spell]:
    """Spells that last until a whole calendar month without a day over the threshold (DP-12). A month counts if one of
    its days says something; it ends with the publication of its last day."""
    by_month: dict[date, list[GradedDay]] = defaultdict(list)
    for one in days:
        by_month[month_of(one.day)].append(one)
    first: date | None = None
    for month, its in by_month.items():
        if first is None:
            first = next((one.day for one in its if _reaches(one, 1) and one.acts), None)
        elif all(not _reaches(one, 1) for one in its) and any(one.grade == 0 for one in its):
            last = month_end(month)
            if days[-1].day >= last:
                yield Spell(first, last, 1)
                first = None
    if first is not None:
        yield Spell(first, None)


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def month_after(day: date) -> date:
    """The first day of the next month."""
    return month_of(month_of(day) + timedelta(days=31))


def month_end(day: date) -> date:
    """The last day of its month."""
    return month_after(day) - ONE_DAY
