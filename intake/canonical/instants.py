"""Cells as instants and days (IX-01, IX-05b): ISO 8601, and what spreadsheet programs write, year first.

What can be read in two ways is refused, and so is what ISO 8601 doesn't know, however a library would take it.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.timebase import day_number
from intake.canonical.rejections import RejectedCellError, full_width_reason, has_full_width

FIRST_INSTANT = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
LAST_INSTANT = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) - 1

_ISO = re.compile(r"(?:\d{4}-\d\d-\d\d|\d{8}|\d{4}-W\d\d(?:-\d)?|\d{4}W\d{2,3})(?:[Tt ]\S+)?", re.ASCII)
_DATE = r"(?P<year>\d{4})(?P<mark>[-/.年])(?P<month>\d{1,2})(?:(?P=mark)|月)(?P<day>\d{1,2})日?"
_HALF = "上午|下午|[AaPp][Mm]"
_CLOCK = r"(?P<hour>\d{1,2})[:时點点](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})(?:[.,]\d+)?秒?|分)?"
# Without anything between them, nobody knows where the day ends and the hour begins.
_TIME = rf"(?:[Tt]|\s+|(?<=日)|(?=[上下]午))(?P<before>{_HALF})?\s*{_CLOCK}\s*(?P<after>{_HALF})?"
_OFFSET = r"\s*(?P<utc>UTC|GMT|[Zz])?(?:(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?)?"
_WRITTEN = re.compile(rf"{_DATE}(?:{_TIME}(?:{_OFFSET})?)?", re.ASCII)
_RUN_TOGETHER = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d+:.*", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?", re.ASCII)
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(?:\.\d+)?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
# Later ones could as well be days and hours written without marks (2033051803).
_LAST_EPOCH = 2 * 10**9
_SERIAL_DAY_0 = date(1899, 12, 30)
_DAY_FIRST = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2,4}\b.*", re.ASCII)
_MIDNIGHT = re.compile(r"(\S+?)[Tt ]0?0:00(?::00(?:\.0+)?)?", re.ASCII)

_PARTS = ("year", "month", "day", "hour", "minute", "second")
_AFTERNOON = frozenset({"下午", "pm"})
_NO_HOUR = 99

_from_iso = datetime.fromisoformat


def instant_reader(zone: ZoneInfo | None) -> Callable[[str], int]:
    """A reader of instants as epoch seconds; those without an offset are local times of ``zone``, or refused without
    one."""

    def read(text: str) -> int:
        value = _from_epoch(text) or _from_serial(text) or written_instant(text)
        if value is None:
            raise RejectedCellError(_reason(text))
        seconds = int((_in_zone(value, zone) if value.tzinfo is None else value).timestamp())
        if not FIRST_INSTANT <= seconds <= LAST_INSTANT:
            raise RejectedCellError(_("is outside the years 2000 to 2100"))
        return seconds

    return read


def written_instant(text: str) -> datetime | None:
    """An instant as ISO 8601 or a spreadsheet program writes it, without a zone where none is named; None for what is
    none. Raises RejectedCellError for a day or time that does not exist."""
    return _from_iso_text(text) or _from_written(text)


def _from_epoch(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970."""
    match = _EPOCH.fullmatch(text)
    seconds = int(match[1]) if match else 0
    return datetime.fromtimestamp(seconds, UTC) if FIRST_INSTANT <= seconds < _LAST_EPOCH else None


def _from_serial(text: str) -> datetime | None:
    """A spreadsheet's days since the end of 1899, rounded to the second."""
    if not _SERIAL.fullmatch(text):
        return None
    seconds = round(Fraction(text) * 86400)
    return datetime.combine(_SERIAL_DAY_0, datetime.min.time()) + timedelta(seconds=seconds)


def _from_iso_text(text: str) -> datetime | None:
    if not _ISO.fullmatch(text):
        return None
    try:
        return _from_iso(text.replace("z", "Z"))
    except ValueError:
        return None


