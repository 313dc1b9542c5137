"""Cells of AliExpress's order export: times, amounts with their sign, parcels, items (IX-06)."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from unicodedata import normalize
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.timebase import from_epoch
from intake.canonical.instants import instant_reader
from intake.canonical.rejections import RejectedCellError

_TIME = re.compile(
    r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?", re.ASCII
)
_AMOUNT = re.compile(r"(?P<sign>[^\d.,-]*)(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<after>[^\d.,-]*)")
# The signs that were seen, and what they mean there; a bare dollar is the American one.
SIGNS = {
    "": "", "$": "USD", "US$": "USD", "USD": "USD", "USD$": "USD", "CNY": "CNY", "¥": "CNY", "CN¥": "CNY", "RMB": "CNY",
    "元": "CNY", "€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP", "R$": "BRL", "BRL": "BRL", "RUB": "RUB",
    "₽": "RUB", "руб.": "RUB", "руб": "RUB", "₩": "KRW", "KRW": "KRW", "JPY": "JPY", "JP¥": "JPY",
    "PLN": "PLN", "zł": "PLN",
}  # fmt: skip
_PARCELS = re.compile(r"[\n\r;,；，]+")
_ITEM_MARK = re.compile(r"【\d+】")
_ITEM_CODE = re.compile(r"[(（](?:商家编码|商品编码)[:：]\s*([^)）\n]*)[)）]")
_ITEM_COUNT = re.compile(r"[(（](?:产品数量|商品数量)[:：]\s*(\d+)")


@dataclass(frozen=True)
class Moment:
    """An instant as ISO 8601 text; ``day_only``: the source named the day alone, this is its first second."""

    text: str
    day_only: bool


def read_moment(text: str, zone: ZoneInfo, *, end_of_day: bool = False) -> Moment:
    """A local time; a day alone is its first second, or its last where a limit is meant."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise RejectedCellError(_("is no time such as 2026-05-01 08:30:00"))
    year, month, day, *clock = found.groups()
    day_only = clock[0] is None
    hour, minute, second = ("23", "59", "59") if day_only and end_of_day else [part or "00" for part in clock]
    iso = f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}:{second}"
    instant = from_epoch(instant_reader(zone)(iso))
    return Moment(instant.strftime("%Y-%m-%dT%H:%M:%SZ"), day_only)


def local_day(text: str, zone: ZoneInfo) -> str:
    """The day of an instant in a zone."""
    return datetime.fromisoformat(text).astimezone(zone).date().isoformat()


def read_amount(text: str) -> tuple[Decimal, str]:
    """An amount and its currency, '' where no sign says it."""
    found = _AMOUNT.fullmatch(normalize("NFKC", text).strip())
    if found is None:
        raise RejectedCellError(_("is no amount such as US $12.50"))
    sign = re.sub(r"\s", "", found["sign"] + found["after"])
    currency = SIGNS.get(sign) if sign in SIGNS else SIGNS.get(sign.upper())
    if currency is None:
        raise RejectedCellError(_("has an unknown currency sign: %(sign)s") % {"sign": sign})
    return Decimal(found["number"].replace(",", "")), currency


def read_parcels(text: str) -> list[tuple[str, str]]:
    """Service and number of each parcel, in the file's order; the service is '' where it isn't named."""
    parcels = []
    for part in map(str.strip, _PARCELS.split(text)):
        service, colon, number = part.replace("：", ":").rpartition(":")
        if part:
            parcels.append((service.strip() if colon else "", number.strip()))
    return list(dict.fromkeys(parcels))


def read_codes(text: str) -> list[str]:
    """Codes that stand one below the other."""
    return [code for code in map(str.strip, _PARCELS.split(text)) if code]


def read_items(text: str) -> list[tuple[str, str]]:
    """Code and quantity of each item of a cell that tells of all items; codes may be ''."""
    items = []
    for part in _ITEM_MARK.split(text)[1:]:
        code, count = _ITEM_CODE.search(part), _ITEM_COUNT.search(part)
        items.append((code.group(1).strip() if code else "", count.group(1) if count else ""))
    return items
