"""The Olist Brazilian e-commerce data set as canonical files (IX-06a).

A store per seller, an order per order and seller. The canonical files are written into the workspace with the line of
the original row and, for rows that can't be taken, the reason beside each row, so that reports name the originals.
Readings of what the rule leaves open (assumptions): only the status ``delivered`` confirms; a review belongs to every
seller's part of its order; a time that the clocks skipped is read with the offset before.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from intake.reading import Bundle, BundleError, Manifest, Opening, Source
from intake.reading.annotated import AnnotatedWriter
from intake.reading.bundle import find_files, unpacked
from intake.reading.csvfile import MOST_COLUMNS, SourceRefusedError
from intake.reading.lines import BadRow, Records, TooBrokenError, open_text
from intake.reading.stopping import heed
from rulebook.timebase import to_epoch

ZONE = ZoneInfo("America/Sao_Paulo")
CURRENCY, SITE = "BRL", "BR"
CONFIRM_AFTER = timedelta(days=10)
CANCELLED = frozenset({"canceled", "unavailable"})
# What is kept in memory while the orders are read; the data set's own come to half of it.
HELD = ("items", "payments", "products", "customers", "translation")
LARGEST_HELD = 64 * 2**20
ROWS_BETWEEN_GLANCES = 5_000

FILES = {
    "orders": "olist_orders_dataset.csv",
    "items": "olist_order_items_dataset.csv",
    "sellers": "olist_sellers_dataset.csv",
    "reviews": "olist_order_reviews_dataset.csv",
    "payments": "olist_order_payments_dataset.csv",
    "products": "olist_products_dataset.csv",
    "customers": "olist_customers_dataset.csv",
    "translation": "product_category_name_translation.csv",
}
NEEDED = ("orders", "items", "sellers")
NEEDED_FILES = tuple(FILES[name] for name in NEEDED)
COLUMNS: dict[str, tuple[str, ...]] = {
    "orders": (
        "order_id",
        "customer_id",
        "order_status",
        "order_purchase_timestamp",
        "order_approved_at",
        "order_delivered_carrier_date",
        "order_delivered_customer_date",
        "order_estimated_delivery_date",
    ),
    "items": ("order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value"),
    "sellers": ("seller_id",),
    "reviews": ("order_id", "review_score", "review_answer_timestamp"),
    "payments": ("order_id", "payment_type", "payment_value"),
    "products": ("product_id", "product_category_name"),
    "customers": ("customer_id", "customer_unique_id"),
    "translation": ("product_category_name", "product_category_name_english"),
}
STORE_COLUMNS = ("store_no", "name")
ORDER_COLUMNS = (
    "store_no",
    "order_no",
    "sku",
    "category",
    "buyer_ref",
    "site",
    "payment_method",
    "created_at",
    "paid_at",
    "ship_by",
    "shipped_at",
    "estimated_delivery_at",
    "delivered_at",
    "confirmed_at",
    "confirmed_by",
    "cancelled_at",
    "cancelled_by",
    "total_amount",
    "currency",
    "shipping_amount",
)
LINE_COLUMNS = ("store_no", "order_no", "line_no", "sku", "quantity", "amount")
REVIEW_COLUMNS = ("store_no", "order_no", "kind", "created_at", "described", "text")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """A position of an order."""

    line: int
    number: str
    product: str
    seller: str
    limit: str
    price: Decimal
    freight: Decimal


class UnfitError(ValueError):
    """A row can't be taken: column, value, reason."""

    def __init__(self, column: str, value: str, reason: str) -> None:
        self.bad = BadRow(column, value, reason)
        super().__init__(reason)


def open_olist(opening: Opening) -> Bundle:
    """The data set's folder or ZIP as a bundle; raises BundleError when a needed file is missing or unreadable."""
    found = {file.name.lower(): file for file in find_files(unpacked(opening).path)}
    files = {name: found[file] for name, file in FILES.items() if file in found}
    missing = [FILES[name] for name in NEEDED if name not in files]
    if missing:
        raise BundleError(_("is no Olist data set: %(files)s is missing") % {"files": ", ".join(missing)})
    if sum(files[name].stat().st_size for name in HELD if name in files) > LARGEST_HELD:
        raise BundleError(_("is far larger than the Olist data set: map its files to the canonical ones"))
    target = opening.workspace / "canonical"
    target.mkdir(parents=True, exist_ok=True)
    converter = Converter(files, target)
    try:
        sources = converter.convert()
    except (SourceRefusedError, TooBrokenError) as error:
        raise BundleError(str(error)) from error
    return Bundle(sources=sources, manifest=Manifest(known_until=converter.known_until()))


