"""Tables for people (DM-28, RL-12): headings and words in the reader's language, times in their zone, amounts with the
decimals of their currency, numbers that a spreadsheet program leaves as they are; as CSV and XLSX.

`core.pages.sheets` writes what programs read, under names that never change; this is what somebody opens and looks at.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.currencies import decimals_of
from core.pages.sheets import BOM, ROWS_AT_ONCE, Counted, Row, by_worksheet, safe_cell

# What a spreadsheet program takes for a number, a power of ten or a day, and shows and saves as something else.
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAMAGED = re.compile(
    rf"0\d+|\d{{12,}}|\d+e\d+|\d{{1,4}}[-/.]\d{{1,2}}([-/.]\d{{1,4}})?|true|false|{_MONTH}[- ]?\d{{1,4}}"
    rf"|\d{{1,2}}[- ]?{_MONTH}",
    re.IGNORECASE | re.ASCII,
)
# The most links that a worksheet can hold; numbers in later rows have none.
MOST_LINKS = 65_000
MOST_NAME = 31
# A share in a workbook has as many places as its numbers keep.
SHARE_PLACES = 15
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_INSTANT, _DAY = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Code:
    """An identifier: always text, even if it looks like a number. ``path``: what it links to on this site."""

    text: str
    path: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Amount:
    """Money, shown with the decimals of its currency (ISO 4217)."""

    value: Decimal
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Share:
    """A share, shown as percent."""

    value: Fraction | Decimal


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its heading in the reader's language, its width in characters, and whether it holds instants, whose
    zone the heading names."""

    heading: Any
    width: int = 14
    instant: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table: the name of its worksheet, its columns, its rows. Rows are made while they are written, in the reader's
    language and zone."""

    name: Any
    fields: Sequence[Field]
    rows: Iterable[Row]


@dataclass(frozen=True)
class Reader:
    """Who a file is for."""

    language: str
    zone: tzinfo

    @classmethod
    def current(cls) -> "Reader":
        """The person that this request is answered for."""
        return cls(translation.get_language() or settings.LANGUAGE_CODE, timezone.get_current_timezone())

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Speak the reader's language in their zone."""
        with translation.override(self.language), timezone.override(self.zone):
            yield


def zone_title(zone: tzinfo) -> str:
    """A zone as headings name it: ``GMT+8``, or its own name where its offset changes with the season."""
    january, july = (datetime(2026, month, 1, 12, tzinfo=zone) for month in (1, 7))
    if january.utcoffset() == july.utcoffset():
        return formats.offset_name(january)
    return str(getattr(zone, "key", zone))


def headings_of(sheet: Sheet) -> list[str]:
    """The headings, for the reader who is spoken to."""
    zone = zone_title(timezone.get_current_timezone())
    return [f"{field.heading} ({zone})" if field.instant else str(field.heading) for field in sheet.fields]


def csv_lines(sheet: Sheet, reader: Reader) -> Iterator[str]:
    """CSV text in pieces of many rows, the first with BOM and headings; memory stays constant."""
    with reader.reading():
        headings = headings_of(sheet)
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow(headings)
    yield _taken(buffer)
    waiting = iter(sheet.rows)
    while True:
        # Not around a yield: the consumer may activate another language meanwhile.
        with reader.reading():
            writer.writerows([[text_of(value) for value in row] for row in islice(waiting, ROWS_AT_ONCE)])
        text = _taken(buffer)
        if not text:
            return
        yield text


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def text_of(value: object) -> object:
    """A cell as CSV shows it: numbers as numbers, everything else as text that nothing mistakes."""
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case int():
            return value
        case Code():
            return kept(value.text)
        case Amount():
            return format(formats.half_up(value.value, decimals_of(value.currency)), "f")
        case Share():
            return f"{formats.limit(100 * formats.exact(value.value)):f}%"
        case Decimal():
            return format(value, "f")
        case datetime():
            return f"{value.astimezone(timezone.get_current_timezone()):%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
    return safe_cell(str(value))


