"""Orders and their lines from rows of AliExpress's order export (IX-06).

The status is a check only: "ended" means completed where receipt was confirmed, cancelled where nothing was paid, and
is a data issue otherwise. Nothing is known of who confirmed, of cancellations of paid orders, of deliveries, refunds
and disputes: the columns are left out, so that they neither turn a feed on nor clear what another source said.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.crypto import salted_hmac

from intake.canonical import nothing
from intake.canonical.rejections import RejectedCellError
from intake.profiles.aliexpress.cells import (
    Moment,
    local_day,
    read_amount,
    read_codes,
    read_items,
    read_moment,
    read_parcels,
)
from intake.profiles.aliexpress.headings import Layout
from intake.reading.lines import BadRow
from orders.rules.buyers import NAME_ONLY

ENDED = "订单结束"
BY_PLATFORM = "半托管仓发订单"
LINE_COLUMNS = ("store_no", "order_no", "line_no", "sku", "quantity", "amount")
PARCEL_COLUMNS = ("store_no", "order_no", "tracking_no", "carrier", "shipped_at")
# Canonical columns and the fields without which they can't be told.
ORDER_COLUMNS: dict[str, tuple[str, ...]] = {
    "store_no": (),
    "order_no": (),
    "sku": ("codes", "listings", "items"),
    "buyer_ref": ("buyer",),
    "site": ("site",),
    "payment_method": ("payment_method",),
    "created_at": (),
    "paid_at": ("paid_at",),
    "ship_by": ("ship_by",),
    "shipped_at": ("shipped_at",),
    "carrier": ("parcels",),
    "tracking_no": ("parcels",),
    "confirmed_at": ("confirmed_at",),
    "cancelled_at": ("status",),
    "end_unclear": ("status",),
    "total_amount": (),
    "currency": (),
    "shipping_amount": ("freight",),
    "fulfilled_by": ("mode",),
}
Row = dict[str, str]


@dataclass(frozen=True)
class Context:
    """What a person said of the file."""

    store: str
    zone: ZoneInfo
    currency: str


@dataclass
class Reader:
    """Reads the rows of one table; ``seen`` counts what the report should say."""

    layout: Layout
    context: Context
    total_place: int
    seen: Counter[str] = field(default_factory=Counter)

    def columns(self) -> list[str]:
        """The canonical columns that this table can fill."""
        return [name for name, needs in ORDER_COLUMNS.items() if not needs or any(map(self.layout.has, needs))]

    def order(self, cells: list[str]) -> tuple[Row, list[Row], BadRow | None]:
        """The order and its lines; with a reason where the row can't be taken."""
        row = {"store_no": self.context.store, "order_no": self._cell(cells, "order_no").removesuffix(".0")}
        try:
            self._fill(row, cells)
        except _UnfitError as unfit:
            return row, [], unfit.bad
        self.seen["buyers"] += "buyer_ref" in row
        return row, self._lines(row, cells), None

    def _cell(self, cells: list[str], name: str) -> str:
        text = self.layout.cell(cells, name)
        return "" if nothing.is_word(text) else text

    def _fill(self, row: Row, cells: list[str]) -> None:
        row["site"] = self._cell(cells, "site")
        row["payment_method"] = self._cell(cells, "payment_method")
        if name := self._cell(cells, "buyer"):
            # The export has no login.
            row["buyer_ref"] = buyer_ref(self.context.store, name) + NAME_ONLY
        self._fill_amounts(row, cells)
        moments = {name: self._moment(cells, name) for name in ("created_at", "paid_at", "ship_by", "confirmed_at")}
        row |= {name: moment.text for name, moment in moments.items() if moment}
        self._fill_dispatch(row, cells, moments)
        if self._cell(cells, "status") == ENDED:
            self._fill_end(row)
        row["fulfilled_by"] = "platform" if self._cell(cells, "mode") == BY_PLATFORM else "seller"

    def _moment(self, cells: list[str], name: str) -> Moment | None:
        text = self._cell(cells, name)
        if not text or nothing.is_no_date(text):
            return None
        with _naming(name, text):
            return read_moment(text, self.context.zone, end_of_day=name == "ship_by")

    def _fill_amounts(self, row: Row, cells: list[str]) -> None:
        text = cells[self.total_place].strip() if self.total_place < len(cells) else ""
        with _naming("total_amount", text):
            amount, currency = read_amount(text)
        row["total_amount"], row["currency"] = str(amount), currency or self.context.currency
        if freight := self._cell(cells, "freight"):
            with _naming("shipping_amount", freight):
                row["shipping_amount"] = str(read_amount(freight)[0])

    def _fill_dispatch(self, row: Row, cells: list[str], moments: dict[str, Moment | None]) -> None:
        shipped, paid = self._moment(cells, "shipped_at"), moments["paid_at"]
        if shipped is not None:
            row["shipped_at"] = shipped.text
        if shipped is not None and shipped.day_only:
            self.seen["day_only"] += 1
            # Not before the payment of the same day.
            if paid is not None and local_day(paid.text, self.context.zone) == local_day(
                shipped.text, self.context.zone
            ):
                row["shipped_at"] = max(shipped.text, paid.text)
        parcels = read_parcels(self._cell(cells, "parcels"))
        self.seen["parcels"] += len(parcels) > 1
        if parcels:
            row["carrier"], row["tracking_no"] = parcels[0]

    def further_parcels(self, row: Row, cells: list[str]) -> list[Row]:
        """The parcels beside the order's first, as rows of shipments.csv."""
        own: Row = {name: row[name] for name in ("store_no", "order_no", "shipped_at") if name in row}
        further = read_parcels(self._cell(cells, "parcels"))[1:]
        return [{**own, "carrier": service, "tracking_no": number} for service, number in further if number]

    def _fill_end(self, row: Row) -> None:
        if "paid_at" not in row:
            # Nobody says when; unpaid orders count in no figure but that of cancellations.
            row["cancelled_at"] = row["created_at"]
        elif "confirmed_at" not in row:
            row["end_unclear"] = "true"
            self.seen["unclear"] += 1

    def _lines(self, row: Row, cells: list[str]) -> list[Row]:
        """The items, and the order's listing: the first item with a code."""
        lines = [
            {
                "store_no": row["store_no"],
                "order_no": row["order_no"],
                "line_no": str(number),
                "sku": sku,
                "quantity": count,
            }
            for number, (sku, count) in enumerate(self._items(cells), 1)
            if sku
        ]
        if len(lines) == 1 and (goods := self._goods(cells)) is not None:
            lines[0]["amount"] = str(goods)
        row["sku"] = lines[0]["sku"] if lines else ""
        return lines

    def _items(self, cells: list[str]) -> list[tuple[str, str]]:
        told = read_items(self._cell(cells, "items"))
        codes = read_codes(self._cell(cells, "codes")) or [code for code, _count in told if code]
        codes = codes or read_codes(self._cell(cells, "listings"))
        if len(codes) == 1:
            count = self._cell(cells, "quantity").removesuffix(".0") or (told[0][1] if len(told) == 1 else "")
            return [(codes[0], count if count.isdecimal() else "")]
        counts = [count for _code, count in told] if len(told) == len(codes) else [""] * len(codes)
        return list(zip(codes, counts, strict=True))

    def _goods(self, cells: list[str]) -> Decimal | None:
        try:
            return read_amount(self._cell(cells, "goods"))[0]
        except RejectedCellError:
            return None


def buyer_ref(store: str, login: str) -> str:
    """A buyer's pseudonym: a hash with the installation's key, another one in every store. ``login``: the name, with
    `NAME_ONLY` behind the pseudonym, where the source gives no login."""
    return salted_hmac(f"intake.buyer:{store}", login, algorithm="sha256").hexdigest()[:32]


class _UnfitError(ValueError):
    def __init__(self, bad: BadRow) -> None:
        self.bad = bad
        super().__init__(bad.reason)


@contextmanager
def _naming(column: str, value: str) -> Iterator[None]:
    """Have the reason why a cell can't be taken name its column."""
    try:
        yield
    except RejectedCellError as error:
        raise _UnfitError(BadRow(column, value, str(error))) from error
