"""The Olist Brazilian e-commerce data set as canonical files (IX-06a).

A store per seller, an order per order and seller. The canonical files are written into the workspace with the line of
the original row and, for rows that can't be taken, the reason beside each row, so that reports name the originals.
Readings of what the rule leaves open (assumptions): only the status ``delivered`` confirms; a review belongs to every
seller's part of its order; a time that the clocks skipped is read with the offset before.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from core.timebase import to_epoch
from intake.profiles.olist_cells import Cells, Item, Row, Times, instant_text, read_item
from intake.reading import Bundle, BundleError, Manifest, Opening, Source
from intake.reading.annotated import AnnotatedWriter
from intake.reading.bundle import find_files, unpacked
from intake.reading.csvfile import MOST_COLUMNS, RejectedFileError
from intake.reading.lines import BadRow, Records, TooBrokenError, open_text
from intake.reading.stopping import heed

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
HAPPENED = (
    "order_purchase_timestamp",
    "order_approved_at",
    "order_delivered_carrier_date",
    "order_delivered_customer_date",
)
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

# Line, canonical row, why it is rejected, original row.
Written = tuple[int, Cells, BadRow | None, Row]


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
    except (RejectedFileError, TooBrokenError) as error:
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
        # By order and seller the first item that can't be read, with its line.
        self.unread: dict[tuple[str, str], tuple[int, BadRow]] = {}
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
            writer: AnnotatedWriter | None = None
            for line, row, bad, source in rows():
                writer = writer or AnnotatedWriter(stream, columns, list(source.original))
                writer.write(line, row, bad, source.original.values())
            if writer is None:
                AnnotatedWriter(stream, columns)
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
                    heed(ROWS_BETWEEN_GLANCES if number else 0)
                if bad is None and len(cells) != len(header):
                    bad = BadRow(
                        "",
                        ",".join(cells)[:200],
                        _("the row has %(cells)s cells where the header has %(columns)s")
                        % {"cells": len(cells), "columns": len(header)},
                    )
                row = dict.fromkeys(header, "") | dict(zip(header, map(str.strip, cells), strict=False))
                yield line, Row(row), bad

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
        sellers: dict[str, set[str]] = defaultdict(set)
        for line, row, bad in self._records("items"):
            order, seller = row["order_id"], row["seller_id"]
            item = bad or read_item(line, row)
            if isinstance(item, BadRow):
                self.unread.setdefault((order, seller), (line, item))
            else:
                self.items[order][seller].append(item)
            sellers[order].add(seller)
        for order, found in sellers.items():
            # Also of items that can't be read: numbers must stay when they are corrected.
            self.numbers[order] = [
                (seller, order if place == 1 else f"{order}-{place}")
                for place, seller in enumerate(sorted(found - {""}), 1)
            ]

    # ── Canonical rows ─────────────────────────────────────────────────────────────────────────────────────────────

    def _stores(self) -> Iterator[Written]:
        for line, row, bad in self._records("sellers"):
            seller = row["seller_id"]
            place = ", ".join(part for part in (row.get("seller_city", ""), row.get("seller_state", "")) if part)
            yield line, {"store_no": seller, "name": f"{seller[:8]} ({place})" if place else seller}, bad, row

    def _orders(self) -> Iterator[Written]:
        for line, row, bad in self._records("orders"):
            order = row["order_id"]
            times = Times(row)
            for seller, number in self.numbers.get(order) or [("", order)]:
                made = self._order(row, seller, number, times)
                why = bad or times.bad or self._without_items(order, seller)
                if why is None:
                    self._happened(*map(times.at, HAPPENED))
                yield line, made, why, row

    def _without_items(self, order: str, seller: str) -> BadRow | None:
        """Why an order's amount and limit can't be known: it has no items, or one that can't be read."""
        if not self.numbers.get(order):
            return BadRow("order_id", order, _("the order has no items, so its seller is unknown"))
        if (order, seller) not in self.unread:
            return None
        line, bad = self.unread[order, seller]
        said = {"file": FILES["items"], "line": line, "column": bad.column, "value": bad.value}
        return BadRow(
            "order_id",
            order,
            _("an item of the order can't be read: %(file)s, line %(line)s, %(column)s %(value)s") % said,
        )

    def _order(self, row: Row, seller: str, number: str, times: Times) -> Cells:
        items = self.items[row["order_id"]][seller]
        created, paid, shipped, delivered = map(times.at, HAPPENED)
        confirmed = delivered + CONFIRM_AFTER if delivered and row["order_status"] == "delivered" else None
        cancelled = (paid or created) if row["order_status"] in CANCELLED else None
        estimated = times.end_of_day("order_estimated_delivery_date")
        return {
            "store_no": seller,
            "order_no": number,
            "buyer_ref": self.buyers.get(row["customer_id"], row["customer_id"]),
            "site": SITE,
            "payment_method": self.methods.get(row["order_id"], ""),
            "created_at": times.text("order_purchase_timestamp", created),
            "paid_at": times.text("order_approved_at", paid),
            "shipped_at": times.text("order_delivered_carrier_date", shipped),
            "estimated_delivery_at": times.text("order_estimated_delivery_date", estimated),
            "delivered_at": times.text("order_delivered_customer_date", delivered),
            "confirmed_at": instant_text(confirmed),
            "confirmed_by": "system" if confirmed else "",
            "cancelled_at": instant_text(cancelled),
            "cancelled_by": "platform" if cancelled else "",
            "currency": CURRENCY,
            **(self._of_items(items) if items else {}),
        }

    def _of_items(self, items: list[Item]) -> Cells:
        dearest = max(items, key=lambda item: (item.price, -_rank(item.number)))
        return {
            "sku": dearest.product,
            "category": self.categories.get(dearest.product, ""),
            "ship_by": instant_text(max(item.limit for item in items)),
            "total_amount": str(sum((item.price + item.freight for item in items), Decimal(0))),
            "shipping_amount": str(sum((item.freight for item in items), Decimal(0))),
        }

    def _lines(self) -> Iterator[Written]:
        for line, row, bad in self._records("items"):
            item = bad or read_item(line, row)
            number = dict(self.numbers.get(row["order_id"], ())).get(row["seller_id"], row["order_id"])
            made = {
                "store_no": row["seller_id"],
                "order_no": number,
                "line_no": row["order_item_id"],
                "sku": row["product_id"],
                "quantity": "1",
                "amount": row["price"],
            }
            yield line, made, item if isinstance(item, BadRow) else None, row

    def _reviews(self) -> Iterator[Written]:
        for line, row, bad in self._records("reviews"):
            order, times = row["order_id"], Times(row)
            answered = times.at("review_answer_timestamp")
            said = (row.get("review_comment_title", ""), row.get("review_comment_message", ""))
            review = {
                "kind": "buyer",
                "described": row["review_score"],
                "created_at": times.text("review_answer_timestamp", answered),
                "text": "\n".join(part for part in said if part),
            }
            if not self.numbers.get(order):
                bad = bad or BadRow("order_id", order, _("its order has no items, so its seller is unknown"))
            if bad is None:
                self._happened(answered)
            for seller, number in self.numbers.get(order) or [("", order)]:
                yield line, {"store_no": seller, "order_no": number, **review}, bad or times.bad, row


def _rank(number: str) -> int:
    return int(number) if number.isdecimal() else 0
