"""Cells as values (IX-01, IX-05): pure functions from text to what the database keeps, or a reason why not.

Every function takes the text of one non-empty cell. Instants become epoch seconds, days day numbers, exact decimals
scaled integers, so that no further conversion stands between a cell and its column.
"""

import re
import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext as _

from core.identifiers import canonical, canonical_code, is_address_number, is_damaged, is_spreadsheet_error
from intake.canonical.rejections import RejectedCellError, full_width_reason, has_full_width

# The largest scaled integer taken: room is left for sums of rows in a 64-bit column.
LARGEST = 2**62

# No number is as long, however it is dressed.
LONGEST_CELL = 1_000

TRUE_WORDS = frozenset({"true", "1", "yes", "t", "y"})
FALSE_WORDS = frozenset({"false", "0", "no", "f", "n"})

_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_WHOLE = re.compile(r"-?[0-9]+")
_LOST = "\ufffd"


def decimal_reader(
    places: int, *, least: int | None = 0, above: bool = False, decimals: int | None = None
) -> Callable[[str], int]:
    """A reader of decimals with a point, as integers scaled by ``places``.

    ``least``: the smallest scaled value taken (None: any); ``above``: it must be more than that; ``decimals``: with
    more than so many it is rejected (None: further places are rounded half up).
    """

    def read(text: str) -> int:
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise RejectedCellError(_number_reason(text))
        sign, whole, fraction = match.groups()
        if decimals is not None and fraction and len(fraction) > decimals and fraction[decimals:].strip("0"):
            raise RejectedCellError(decimals_reason(decimals))
        value = scaled(whole, fraction or "", places)
        if value > LARGEST:
            raise RejectedCellError(_("is too large"))
        if sign:
            value = -value
        if least is not None and (value < least or (above and value == least)):
            raise RejectedCellError(_("must be more than 0") if above else _("must not be negative"))
        return value

    return read


def decimals_reason(decimals: int) -> str:
    """What is said of an amount with more decimals than its currency has."""
    return _("has more than %(count)s decimals: amounts are whole units of the smallest coin") % {"count": decimals}


def scaled(whole: str, fraction: str, places: int) -> int:
    """Digits before and after the point as an integer of 10^-places, rounded half up."""
    value = int(whole + fraction[:places].ljust(places, "0"))
    return value + 1 if len(fraction) > places and fraction[places] >= "5" else value


def _number_reason(text: str) -> str:
    if has_full_width(text):
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
            raise RejectedCellError(
                full_width_reason() if has_full_width(text) else _("is not a whole number in plain digits")
            )
        if len(number) > 19 or not least <= int(number) <= most:
            raise RejectedCellError(_("must be between %(least)s and %(most)s") % {"least": least, "most": most})
        return int(number)

    return read


def read_truth(text: str) -> bool:
    """A yes or no."""
    word = text.lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise RejectedCellError(_("is neither true nor false"))


def choice_reader(choices: tuple[str, ...]) -> Callable[[str], str]:
    """A reader of one of some words, whatever their case."""
    allowed = {word: word for word in choices}

    def read(text: str) -> str:
        word = allowed.get(text) or allowed.get(text.lower())
        if word is None:
            raise RejectedCellError(_("must be one of: %(words)s") % {"words": ", ".join(choices)})
        return word

    return read


def text_reader(longest: int) -> Callable[[str], str]:
    """A reader of free text."""

    def read(text: str) -> str:
        _check_text(text, longest)
        return text

    return read


def identifier_reader(longest: int, *, is_code: bool = False) -> Callable[[str], str]:
    """A reader of numbers and codes in their canonical form (IX-05b): leading zeros stay, what a spreadsheet has
    damaged is rejected. ``is_code``: it may be a name of several words."""
    form = canonical_code if is_code else canonical

    def read(text: str) -> str:
        _check_text(text, LONGEST_CELL)
        if is_spreadsheet_error(text):
            raise RejectedCellError(_("is the error of a formula, not a value: put the value in"))
        found = form(text)
        _check_text(found, longest)
        if is_damaged(found):
            raise RejectedCellError(
                _("was turned into a rounded number by a spreadsheet: export it again with this column as text")
            )
        if _LOST in found or any(unicodedata.category(character) == "Cc" for character in found):
            raise RejectedCellError(_("has a control character, or one that was lost in another encoding: take it out"))
        return found

    return read


def number_reader() -> Callable[[str], str]:
    """A reader of company and store numbers, which stand in addresses (IX-05b)."""
    identifier = identifier_reader(LONGEST_CELL)

    def read(text: str) -> str:
        number = identifier(text)
        if not is_address_number(number):
            raise RejectedCellError(
                _(
                    "can't be the number of a company or store, which stands in addresses: "
                    "take 1 to 64 letters, digits, hyphens, underscores and points"
                )
            )
        return number

    return read


def read_currency(text: str) -> str:
    """A currency's code of three letters."""
    code = text.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise RejectedCellError(_("is not a currency code of three letters, such as USD"))
    return code


def flags_reader(allowed: frozenset[str]) -> Callable[[str], str]:
    """A reader of flags separated by semicolons; they are kept in alphabetical order."""

    def read(text: str) -> str:
        flags = {flag.strip().lower() for flag in text.split(";")} - {""}
        unknown = sorted(flags - allowed)
        if unknown:
            raise RejectedCellError(
                _("has an unknown flag %(flag)s; known are: %(words)s")
                % {"flag": unknown[0], "words": ", ".join(sorted(allowed))}
            )
        return ";".join(sorted(flags))

    return read


def _check_text(text: str, longest: int) -> None:
    if "\x00" in text:
        raise RejectedCellError(_("has a NUL character: the file is damaged, export it again"))
    if len(text) > longest:
        raise RejectedCellError(_("is longer than %(longest)s characters") % {"longest": longest})
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RejectedCellError(
            _("is not UTF-8 text: save the file as CSV UTF-8 (in Excel: Save as, CSV UTF-8)")
        ) from None
