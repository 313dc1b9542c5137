"""Cells as values (IX-01, IX-05): pure functions from text to what the database keeps, or a reason why not.

Every function takes the text of one non-empty cell. Instants become epoch seconds, days day numbers, exact decimals
scaled integers, so that no further conversion stands between a cell and its column.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from rulebook.timebase import day_number

FIRST_INSTANT = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
LAST_INSTANT = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) - 1
# The largest scaled integer taken: room is left for sums of rows in a 64-bit column.
LARGEST = 2**62

TRUE_WORDS = frozenset({"true", "1", "yes", "t", "y"})
FALSE_WORDS = frozenset({"false", "0", "no", "f", "n"})

_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_WHOLE = re.compile(r"-?[0-9]+")
_DAMAGED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+")
_FULL_WIDTH = re.compile(r"[\uff01-\uff5e\u3000]")
_INSTANT_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?)?)?.*")
_DAY_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_from_iso = datetime.fromisoformat


class RefusedCellError(ValueError):
    """A cell that can't be taken; the message says why and what to do, in the reader's language."""


def full_width_reason() -> str:
    """What is said about full-width characters where plain ones are meant."""
    return _("has full-width characters: write digits and letters in half width")


def instant_reader(zone: ZoneInfo | None) -> Callable[[str], int]:
    """A reader of ISO 8601 instants; those without an offset are local times of ``zone``, or refused without one."""

    def read(text: str) -> int:
        try:
            value = _from_iso(text)
        except ValueError:
            raise RefusedCellError(_instant_reason(text)) from None
        if value.tzinfo is None:
            value = _in_zone(value, zone)
        seconds = int(value.timestamp())
        if not FIRST_INSTANT <= seconds <= LAST_INSTANT:
            raise RefusedCellError(_("is outside the years 2000 to 2100"))
        return seconds

    return read


def _in_zone(value: datetime, zone: ZoneInfo | None) -> datetime:
    if zone is None:
        raise RefusedCellError(
            _("has no offset from UTC: write it as 2024-05-01T10:00:00Z, or import with the zone it is meant in")
        )
    local = value.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != value:
        raise RefusedCellError(
            _("does not exist in %(zone)s: the clocks were put forward over it") % {"zone": zone.key}
        )
    return local


def _instant_reason(text: str) -> str:
    if _FULL_WIDTH.search(text):
        return full_width_reason()
    if _INSTANT_SHAPE.fullmatch(text):
        return _("is no day or time of day that exists")
    return _("is not an instant of ISO 8601: write it as 2024-05-01T10:00:00Z")


def read_day(text: str) -> int:
    """A calendar day, YYYY-MM-DD."""
    if not _DAY_SHAPE.fullmatch(text):
        if _FULL_WIDTH.search(text):
            raise RefusedCellError(full_width_reason())
        raise RefusedCellError(_("is not a day of ISO 8601: write it as 2024-05-01"))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise RefusedCellError(_("is no day that exists")) from None
    if not 2000 <= day.year <= 2100:
        raise RefusedCellError(_("is outside the years 2000 to 2100"))
    return day_number(day)


def decimal_reader(places: int, *, least: int | None = 0, above: bool = False) -> Callable[[str], int]:
    """A reader of decimals with a point, as integers scaled by ``places``; further places are rounded half up.

    ``least``: the smallest scaled value taken (None: any); ``above``: it must be more than that.
    """

    def read(text: str) -> int:
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise RefusedCellError(_number_reason(text))
        sign, whole, fraction = match.groups()
        value = scaled(whole, fraction or "", places)
        if value > LARGEST:
            raise RefusedCellError(_("is too large"))
        if sign:
            value = -value
        if least is not None and (value < least or (above and value == least)):
            raise RefusedCellError(_("must be more than 0") if above else _("must not be negative"))
        return value

    return read


def scaled(whole: str, fraction: str, places: int) -> int:
    """Digits before and after the point as an integer of 10^-places, rounded half up."""
    value = int(whole + fraction[:places].ljust(places, "0"))
    return value + 1 if len(fraction) > places and fraction[places] >= "5" else value


def _number_reason(text: str) -> str:
    if _FULL_WIDTH.search(text):
        return full_width_reason()
    if "," in text:
        return _("is not a number: write it with a point and without thousands separators, such as 1234.50")
    return _("is not a number: write it in plain digits with a point, such as 1234.50")


def whole_reader(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from ``least`` to ``most``."""

    def read(text: str) -> int:
        # Workbooks know no whole numbers: theirs arrive as 3.0.
        number = text.removesuffix(".0")
        if not _WHOLE.fullmatch(number):
            raise RefusedCellError(
                full_width_reason() if _FULL_WIDTH.search(text) else _("is not a whole number in plain digits")
            )
        if len(number) > 19 or not least <= int(number) <= most:
            raise RefusedCellError(_("must be between %(least)s and %(most)s") % {"least": least, "most": most})
        return int(number)

    return read


def read_truth(text: str) -> bool:
    """A yes or no."""
    word = text.lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise RefusedCellError(_("is neither true nor false"))


def choice_reader(choices: tuple[str, ...]) -> Callable[[str], str]:
    """A reader of one of some words, whatever their case."""
    allowed = {word: word for word in choices}

    def read(text: str) -> str:
        word = allowed.get(text) or allowed.get(text.lower())
        if word is None:
            raise RefusedCellError(_("must be one of: %(words)s") % {"words": ", ".join(choices)})
        return word

    return read


def text_reader(longest: int) -> Callable[[str], str]:
    """A reader of free text."""

    def read(text: str) -> str:
        _check_text(text, longest)
        return text

    return read


def identifier_reader(longest: int) -> Callable[[str], str]:
    """A reader of numbers and codes that are kept as text: leading zeros stay, spreadsheet damage is refused."""

    def read(text: str) -> str:
        _check_text(text, longest)
        if _DAMAGED.fullmatch(text):
            raise RefusedCellError(
                _("was turned into a rounded number by a spreadsheet: export it again with this column as text")
            )
        if _FULL_WIDTH.search(text):
            raise RefusedCellError(full_width_reason())
        if any(ord(character) < 32 for character in text):
            raise RefusedCellError(_("has a line break, tab or control character: take it out"))
        return text

    return read


def read_currency(text: str) -> str:
    """A currency's code of three letters."""
    code = text.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise RefusedCellError(_("is not a currency code of three letters, such as USD"))
    return code


def upper_reader(longest: int) -> Callable[[str], str]:
    """A reader of codes in capitals."""
    identifier = identifier_reader(longest)
    return lambda text: identifier(text).upper()


def flags_reader(allowed: frozenset[str]) -> Callable[[str], str]:
    """A reader of flags separated by semicolons; they are kept in alphabetical order."""

    def read(text: str) -> str:
        flags = {flag.strip().lower() for flag in text.split(";")} - {""}
        unknown = sorted(flags - allowed)
        if unknown:
            raise RefusedCellError(
                _("has an unknown flag %(flag)s; known are: %(words)s")
                % {"flag": unknown[0], "words": ", ".join(sorted(allowed))}
            )
        return ";".join(sorted(flags))

    return read


def _check_text(text: str, longest: int) -> None:
    if "\x00" in text:
        raise RefusedCellError(_("has a NUL character: the file is damaged, export it again"))
    if len(text) > longest:
        raise RefusedCellError(_("is longer than %(longest)s characters") % {"longest": longest})
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RefusedCellError(
            _("is not UTF-8 text: save the file as CSV UTF-8 (in Excel: Save as, CSV UTF-8)")
        ) from None