def _from_written(text: str) -> datetime | None:
    if compact := _COMPACT.fullmatch(text):
        parts = [int(part or 0) for part in compact.groups()]
        return _exists(lambda: _local(*parts))
    match = _WRITTEN.fullmatch(text)
    if match is None or (match["mark"] == "年") != ("月" in text):
        return None
    return _exists(lambda: _built(match.groupdict()))


def _built(said: dict[str, str | None]) -> datetime:
    year, month, day, hour, minute, second = (int(said[name] or 0) for name in _PARTS)
    hour = _hour(hour, (said["before"] or said["after"] or "").lower())
    # ISO 8601 knows the end of a day as 24:00.
    is_end = (hour, minute, second) == (24, 0, 0)
    made = datetime(year, month, day, 0 if is_end else hour, minute, second, tzinfo=_offset(said))
    return made + timedelta(days=1) if is_end else made


def _local(*parts: int) -> datetime:
    """A local time: which zone's is known later."""
    year, month, day, hour, minute, second = parts
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).replace(tzinfo=None)


def _exists(make: Callable[[], datetime]) -> datetime:
    try:
        return make()
    except ValueError:
        raise RejectedCellError(_("is no day or time of day that exists")) from None


def _hour(hour: int, half: str) -> int:
    """The hour of 24. 12 o'clock begins each half of the day; 下午 15:00 is said as well."""
    if not half or hour > 12:
        return hour if half in _AFTERNOON or not half else _NO_HOUR
    return hour % 12 + (12 if half in _AFTERNOON else 0)


def _offset(said: dict[str, str | None]) -> timezone | None:
    if said["sign"]:
        distance = timedelta(hours=int(said["hours"] or 0), minutes=int(said["minutes"] or 0))
        return timezone(-distance if said["sign"] == "-" else distance)
    return UTC if said["utc"] else None


def _in_zone(value: datetime, zone: ZoneInfo | None) -> datetime:
    if zone is None:
        raise RejectedCellError(
            _("has no offset from UTC: write it as 2024-05-01T10:00:00Z, or import with the zone it is meant in")
        )
    local = value.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != value:
        raise RejectedCellError(
            _("does not exist in %(zone)s: the clocks were put forward over it") % {"zone": zone.key}
        )
    return local


def _reason(text: str) -> str:
    if has_full_width(text):
        return full_width_reason()
    if _DAY_FIRST.fullmatch(text):
        return _("does not say which is the day and which the month: write the year first, such as 2024-05-01 10:00")
    if _RUN_TOGETHER.fullmatch(text):
        return _("is damaged: the day and the time run into each other")
    if _ISO.fullmatch(text):
        return _("is no day or time of day that exists")
    return _("is not an instant of ISO 8601: write it as 2024-05-01T10:00:00Z")


def read_day(text: str) -> int:
    """A calendar day as its number: YYYY-MM-DD, or as spreadsheet programs write it, year first."""
    if match := _MIDNIGHT.fullmatch(text):
        text = match[1]
    day = _day(text)
    if day is None:
        raise RejectedCellError(_day_reason(text))
    if not 2000 <= day.year <= 2100:
        raise RejectedCellError(_("is outside the years 2000 to 2100"))
    return day_number(day)


def _day(text: str) -> date | None:
    if _SERIAL.fullmatch(text) and Fraction(text).denominator == 1:
        return _SERIAL_DAY_0 + timedelta(days=int(Fraction(text)))
    match = _WRITTEN.fullmatch(text)
    if match is None or match["hour"]:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        raise RejectedCellError(_("is no day that exists")) from None


def _day_reason(text: str) -> str:
    if has_full_width(text):
        return full_width_reason()
    if _DAY_FIRST.fullmatch(text):
        return _("does not say which is the day and which the month: write the year first, such as 2024-05-01")
    return _("is not a day of ISO 8601: write it as 2024-05-01")
