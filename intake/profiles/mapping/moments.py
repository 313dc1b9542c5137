"""Times as other programs write them: day or month in front, months by name, a day alone (IX-05b, IX-06)."""

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.timebase import from_epoch
from intake.canonical.instants import instant_reader
from intake.canonical.rejections import RejectedCellError
from intake.profiles.mapping.declared import LAST_SECOND

_TIME = r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<half>[AaPp][Mm])?)?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_DAY_ALONE = re.compile(r"(?P<year>\d{4})[-./年](?P<month>\d{1,2})[-./月](?P<day>\d{1,2})日?", re.ASCII)
_NUMERIC = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<second_part>\d{{1,2}})(?P=mark){_YEAR}{_TIME}", re.ASCII
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(rf"(?P<day>\d{{1,2}})[ -](?P<name>[A-Za-z]{{3,9}})\.?,?[ -]{_YEAR}{_TIME}", re.ASCII)
_NAME_FIRST = re.compile(rf"(?P<name>[A-Za-z]{{3,9}})\.?[ -](?P<day>\d{{1,2}}),?[ -]{_YEAR}{_TIME}", re.ASCII)


@dataclass(frozen=True)
class Moment:
    """An instant as ISO 8601 text; ``is_day``: the source named the day alone."""

    text: str
    is_day: bool


def order_told(text: str) -> str:
    """Which part of a date of numbers is first, ``day`` or ``month``, where one of them says it; '' else."""
    match = _NUMERIC.fullmatch(text.strip())
    if match is None:
        return ""
    if int(match["first"]) > 12:
        return "day"
    return "month" if int(match["second_part"]) > 12 else ""


def has_two_readings(text: str) -> bool:
    """Whether a date is written with the year last."""
    return _NUMERIC.fullmatch(text.strip()) is not None


def read_moment(text: str, zone: ZoneInfo | None, order: str, day_stands_for: str) -> Moment:
    """A time; ``order``: which part comes first where the year is last: ``day``, ``month``, or '' for none."""
    if alone := _DAY_ALONE.fullmatch(text):
        return _moment({**alone.groupdict(), "hour": None}, int(alone["month"]), zone, day_stands_for)
    if (match := _NUMERIC.fullmatch(text)) and order:
        day, month = match["first"], match["second_part"]
        if order == "month":
            day, month = month, day
        return _moment({**match.groupdict(), "day": day}, int(month), zone, day_stands_for)
    if match := _NAMED.fullmatch(text) or _NAME_FIRST.fullmatch(text):
        name = match["name"].lower()[:3]
        if name not in _MONTHS:
            raise RejectedCellError(_("names no month in English"))
        return _moment(match.groupdict(), _MONTHS.index(name) + 1, zone, day_stands_for)
    return Moment(_instant_text(text, zone), False)


def _moment(said: dict[str, str | None], month: int, zone: ZoneInfo | None, day_stands_for: str) -> Moment:
    year = f"20{said['year']}" if len(said["year"] or "") == 2 else said["year"]
    is_day = said["hour"] is None
    clock = "23:59:59" if day_stands_for == LAST_SECOND else "00:00:00"
    if not is_day:
        clock = f"{_hour(said):02}:{said['minute']}:{said['second'] or '00'}"
    return Moment(_instant_text(f"{year}-{month:02}-{int(said['day'] or 0):02}T{clock}", zone), is_day)


def _hour(said: dict[str, str | None]) -> int:
    hour, half = int(said["hour"] or 0), (said.get("half") or "").lower()
    if half and not 1 <= hour <= 12:
        raise RejectedCellError(_("is no day or time of day that exists"))
    return hour % 12 + 12 * (half == "pm") if half else hour


def _instant_text(text: str, zone: ZoneInfo | None) -> str:
    return from_epoch(instant_reader(zone)(text)).strftime("%Y-%m-%dT%H:%M:%SZ")
