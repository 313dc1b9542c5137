"""Dates in texts (DP-09). One that can be read in two ways, such as 05/11/2026, counts as either."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from core.timebase import SHANGHAI

_CLOCK = r"(?:[\sT]*(\d{1,2}):(\d{2}))?"
_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*日?" + _CLOCK)
_YEAR_LAST = re.compile(r"(?<![\d./-])(\d{1,2})[./-](\d{1,2})[./-](20\d\d)(?!\d)" + _CLOCK)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: place for place, name in enumerate(_NAMES, 1)}
_MONTH = r"(" + "|".join(_MONTHS) + r")[a-z]*\.?"
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s-]+" + _MONTH + r",?[\s-]+(20\d\d)(?!\d)" + _CLOCK, re.I)
_MONTH_FIRST = re.compile(
    r"(?<![a-z])" + _MONTH + r"\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(20\d\d)(?!\d)" + _CLOCK, re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SeenDate:
    """A date as it stands in a text, from ``start`` to ``end``: the earliest and the latest day it can mean, and its
    clock time if it has one."""

    first: date
    last: date
    text: str
    start: int
    end: int
    minute: tuple[int, int] | None = None

    def at_shanghai(self) -> datetime | None:
        """The instant, read as China's time; None without a clock time or with two readings."""
        if self.minute is None or self.first != self.last:
            return None
        hour, minute = self.minute
        return datetime(self.first.year, self.first.month, self.first.day, hour, minute, tzinfo=SHANGHAI)


def dates_in(text: str) -> list[SeenDate]:
    """The dates of a line, in the order in which they stand."""
    return sorted(_found(text), key=lambda seen: seen.start)


def without_dates(text: str) -> str:
    """The line with blanks for its dates, whose digits would pass for numbers."""
    for seen in dates_in(text):
        text = text[: seen.start] + " " * (seen.end - seen.start) + text[seen.end :]
    return text


def _found(text: str) -> Iterator[SeenDate]:
    for match in _YEAR_FIRST.finditer(text):
        year, month, day = (int(part) for part in match.groups()[:3])
        yield from _seen(match, [(year, month, day)])
    for match in _YEAR_LAST.finditer(text):
        one, other, year = (int(part) for part in match.groups()[:3])
        yield from _seen(match, [(year, one, other), (year, other, one)])
    for match in _DAY_FIRST.finditer(text):
        yield from _seen(match, [(int(match[3]), _MONTHS[match[2].lower()], int(match[1]))])
    for match in _MONTH_FIRST.finditer(text):
        yield from _seen(match, [(int(match[3]), _MONTHS[match[1].lower()], int(match[2]))])


def _seen(match: re.Match[str], readings: list[tuple[int, int, int]]) -> Iterator[SeenDate]:
    days = sorted(day for reading in readings if (day := _day(*reading)))
    if days:
        minute = _minute(match[4], match[5])
        yield SeenDate(days[0], days[-1], match[0].strip(), match.start(), match.end(), minute)


def _minute(hour: str | None, minute: str | None) -> tuple[int, int] | None:
    if hour is None or minute is None or int(hour) > 23 or int(minute) > 59:
        return None
    return int(hour), int(minute)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
