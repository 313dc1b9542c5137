"""Checks of a tracking number by itself: form, check digit, country (TM-14, DM-17). No database, no clock, no request.

What other orders and the store's register say comes from `orders.queries.number_checks`; the words of both are in
`dashboard.presenters.dispatch_findings`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from babel import Locale

from orders.rules.carrier_formats import CARRIER_NUMBERS, S10, NumberFormat, numbers_of

# Shorter and longer ones, and those with fewer digits, are notes, not numbers. The column holds 64.
LEAST_LENGTH, MOST_LENGTH, LEAST_DIGITS = 6, 40, 4
_PART = re.compile(r"[A-Z0-9]+")
_NUMBER = re.compile(r"[A-Z0-9]+")
# S10 countries beside those of ISO 3166-1: Yanwen's own.
_ALSO_COUNTRIES = frozenset({"YP"})
# Of CLDR's codes those that are no country's.
_NO_POSTS = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ"})
# The service indicators of letters that no post follows.
_UNTRACKED = "U"


class Severity(StrEnum):
    """``BLOCKS``: the parcel can't be dispatched with it; ``WARNS``: it can, and the finding stays visible."""

    BLOCKS = "blocks"
    WARNS = "warns"


class Code(StrEnum):
    """What was found. The first group is about the number itself, the second about other orders and the register."""

    MISSING = "missing"
    NOT_A_NUMBER = "not_a_number"
    CHECK_DIGIT = "check_digit"
    OTHER_FORM = "other_form"
    OTHER_CARRIER = "other_carrier"
    NO_COUNTRY = "no_country"
    UNTRACKED = "untracked"

    REUSED_HERE = "reused_here"
    REUSED_ELSEWHERE = "reused_elsewhere"
    TWICE_IN_LIST = "twice_in_list"
    CARRIER_MISSING = "carrier_missing"
    CARRIER_UNKNOWN = "carrier_unknown"
    CARRIER_UNAPPROVED = "carrier_unapproved"
    CARRIER_UNREGISTERED = "carrier_unregistered"
    NO_ORDER = "no_order"
    SHIPPED_OTHERWISE = "shipped_otherwise"
    NOT_SHIPPABLE = "not_shippable"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding; ``suggestion`` is what the cell may have meant, empty where nothing is near."""

    code: Code
    severity: Severity
    suggestion: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Whether the row can't be dispatched."""
        return self.severity is Severity.BLOCKS


def compact(number: str) -> str:
    """A number in capitals without spaces and hyphens, full-width signs made plain."""
    return "".join(_PART.findall(unicodedata.normalize("NFKC", number).upper()))


def s10_is_valid(number: str) -> bool | None:
    """Whether the check digit of a compact postal number is right; None if it has another form (UPU S10)."""
    return S10.mended(number) == number if S10.fits(number) else None


def check_number(number: str, carrier_code: str) -> list[Finding]:
    """What is wrong with a number of a carrier, by itself; empty if nothing is.

    Check digits block where the carrier's form has one, and warn where only the shape is a postal one. Carriers without
    known forms get the checks that hold for every number.
    """
    if not number.strip():
        return [Finding(Code.MISSING, Severity.BLOCKS)]
    plain = compact(number)
    if not _is_sane(plain) or not _NUMBER.fullmatch(plain):
        return [Finding(Code.NOT_A_NUMBER, Severity.BLOCKS)]
    known = numbers_of(carrier_code)
    fitting = [form for form in known.formats if form.fits(plain)] if known else []
    if fitting:
        wrong = _wrong_digit(plain, fitting, Severity.BLOCKS)
    else:
        wrong = _wrong_digit(plain, [S10] if S10.fits(plain) else [], Severity.WARNS)
    found = [*wrong, *_postal(plain)]
    if known and known.complete and not fitting:
        found.append(_other_form(plain, known.formats))
    return found


def _is_sane(plain: str) -> bool:
    return LEAST_LENGTH <= len(plain) <= MOST_LENGTH and sum(sign.isdigit() for sign in plain) >= LEAST_DIGITS


def _wrong_digit(plain: str, forms: list[NumberFormat], severity: Severity) -> list[Finding]:
    """Wrong only where no form that fits has the number right."""
    mended = [form.mended(plain) for form in forms]
    if not mended or plain in mended:
        return []
    return [Finding(Code.CHECK_DIGIT, severity, mended[0], {"number": plain})]


def _postal(plain: str) -> list[Finding]:
    if not S10.fits(plain):
        return []
    found = []
    if plain[-2:] not in _countries():
        found.append(Finding(Code.NO_COUNTRY, Severity.WARNS, params={"country": plain[-2:]}))
    if plain.startswith(_UNTRACKED) and plain[-2:] not in _ALSO_COUNTRIES:
        found.append(Finding(Code.UNTRACKED, Severity.WARNS, params={"service": plain[:2]}))
    return found


def _other_form(plain: str, forms: tuple[NumberFormat, ...]) -> Finding:
    """The number looks like none of the carrier's; if its check digit makes it another's, that one is named."""
    for code, numbers in CARRIER_NUMBERS.items():
        if any(form.fits(plain) and form.check and form.mended(plain) == plain for form in numbers.formats):
            return Finding(Code.OTHER_CARRIER, Severity.WARNS, params={"carrier": code, "example": forms[0].example})
    return Finding(Code.OTHER_FORM, Severity.WARNS, params={"example": forms[0].example})


@cache
def _countries() -> frozenset[str]:
    codes = {str(code) for code in Locale("en").territories}
    return _ALSO_COUNTRIES | {code for code in codes if len(code) == 2 and code.isalpha()} - _NO_POSTS
