"""What tracking numbers of carriers look like, and their check digits, as data. Pure.

Sources: UPU standard S10-12 (postal items: service indicator, eight digits, check digit, ISO 3166 country of the post);
GS1 General Specifications (weights 3 and 1; FedEx Ground, USPS IMpb); the carriers' public guides to their labels (UPS
1Z, FedEx Express, DHL Express); for carriers without a published form what their numbers look like in practice, which
is why those are not ``complete``. Lists are of compact numbers: capitals and digits only.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle

# Returns the check digit that the number should have.
CheckDigit = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One form of a carrier's numbers. ``check_at``: the place of the check digit, where the form has one."""

    pattern: re.Pattern[str]
    example: str
    check: CheckDigit | None = None
    check_at: int = -1

    def fits(self, number: str) -> bool:
        """Whether a compact number has this form, whatever its check digit."""
        return self.pattern.fullmatch(number) is not None

    def mended(self, number: str) -> str:
        """The number with the check digit that it should have."""
        if self.check is None:
            return number
        place = self.check_at % len(number)
        return number[:place] + self.check(number) + number[place + 1 :]


@dataclass(frozen=True, slots=True)
class CarrierNumbers:
    """A carrier's forms; ``complete``: it uses no other."""

    formats: tuple[NumberFormat, ...]
    complete: bool


_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_FEDEX_WEIGHTS = (3, 1, 7)


def s10_digit(number: str) -> str:
    """UPU S10: weighted sum modulo 11, from 11; 10 becomes 0 and 11 becomes 5."""
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, number[2:10], strict=True)) % 11
    return str({10: 0, 11: 5}.get(rest, rest))


def gs1_digit(number: str) -> str:
    """GS1: weights 3 and 1 from the right, to the next ten."""
    total = sum(weight * int(digit) for weight, digit in zip(cycle((3, 1)), reversed(number[:-1]), strict=False))
    return str(-total % 10)


def ups_digit(number: str) -> str:
    """UPS 1Z: every second sign doubled, letters as their place in the alphabet after 2, to the next ten."""
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in number[2:-1]]
    return str(-sum(weight * value for weight, value in zip(cycle((1, 2)), values, strict=False)) % 10)


def fedex_digit(number: str) -> str:
    """FedEx Express: weights 3, 1, 7, modulo 11, 10 becomes 0."""
    total = sum(weight * int(digit) for weight, digit in zip(cycle(_FEDEX_WEIGHTS), number[:-1], strict=False))
    return str(total % 11 % 10)


def dhl_digit(number: str) -> str:
    """DHL Express: modulo 7."""
    return str(int(number[:-1]) % 7)


def _form(pattern: str, example: str, check: CheckDigit | None = None, check_at: int = -1) -> NumberFormat:
    return NumberFormat(re.compile(pattern, re.ASCII), example, check, check_at)


S10 = _form(r"[A-Z]{2}\d{9}[A-Z]{2}", "RR123456785CN", s10_digit, 10)
_EMS = _form(r"E[A-Z]\d{9}[A-Z]{2}", "EE123456785CN", s10_digit, 10)
_LETTER = _form(r"L[A-Z]\d{9}[A-Z]{2}", "LK123456785CN", s10_digit, 10)
_BRITISH = _form(r"[A-Z]{2}\d{9}GB", "RN123456785GB", s10_digit, 10)
_FRENCH = _form(r"[A-Z]{2}\d{9}FR", "RK123456785FR", s10_digit, 10)
_CAINIAO = _form(r"LP\d{14}", "LP00123456789012")
_OFFICIAL = CarrierNumbers((_CAINIAO, S10), complete=False)

# By code, of which only letters and digits count.
CARRIER_NUMBERS = {
    "AESTANDARD": _OFFICIAL,
    "AEPREMIUM": _OFFICIAL,
    "AESAVER": _OFFICIAL,
    "CAINIAO": _OFFICIAL,
    "CAINIAOSTANDARD": _OFFICIAL,
    "CAINIAOSUPERECONOMY": _OFFICIAL,
    "CHINAPOST": CarrierNumbers((S10,), complete=True),
    "EPACKET": CarrierNumbers((_LETTER,), complete=True),
    "EMS": CarrierNumbers((_EMS, _form(r"\d{13}", "1012345678901")), complete=True),
    "UPS": CarrierNumbers(
        (
            _form(r"1Z[0-9A-Z]{15}\d", "1Z5R89390357567127", ups_digit),
            _form(r"[THJKFWMQA]\d{10}|\d{9}|\d{12}", "T1234567890"),
        ),
        complete=True,
    ),
    "FEDEX": CarrierNumbers(
        (
            _form(r"\d{12}", "986578788855", fedex_digit),
            _form(r"\d{15}", "568283610012000", gs1_digit),
            _form(r"\d{20}", "61299998820821171811"),
            _form(r"9[26]\d{20}", "9261292700768711948021"),
            _form(r"\d{34}", "1001921334250001000300779017972697"),
        ),
        complete=True,
    ),
    "DHL": CarrierNumbers(
        (
            _form(r"\d{10,11}", "3318810025", dhl_digit),
            _form(r"J[A-Z]{2,3}\d{9,18}", "JJD0099999999"),
            _form(r"GM\d{10,39}", "GM2951173225174494"),
        ),
        complete=True,
    ),
    "USPS": CarrierNumbers(
        (
            _form(r"9[1-5]\d{20}|9[1-5]\d{24}", "9405803699300124287899", gs1_digit),
            _form(r"[078]\d{19}", "03071790000523483741", gs1_digit),
            _form(r"420\d{5}(\d{4})?9[1-5]\d{20}", "420221539101026837331000039521", None),
            _form(r"[A-Z]{2}\d{9}US", "EA123456785US", s10_digit, 10),
        ),
        complete=True,
    ),
    "YUNEXPRESS": CarrierNumbers((_form(r"YT\d{16}", "YT2100121072800001"),), complete=True),
    "SF": CarrierNumbers((_form(r"SF\d{12,13}", "SF1234567890123"), _form(r"\d{12}|\d{15}", "123456789012")), True),
    "YANWEN": CarrierNumbers((S10,), complete=False),
    "4PX": CarrierNumbers((_form(r"4PX\d{13}(CN)?", "4PX3000123456789CN"), S10), complete=False),
    "ROYALMAIL": CarrierNumbers((_BRITISH,), complete=False),
    "LAPOSTE": CarrierNumbers((_FRENCH, _form(r"\d[0-9A-Z]\d{11}", "6A12345678901")), complete=False),
}
_ALSO = {
    "DHLEXPRESS": "DHL",
    "SFEXPRESS": "SF",
    "SHUNFENG": "SF",
    "COLISSIMO": "LAPOSTE",
    "CHRONOPOST": "LAPOSTE",
    "CHINAEMS": "EMS",
    "CHINAPOSTREGISTERED": "CHINAPOST",
    "FOURPX": "4PX",
    "YUN": "YUNEXPRESS",
    "YW": "YANWEN",
}
_SIGNS = re.compile(r"[^0-9A-Z]+")


def numbers_of(carrier_code: str) -> CarrierNumbers | None:
    """The forms of a carrier's numbers; None for a carrier that isn't known here."""
    key = _SIGNS.sub("", carrier_code.upper())
    return CARRIER_NUMBERS.get(_ALSO.get(key, key))