class Converter:
    """Writes the canonical files of a data set."""

    def __init__(self, files: dict[str, Path], target: Path) -> None:
        self.files = files
        self.target = target
        english = {
            row["product_category_name"]: row["product_category_name_english"] for row in self._rows("translation")
        }
        self.categories = {
            row["product_id"]: english.get(row["product_category_name"], row["product_category_name"])
            for row in self._rows("products")
        }
        self.buyers = {row["customer_id"]: row["customer_unique_id"] for row in self._rows("customers")}
        self.methods = self._methods()
        self.items: dict[str, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
        self.numbers: dict[str, list[tuple[str, str]]] = {}
        self.latest: datetime | None = None

    def convert(self) -> list[Source]:
        """All files; lines are read before the orders that are made of them."""
        self._read_items()
        sources = [self._write("stores", "sellers", STORE_COLUMNS, self._stores)]
        sources.append(self._write("orders", "orders", ORDER_COLUMNS, self._orders))
        sources.append(self._write("order_lines", "items", LINE_COLUMNS, self._lines))
        if "reviews" in self.files:
            sources.append(self._write("reviews", "reviews", REVIEW_COLUMNS, self._reviews))
        return sources

    def known_until(self) -> dict[str, int]:
        """The data set ends with what happened last: its plans, some of them years ahead, tell nothing (MX-07)."""
        if self.latest is None:
            return {}
        return {feed: to_epoch(self.latest) for feed in ("orders", "reviews")}

    def _happened(self, *instants: datetime | None) -> None:
        self.latest = max(filter(None, (self.latest, *instants)), default=None)

    def _write(self, name: str, original: str, columns: tuple[str, ...], rows: Any) -> Source:
        path = self.target / f"{name}.csv"
        with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            writer = AnnotatedWriter(stream, columns)
            for line, row, bad in rows():
                writer.write(line, row, bad)
        return Source(name, FILES[original], path, annotated=True)

    # ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _records(self, name: str) -> Iterator[tuple[int, Row, BadRow | None]]:
        path = self.files.get(name)
        if path is None:
            return
        with path.open("rb") as head:
            if head.read(2) in (b"\xff\xfe", b"\xfe\xff"):
                raise BundleError(_("%(file)s is in UTF-16: save it as UTF-8") % {"file": path.name})
        with open_text(path) as stream:
            records = iter(Records(stream))
            header = [cell.strip().lower() for cell in next(records, (0, [], None))[1]]
            lacking = sorted(set(COLUMNS[name]) - set(header), key=COLUMNS[name].index)
            if len(header) > MOST_COLUMNS:
                raise BundleError(_("has more than %(count)s columns") % {"count": MOST_COLUMNS})
            if lacking:
                raise BundleError(
                    _("%(file)s lacks the column %(name)s") % {"file": path.name, "name": ", ".join(lacking)}
                )
            for number, (line, cells, bad) in enumerate(records):
                if number % ROWS_BETWEEN_GLANCES == 0:
                    heed()
                if bad is None and len(cells) != len(header):
                    bad = BadRow(
                        "",
                        ",".join(cells)[:200],
                        _("the row has %(cells)s cells where the header has %(columns)s")
                        % {"cells": len(cells), "columns": len(header)},
                    )
                row = dict.fromkeys(header, "") | dict(zip(header, map(str.strip, cells), strict=False))
                yield line, row, bad

    def _rows(self, name: str) -> Iterator[Row]:
        return (row for _line, row, bad in self._records(name) if bad is None)

    def _methods(self) -> dict[str, str]:
        """The way of payment that carried most of each order."""
        most: dict[str, tuple[Decimal, str]] = {}
        for row in self._rows("payments"):
            try:
                value = Decimal(row["payment_value"])
            except InvalidOperation:
                continue
            if row["order_id"] not in most or value > most[row["order_id"]][0]:
                most[row["order_id"]] = (value, row["payment_type"])
        return {order: method for order, (_value, method) in most.items()}

    def _read_items(self) -> None:
        for line, row, bad in self._records("items"):
            if bad is None and (item := _item(line, row)) is not None:
                self.items[row["order_id"]][item.seller].append(item)
        for order, sellers in self.items.items():
            self.numbers[order] = [
                (seller, order if place == 1 else f"{order}-{place}") for place, seller in enumerate(sorted(sellers), 1)
            ]

    # ── Canonical rows ─────────────────────────────────────────────────────────────────────────────────────────────

    def _stores(self) -> Iterator[tuple[int, Row, BadRow | None]]:
        for line, row, bad in self._records("sellers"):
            seller = row["seller_id"]
            place = ", ".join(part for part in (row.get("seller_city", ""), row.get("seller_state", "")) if part)
            yield line, {"store_no": seller, "name": f"{seller[:8]} ({place})" if place else seller}, bad

    def _orders(self) -> Iterator[tuple[int, Row, BadRow | None]]:
        for line, row, bad in self._records("orders"):
            order = row["order_id"]
            if bad is None and order not in self.items:
                bad = BadRow("order_id", order, _("the order has no items, so nobody knows its seller"))
            if bad is not None:
                yield line, {"order_no": order}, bad
                continue
            for seller, number in self.numbers[order]:
                try:
                    yield line, self._order(row, seller, number), None
                except UnfitError as unfit:
                    yield line, {"store_no": seller, "order_no": number}, unfit.bad

    def _order(self, row: Row, seller: str, number: str) -> Row:
        items = self.items[row["order_id"]][seller]
        dearest = max(items, key=lambda item: (item.price, -_rank(item.number)))
        created = _instant(row, "order_purchase_timestamp")
        paid = _instant(row, "order_approved_at")
        shipped = _instant(row, "order_delivered_carrier_date")
        delivered = _instant(row, "order_delivered_customer_date")
        confirmed = delivered + CONFIRM_AFTER if delivered and row["order_status"] == "delivered" else None
        cancelled = (paid or created) if row["order_status"] in CANCELLED else None
        self._happened(created, paid, shipped, delivered)
        return {
            "store_no": seller,
            "order_no": number,
            "sku": dearest.product,
            "category": self.categories.get(dearest.product, ""),
            "buyer_ref": self.buyers.get(row["customer_id"], row["customer_id"]),
            "site": SITE,
            "payment_method": self.methods.get(row["order_id"], ""),
            "created_at": _text(created),
            "paid_at": _text(paid),
            "ship_by": _text(max(_local(item.limit, "shipping_limit_date") for item in items)),
            "shipped_at": _text(shipped),
            "estimated_delivery_at": _text(_end_of_day(row, "order_estimated_delivery_date")),
            "delivered_at": _text(delivered),
            "confirmed_at": _text(confirmed),
            "confirmed_by": "system" if confirmed else "",
            "cancelled_at": _text(cancelled),
            "cancelled_by": "platform" if cancelled else "",
            "total_amount": str(sum((item.price + item.freight for item in items), Decimal(0))),
            "currency": CURRENCY,
            "shipping_amount": str(sum((item.freight for item in items), Decimal(0))),
        }

    def _lines(self) -> Iterator[tuple[int, Row, BadRow | None]]:
        for line, row, bad in self._records("items"):
            item = None if bad else _item(line, row)
            if bad is None and item is None:
                bad = BadRow(
                    "price", row["price"], _("the item has no price, freight or dispatch limit that can be read")
                )
            number = dict(self.numbers.get(row["order_id"], ())).get(row["seller_id"], row["order_id"])
            yield (
                line,
                {
                    "store_no": row["seller_id"],
                    "order_no": number,
                    "line_no": row["order_item_id"],
                    "sku": row["product_id"],
                    "quantity": "1",
                    "amount": row["price"],
                },
                bad,
            )

    def _reviews(self) -> Iterator[tuple[int, Row, BadRow | None]]:
        for line, row, bad in self._records("reviews"):
            order = row["order_id"]
            if bad is None and order not in self.numbers:
                bad = BadRow("order_id", order, _("its order has no items, so nobody knows its seller"))
            if bad is not None:
                yield line, {"order_no": order}, bad
                continue
            said = (row.get("review_comment_title", ""), row.get("review_comment_message", ""))
            for seller, number in self.numbers[order]:
                review = {"store_no": seller, "order_no": number, "kind": "buyer", "described": row["review_score"]}
                try:
                    answered = _instant(row, "review_answer_timestamp")
                except UnfitError as unfit:
                    yield line, review, unfit.bad
                    continue
                self._happened(answered)
                review["created_at"] = _text(answered)
                yield line, {**review, "text": "\n".join(part for part in said if part)}, None


def _item(line: int, row: Row) -> Item | None:
    try:
        price, freight = Decimal(row["price"]), Decimal(row["freight_value"])
        _local(row["shipping_limit_date"], "shipping_limit_date")
    except (InvalidOperation, UnfitError):
        return None
    if not (price.is_finite() and freight.is_finite() and row["seller_id"] and row["order_id"]):
        return None
    limit = row["shipping_limit_date"]
    return Item(line, row["order_item_id"], row["product_id"], row["seller_id"], limit, price, freight)


def _rank(number: str) -> int:
    return int(number) if number.isdecimal() else 0


def _local(text: str, column: str) -> datetime:
    """A local time of São Paulo as a UTC instant."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE).astimezone(UTC)
    except ValueError:
        raise UnfitError(column, text, _("is not a time such as 2018-08-17 12:15:10")) from None


def _instant(row: Row, column: str) -> datetime | None:
    return _local(row[column], column) if row[column] else None


def _end_of_day(row: Row, column: str) -> datetime | None:
    """The last second of the local day: estimates are midnights, which mean the whole day."""
    if not row[column]:
        return None
    _local(row[column], column)
    tomorrow = date.fromisoformat(row[column][:10]) + timedelta(days=1)
    # Where the clocks are put forward at 0:00 there is no midnight: read with the offset before, it is the day's end.
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=ZONE)
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def _text(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else ""
