"""Files of orders with a row per item or parcel, summed into orders and lines (IX-06b, DM-17).

Rows of one order stand together. They are items, not corrections, where they agree on when the order was made and paid
and differ in SKU or tracking number, or where all but the item is left empty, as merged cells are. Of several parcels
the first one's dispatch, carrier and number are the order's, the others become rows of shipments.csv, and delivery is
the last one's.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from decimal import Decimal, InvalidOperation
from operator import eq
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext as _

from intake.canonical.columns import Reading
from intake.canonical.instants import instant_reader
from intake.canonical.rejections import RejectedCellError
from intake.reading import Bundle, Opening, Source
from intake.reading.annotated import AnnotatedWriter
from intake.reading.csvfile import CsvSource, RejectedFileError
from intake.reading.headings import heading_key
from intake.reading.lines import BadRow, Part
from intake.reading.manifest import find_zone
from intake.reading.stopping import heed

CHUNK = 5_000
MOST_ITEMS = 1_000
LINE_COLUMNS = ("store_no", "order_no", "line_no", "sku", "quantity", "amount")
PARCEL_COLUMNS = ("store_no", "order_no", "tracking_no", "carrier", "shipped_at")
AMOUNTS = ("total_amount", "shipping_amount", "insurance_premium_usd")
_AGREEING = ("created_at", "paid_at", "currency", "buyer_ref", "site", "source")
_QUANTITIES = frozenset(map(heading_key, ("quantity", "qty", "数量", "产品数量", "商品数量")))
_SEVERAL = re.compile(r"[\n\r;,；，、|]+")
_ODD_NUMBER = re.compile(r"[\n\r;,；，、|:：]")
_SERVICE = re.compile(r"^[^\d:：]+[:：](?=.*\d)")


@dataclass
class _Row:
    """A row as it stands; ``hollow``: it names no order, as rows below merged cells do."""

    line: int
    cells: list[str]
    bad: BadRow | None = None
    hollow: bool = False


@dataclass
class Found:
    """What a first reading finds: whether anything is to be summed, and whether amounts are those of items."""

    needed: bool = False
    several_numbers: int = 0
    orders: int = 0
    rows: int = 0
    # Columns in which the rows of an order differ: theirs are items' amounts, others repeat the order's.
    adding: set[str] = field(default_factory=set)


def summed(bundle: Bundle, opening: Opening) -> Bundle:
    """The bundle with its orders summed where their file has a row per item."""
    source = next((source for source in bundle.sources if source.name == "orders"), None)
    if source is None or bundle.told:
        return bundle
    plain = _Plain()
    try:
        reader, scan = source.scan(plain)
        if plain.holds:
            bundle.sources[bundle.sources.index(source)] = changed(source, scanned=(reader, scan))
            return bundle
        found = _survey(_Table(reader))
    except RejectedFileError:
        # It is said when the file is scanned.
        return bundle
    if found.needed:
        bundle.sources.remove(source)
        there = {other.name for other in bundle.sources}
        zone = bundle.manifest.zone
        writer = _Writer(_Table(reader), found, Reading(find_zone(zone) if zone else None), opening.workspace / "items")
        for made in writer.write(source.label, there):
            bundle.sources.append(made)
        _say(bundle, source, found)
    return bundle


def _say(bundle: Bundle, source: Source, found: Found) -> None:
    texts = []
    if found.orders:
        numbers = {"rows": found.rows, "orders": found.orders}
        texts.append(_("has a row per item: %(rows)s rows were summed into %(orders)s orders") % numbers)
        texts.append(
            _("the amounts of an order's rows were added up")
            if "total_amount" in found.adding
            else _("the rows of an order repeat its amount, which was taken once")
        )
    if found.several_numbers:
        texts.append(_("%(count)s orders have several parcels") % {"count": found.several_numbers})
    bundle.warnings += [f"{source.label}: {text}" for text in texts]
    for look in bundle.looks:
        if look.label == source.label:
            look.notes += texts


class _Table:
    """Rows of a file of orders, by column."""

    def __init__(self, reader: CsvSource) -> None:
        self.reader = reader
        self._chunks = reader.chunks()
        self.places = dict(reader.columns)
        self.header = list(reader.header)
        quantity = [place for place, name in enumerate(self.header) if heading_key(name) in _QUANTITIES]
        if quantity:
            self.places.setdefault("quantity", quantity[0])

    def take(self) -> Part:
        """The next rows."""
        chunk = self._chunks.take(CHUNK)
        heed(len(chunk))
        return chunk

    def get(self, cells: list[str], name: str) -> str:
        """A cell, '' where the column isn't there."""
        place = self.places.get(name, -1)
        return cells[place].strip() if 0 <= place < len(cells) else ""

    def put(self, cells: list[str], name: str, value: str) -> None:
        """Change a cell of a column that is there."""
        if name in self.places:
            cells[self.places[name]] = value

    def rows(self) -> Iterator[_Row]:
        """All rows; those below merged cells filled with what stands above them."""
        above: list[str] | None = None
        while chunk := self.take():
            for position, cells in enumerate(chunk.rows):
                row = _Row(chunk.lines[position], cells, chunk.bad.get(position))
                if row.bad is None and above is not None and self._is_hollow(cells):
                    row = changed(row, cells=self._filled(cells, above), hollow=True)
                yield row
                above = row.cells if row.bad is None else None

    def _is_hollow(self, cells: list[str]) -> bool:
        return not any(self.get(cells, name) for name in ("store_no", "order_no", "created_at"))

    def _filled(self, cells: list[str], above: list[str]) -> list[str]:
        own = {self.places[name] for name in (*AMOUNTS, "quantity") if name in self.places}
        return [
            cell if cell.strip() or place in own else former
            for place, (cell, former) in enumerate(zip(cells, above, strict=True))
        ]

    def groups(self) -> Iterator[list[_Row]]:
        """Rows of one order that stand together; a row with a fault stands alone."""
        group: list[_Row] = []
        for row in self.rows():
            is_same = bool(group) and row.bad is None and self._key(row) == self._key(group[0])
            if group and not (is_same and len(group) < MOST_ITEMS):
                yield group
                group = []
            group.append(row)
            if row.bad is not None:
                yield group
                group = []
        if group:
            yield group

    def _key(self, row: _Row) -> tuple[str, str]:
        return self.get(row.cells, "store_no"), self.get(row.cells, "order_no")

    def are_items(self, group: list[_Row]) -> bool:
        """Whether rows of one order are its items, not corrections of one another."""
        if len(group) < 2 or not self.get(group[0].cells, "order_no"):
            return False
        if any(row.hollow for row in group):
            return True
        told = [(self.get(row.cells, "sku"), self.get(row.cells, "tracking_no")) for row in group]
        if len(set(told)) < len(told) or not all(map(any, told)):
            return False
        return all(len({self.get(row.cells, name) for row in group}) == 1 for name in _AGREEING)

    def parcels(self, rows: Sequence[_Row]) -> dict[str, _Row]:
        """The tracking numbers of rows, each with the first row that has it."""
        found: dict[str, _Row] = {}
        for row in rows:
            for number in numbers_in(self.get(row.cells, "tracking_no")) if row.bad is None else ():
                found.setdefault(number, row)
        return found


