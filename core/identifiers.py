"""Identifiers in one canonical form (IX-05b): pure functions from what files, forms and clipboards hold to what is kept
and compared."""

import re
import unicodedata

LONGEST_NUMBER = 64

# What spreadsheets and people put before a number so that it stays text.
_LEADING = "'#\u2018\u2019"
_WRAPPED = re.compile(r"""=?(["'\u2018-\u201d])(.*)["'\u2018-\u201d]""", re.DOTALL)
# Looks like nothing, but is no format character: joiners, fillers, variation selectors, an empty braille cell.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_FORMULA = re.compile(r"=(?=['#\u2018\u2019]|[0-9]+(?:\.0+)?$)")
_FLOAT = re.compile(r"([0-9]+)\.0+")
# Whole numbers beyond this have lost digits as floats.
_EXACT = 2**53
_E = "eE\u0415\u0435"
# A mantissa of several digits, without point and sign, is what no program writes: 12E34 is a number like others.
_EXPONENT = re.compile(
    rf"[+-]?[0-9]{{1,3}}(?:[.,][0-9]*[{_E}][+-]?|[{_E}][+-])[0-9]{{1,4}}"
    rf"|[+-]?[0-9][{_E}][0-9]{{1,4}}"
    r"|[+-]?[0-9][.,][0-9]+(?:[\u00d7*]10\^?|x10\^)[+-]?[0-9]{1,4}"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){2,}(?:\.0+)?")
_SPREADSHEET_ERROR = re.compile(r"#{2,}|#(?:REF|VALUE|DIV/0|NAME|NUM|NULL|SPILL|CALC)[!?]", re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r"[A-Za-z0-9._-]{1,64}")


def canonical(text: str) -> str:
    """A number or SKU as it is kept and compared: NFKC, no white space or format characters, no wrapping, no ``.0``."""
    return _fixed(text, "")


def canonical_code(text: str) -> str:
    """A code that may be a name, such as a carrier's: the same, but words stay apart by one space."""
    return _fixed(text, " ")


def _fixed(text: str, blank: str) -> str:
    """One step can uncover what the next one takes off."""
    while (found := _undressed(text, blank)) != text:
        text = found
    return text


def _undressed(text: str, blank: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    if not text.isascii():
        text = "".join(sign for sign in _UNSEEN.sub("", text) if unicodedata.category(sign) != "Cf")
    text = blank.join(text.split())
    if match := _WRAPPED.fullmatch(text):
        text = match[2]
    if _FORMULA.match(text):
        text = text[1:]
    text = text.lstrip(_LEADING)
    match = _FLOAT.fullmatch(text)
    return match[1] if match and int(match[1]) <= _EXACT else text


def is_damaged(text: str) -> bool:
    """Whether a canonical form is what is left of a number that a spreadsheet rounded or grouped."""
    return any(shape.fullmatch(text) for shape in (_EXPONENT, _FLOAT, _GROUPED))


def is_spreadsheet_error(text: str) -> bool:
    """Whether a cell holds a formula's error, or the hashes of a column too narrow; ``#N/A`` says that there is
    nothing."""
    return _SPREADSHEET_ERROR.fullmatch(text) is not None


def is_address_number(text: str) -> bool:
    """Whether a company or store may be numbered so: 1–64 of letters, digits, ``-``, ``_``, ``.``, since it is part of
    addresses."""
    if text in (".", "..") or not 1 <= len(text) <= LONGEST_NUMBER:
        return False
    return _PLAIN_NUMBER.fullmatch(text) is not None or all(map(_stands_in_addresses, text))


def _stands_in_addresses(sign: str) -> bool:
    return sign in "-_." or unicodedata.category(sign)[0] in "LMN"
