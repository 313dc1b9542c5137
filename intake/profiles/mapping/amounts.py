"""Amounts as other programs write them: with signs, thousands separators, a comma for the point (IX-06)."""

import re
from decimal import Decimal
from unicodedata import normalize

from django.utils.translation import gettext as _

from core.pages.currencies import MOST_DECIMALS, decimals_of
from intake.canonical.rejections import RejectedCellError
from intake.profiles.aliexpress.cells import SIGNS as CHINESE_SIGNS

SIGNS = CHINESE_SIGNS | {
    "RP": "IDR", "₱": "PHP", "฿": "THB", "₫": "VND", "Đ": "VND", "RM": "MYR", "S$": "SGD", "NT$": "TWD", "AU$": "AUD",
    "A$": "AUD", "C$": "CAD", "CA$": "CAD", "MX$": "MXN", "₹": "INR", "₺": "TRY", "₪": "ILS", "₴": "UAH",
}  # fmt: skip
_BY_DECIMAL = {
    "point": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"),
    "comma": re.compile(r"\d{1,3}(?:[. ']\d{3})+(?:,\d+)?|\d+(?:,\d+)?"),
}
_CODE = re.compile(r"[A-Z]{3}")
_FEWEST_OF_THOUSANDS = 3


def read_money(text: str, decimal: str, currency: str = "") -> tuple[Decimal, str]:
    """An amount and the currency that its sign says, '' without one. ``currency``: what is known of it otherwise."""
    plain = normalize("NFKC", text).strip().replace("\u2212", "-")
    is_negative = plain.startswith("(") and plain.endswith(")")
    plain = plain[1:-1] if is_negative else plain
    found = _BY_DECIMAL[decimal].search(plain)
    around = plain if found is None else plain[: found.start()] + plain[found.end() :]
    if found is None or re.search(r"[\d.,]*\d", around):
        raise RejectedCellError(_reason(decimal))
    sign = re.sub(r"[\s-]", "", around)
    said = _currency(sign)
    number = found.group()
    digits = number.replace(",", "") if decimal == "point" else re.sub(r"[. ']", "", number).replace(",", ".")
    _check_thousands(digits, said or currency)
    value = Decimal(digits)
    return (-value if is_negative or "-" in around else value), said


def _currency(sign: str) -> str:
    found = SIGNS.get(sign, SIGNS.get(sign.upper()))
    if found is None and _CODE.fullmatch(sign.upper()):
        return sign.upper()
    if found is None:
        raise RejectedCellError(_("has an unknown currency sign: %(sign)s") % {"sign": sign})
    return found


def _check_thousands(digits: str, currency: str) -> None:
    """125.000 is more likely a hundred and twenty-five thousand than an amount with three decimals."""
    decimals = len(digits.partition(".")[2])
    if decimals == _FEWEST_OF_THOUSANDS and (not currency or decimals_of(currency) < decimals <= MOST_DECIMALS):
        raise RejectedCellError(
            _("has three digits after the decimal mark: say in the mapping whether it separates thousands")
        )


def _reason(decimal: str) -> str:
    if decimal == "comma":
        return _("is no amount with a decimal comma, such as 1.234,50")
    return _("is no amount with a decimal point, such as 1,234.50")