class _Plain:
    """Whether no row follows one of the same order and no cell holds two numbers: so nearly all files are. It is seen
    while the file is scanned, so that these files are read no more often than others."""

    columns: tuple[str, ...] = ("store_no", "order_no", "tracking_no")

    def __init__(self) -> None:
        self.holds = True
        self._former = ("", "")

    def see(self, rows: Sequence[Sequence[str]], places: Sequence[int]) -> None:
        """The next rows."""
        if self.holds and rows:
            store, order, parcel = places
            keys = list(zip(_stripped(rows, store), _stripped(rows, order), strict=True))
            self.holds = not any(map(eq, keys, [self._former, *keys])) and all(number for _store, number in keys)
            self._former = keys[-1]
            if parcel >= 0 and _ODD_NUMBER.search("\x00".join(_stripped(rows, parcel))):
                self.holds = False


def _stripped(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    column = [cells[place] for cells in rows]
    joined = "".join(column)
    # Of all blanks only the space is printable.
    return list(map(str.strip, column)) if " " in joined or not joined.isprintable() else column


def _survey(table: _Table) -> Found:
    found = Found()
    for group in table.groups():
        several = any(len(numbers_in(table.get(row.cells, "tracking_no"))) > 1 for row in group)
        dressed = any(_SERVICE.match(table.get(row.cells, "tracking_no")) for row in group)
        if table.are_items(group):
            several = len(table.parcels(group)) > 1
            found.orders += 1
            found.rows += len(group)
            found.adding |= {name for name in AMOUNTS if len({table.get(row.cells, name) for row in group}) > 1}
        found.several_numbers += several
        found.needed = found.needed or bool(found.orders) or several or dressed
    return found


def numbers_in(text: str) -> list[str]:
    """The tracking numbers of a cell, without the services that may stand before them."""
    if not (_SEVERAL.search(text) or ":" in text or "：" in text):
        return [text] if text else []
    return [number for part in _SEVERAL.split(text) if (number := _SERVICE.sub("", part.strip()))]


def _writing(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="surrogateescape", newline="")


@dataclass
class _Writer:
    """Writes orders, and their lines where SKUs are told."""

    table: _Table
    found: Found
    reading: Reading
    folder: Path

    def write(self, label: str, there: set[str]) -> list[Source]:
        """The files, but for those that are ``there`` already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = {
            "orders": True,
            "order_lines": "sku" in self.table.places and self.found.orders > 0,
            "shipments": self.found.several_numbers > 0,
        }
        paths = {name: self.folder / f"{name}.csv" for name in wanted}
        with (
            _writing(paths["orders"]) as orders,
            _writing(paths["order_lines"]) as lines,
            _writing(paths["shipments"]) as parcels,
        ):
            order_rows = AnnotatedWriter(orders, self.table.header)
            line_rows = AnnotatedWriter(lines, LINE_COLUMNS)
            parcel_rows = AnnotatedWriter(parcels, PARCEL_COLUMNS)
            for group in self.table.groups():
                self._write_group(group, order_rows, line_rows, parcel_rows)
        made = [name for name, needed in wanted.items() if needed and name not in there]
        return [Source(name, label, paths[name], annotated=True) for name in made]

    def _write_group(
        self, group: list[_Row], orders: AnnotatedWriter, lines: AnnotatedWriter, parcels: AnnotatedWriter
    ) -> None:
        items = self.table.are_items(group) and self._sum(group)
        for row in [items] if items else group:
            first, *others = self.table.parcels([row, *group] if items else [row]).items() or [("", row)]
            if first[0]:
                self.table.put(row.cells, "tracking_no", first[0])
            orders.write_cells(row.line, row.cells, row.bad)
            for further, its_row in others:
                parcels.write(its_row.line, self._parcel(its_row, further), None)
        for number, row in enumerate(group if items else (), 1):
            if sku := self.table.get(row.cells, "sku"):
                lines.write(row.line, self._line(row, number, sku), None)

    def _parcel(self, row: _Row, number: str) -> dict[str, str]:
        names = ("store_no", "order_no", "carrier", "shipped_at")
        return {**{name: self.table.get(row.cells, name) for name in names}, "tracking_no": number}

    def _line(self, row: _Row, number: int, sku: str) -> dict[str, str]:
        told = {name: self.table.get(row.cells, name) for name in ("store_no", "order_no", "quantity")}
        amount = self.table.get(row.cells, "total_amount") if "total_amount" in self.found.adding else ""
        return {**told, "line_no": str(number), "sku": sku, "amount": amount}

    def _sum(self, group: list[_Row]) -> _Row | None:
        """The order; None where an amount can't be read, so that the rows are rejected one by one."""
        table = self.table
        first = self._first_parcel(group)
        cells = [
            next((row.cells[place] for row in (first, *group) if row.cells[place].strip()), "")
            for place in range(len(group[0].cells))
        ]
        for name in AMOUNTS:
            if name in self.found.adding and name in table.places:
                try:
                    table.put(cells, name, str(sum(Decimal(table.get(row.cells, name) or "0") for row in group)))
                except InvalidOperation:
                    return None
        # The order's listing is then that of its largest line.
        table.put(cells, "sku", "")
        table.put(cells, "delivered_at", self._last_delivery(group))
        return _Row(group[0].line, cells)

    def _first_parcel(self, group: list[_Row]) -> _Row:
        shipped = [(self._instant(row, "shipped_at"), place) for place, row in enumerate(group)]
        known = [(instant, place) for instant, place in shipped if instant is not None]
        return group[min(known)[1]] if known else group[0]

    def _last_delivery(self, group: list[_Row]) -> str:
        """The last parcel's delivery; nothing while one is under way."""
        delivered = [(self._instant(row, "delivered_at"), place) for place, row in enumerate(group)]
        if any(instant is None for instant, _place in delivered):
            return ""
        return self.table.get(
            group[max((instant or 0, place) for instant, place in delivered)[1]].cells, "delivered_at"
        )

    def _instant(self, row: _Row, name: str) -> int | None:
        text = self.table.get(row.cells, name)
        try:
            return instant_reader(self.reading.zone)(text) if text else None
        except RejectedCellError:
            return None
