"""The one table from the platform's fields to canonical columns.

A `Field` names a column, the paths where its value may stand (the first that holds something counts), and how it is
read. What hangs on several fields is a function of the whole answer, in the modules beside this one. No name, address,
telephone number or `oaid` is read; of the buyer's login only a pseudonym is kept (RL-14).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from intake.canonical.rejections import RejectedCellError
from intake.canonical.sites import read_site
from intake.connectors.aliexpress.values import Money, first_of, moment_of, money_of, text_of
from intake.profiles.aliexpress.orders import buyer_ref

Json = Any
Row = dict[str, str]
USD = "USD"


@dataclass
class Reading:
    """What is known beside an answer. ``doubt(what, value, where)`` is told what could not be read."""

    store_no: str
    doubt: Callable[[str, str, str], None] = field(default=lambda *_said: None)
    where: str = ""

    def note(self, what: str, value: str) -> None:
        self.doubt(what, value, self.where)

    def at(self, where: str) -> "Reading":
        """The same for one order, parcel or dispute."""
        return Reading(self.store_no, self.doubt, where)


Convert = Callable[[Json, Reading, str], str]


@dataclass(frozen=True, slots=True)
class Field:
    """``is_kept``: without a value the column is left out, so that what is known stays."""

    column: str
    paths: tuple[str, ...]
    convert: Convert
    is_kept: bool = False


# ── Converters ─────────────────────────────────────────────────────────────────────────────────────────────────────


def text(value: Json, _reading: Reading, _column: str) -> str:
    return text_of(value)


def instant(value: Json, reading: Reading, column: str) -> str:
    """An instant as ISO 8601; the two kinds of local times that daylight saving makes uncertain are data issues."""
    if value is None:
        return ""
    moment = moment_of(value)
    if moment is None:
        reading.note(f"{column}.unreadable", text_of(value)[:40])
        return ""
    if moment.oddity is not None:
        reading.note(f"{column}.{moment.oddity}", text_of(value)[:19])
    return written(moment.at)


def amount(value: Json, _reading: Reading, _column: str) -> str:
    found = money_of(value)
    return "" if found is None else plain(found.amount)


def currency(value: Json, _reading: Reading, _column: str) -> str:
    found = money_of(value)
    return found.currency if found is not None and found.currency else USD


def country(value: Json, reading: Reading, column: str) -> str:
    """A country as sites are written here; one that nobody knows costs no order."""
    said = text_of(value)
    try:
        return read_site(said) if said else ""
    except RejectedCellError:
        reading.note(column, said)
        return ""


def pseudonym(value: Json, reading: Reading, _column: str) -> str:
    name = text_of(value)
    return buyer_ref(reading.store_no, name) if name else ""


def written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


# ── The tables ─────────────────────────────────────────────────────────────────────────────────────────────────────

BUYER = ("buyer_login_id", "buyerloginid", "buyer_info.login_id", "buyer_info.buyer_login_id")
ORDER_NO = ("order_id", "id")
LAST_CHANGE = ("gmt_update", "gmt_modified")

ORDER = (
    Field("order_no", ORDER_NO, text),
    Field("buyer_ref", BUYER, pseudonym, is_kept=True),
    Field("site", ("buyer_info.country", "receipt_address.country"), country, is_kept=True),
    Field("created_at", ("gmt_create",), instant),
    Field("paid_at", ("gmt_pay_success", "gmt_pay_time"), instant),
    Field("total_amount", ("order_amount", "pay_amount"), amount),
    Field("currency", ("order_amount", "pay_amount"), currency),
)
LINE = (
    Field("sku", ("sku_code", "product_id"), text),
    Field("quantity", ("product_count",), text),
    Field("amount", ("total_product_amount",), amount),
)
PARCEL = (
    Field("carrier", ("logistics_type_code", "logistics_service_name"), text),
    Field("tracking_no", ("logistics_no",), text),
    Field("shipped_at", ("gmt_send",), instant),
)
SCAN = (
    Field("at", ("event_date",), instant),
    Field("place", ("address",), text),
    Field("text", ("event_desc",), text),
)
REVIEW = (
    Field("order_no", ("parent_order_id", "order_id"), text),
    Field("created_at", ("buyer_fb_date", "valid_date", "gmt_create"), instant),
    Field("described", ("buyer_evaluation",), text),
    Field("text", ("buyer_feedback",), text),
)
DISPUTE = (
    Field("dispute_no", ("id", "issue_id"), text),
    Field("opened_at", ("gmt_create",), instant),
)


def read(fields: Iterable[Field], source: Json, reading: Reading) -> Row:
    """The columns of a table, as far as the source has them."""
    row: Row = {"store_no": reading.store_no}
    for one in fields:
        value = one.convert(first_of(source, *one.paths), reading, one.column)
        if value or not one.is_kept:
            row[one.column] = value
    return row


def dollars(money: Money | None, spoken: str = "") -> str:
    """An amount in US dollars; empty in another currency. ``spoken``: the currency said beside it."""
    if money is None or (money.currency or spoken or USD) != USD:
        return ""
    return plain(money.amount)