def kept(text: str) -> str:
    """An identifier that a spreadsheet program leaves as it is: with an apostrophe before it where it would take it for
    a formula, a number or a day. Imports take the apostrophe off again (IX-05b)."""
    return f"'{text}" if _DAMAGED.fullmatch(text) else safe_cell(text)


def write_xlsx(path: Path, sheet: Sheet, reader: Reader) -> int:
    """Write the table as a workbook: head and first column frozen, columns wide enough, filters, instants and days as
    such, identifiers as text with links; returns the number of rows. Those that one worksheet can't hold go on in the
    next, under the same head."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with reader.reading(), xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats_of = _Formats(book)
        parts = enumerate(by_worksheet(sheet.rows), start=1)
        return sum(
            _write_page(_page(book, sheet, place, head), sheet, rows, formats_of, reader) for place, rows in parts
        )


def _page(book: Any, sheet: Sheet, place: int, head: Any) -> Any:
    """A worksheet with its head; the second is called ``Orders 2``."""
    suffix = f" {place}" if place > 1 else ""
    name = _NOT_IN_NAMES.sub(" ", str(sheet.name))[: MOST_NAME - len(suffix)].strip("' ")
    page = book.add_worksheet(name + suffix)
    for column, field in enumerate(sheet.fields):
        page.set_column(column, column, field.width)
    page.freeze_panes(1, 1)
    page.write_row(0, 0, headings_of(sheet), head)
    return page


def _write_page(page: Any, sheet: Sheet, rows: Iterable[Row], formats_of: "_Formats", reader: Reader) -> int:
    writer, number = _Cells(page, formats_of, reader.zone), 0
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            writer.write(number, column, value)
    page.autofilter(0, 0, number, max(len(sheet.fields) - 1, 0))
    return number


def write_file(path: Path, sheet: Sheet, reader: Reader) -> int:
    """Write the table as its suffix says (.xlsx, else CSV), whole or not at all; returns the number of rows."""
    partial = path.with_name(f".{path.name}.partial")
    counted = Counted(sheet.rows)
    try:
        if path.suffix.lower() == ".xlsx":
            write_xlsx(partial, replace(sheet, rows=counted), reader)
        else:
            with partial.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(replace(sheet, rows=counted), reader))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return counted.count


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[str, Any] = {}

    def __call__(self, shown: str) -> Any:
        if shown not in self._made:
            self._made[shown] = self._book.add_format({"num_format": shown})
        return self._made[shown]


class _Cells:
    """Writes the cells of a worksheet, each kind in its format."""

    def __init__(self, page: Any, formats_of: _Formats, zone: tzinfo) -> None:
        self._page, self._format, self._zone = page, formats_of, zone
        self._links = 0

    def write(self, row: int, column: int, value: object) -> None:
        """One cell; nothing for what is absent."""
        match value:
            case None:
                return
            case bool():
                self._page.write_string(row, column, _("yes") if value else _("no"))
            case int() | Decimal():
                self._page.write_number(row, column, value)
            case Code():
                self._code(row, column, value)
            case Amount():
                places = decimals_of(value.currency)
                shown = "#,##0" + (f".{'0' * places}" if places else "")
                self._page.write_number(row, column, value.value, self._format(shown))
            case Share():
                self._page.write_number(
                    row, column, formats.half_up(value.value, SHARE_PLACES), self._format("0.00##%")
                )
            case datetime():
                local = value.astimezone(self._zone).replace(tzinfo=None)
                self._page.write_datetime(row, column, local, self._format(_INSTANT))
            case date():
                self._page.write_datetime(row, column, value, self._format(_DAY))
            case _:
                self._page.write_string(row, column, str(value))

    def _code(self, row: int, column: int, code: Code) -> None:
        if code.path and self._links < MOST_LINKS:
            self._links += 1
            self._page.write_url(row, column, settings.BASE_URL + code.path, string=code.text)
        else:
            self._page.write_string(row, column, code.text)
