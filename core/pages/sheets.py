"""Tables as files (IX-13, RL-12): CSV that Chinese Excel opens, XLSX, Parquet; no cell is ever taken for a formula."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import chain, islice
from pathlib import Path
from typing import Any

import xlsxwriter

from core.timebase import SHANGHAI

BOM = "\ufeff"
# Spreadsheets take a cell that begins so for a formula.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# The most rows that a worksheet holds, its heading left out.
SHEET_ROWS = 1_048_575
ROWS_AT_ONCE = 5_000

Row = Sequence[object]
_WRITTEN = frozenset((int, type(None)))


def safe_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula (RL-12)."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def plain(value: object) -> object:
    """A value as CSV shows it: instants with the offset of Shanghai (DM-28), numbers as numbers, absent empty."""
    if value is None:
        return ""
    for kind, show in _SHOWN.items():
        if isinstance(value, kind):
            return show(value)
    return value


def _cells(row: Row) -> list[object]:
    # The csv module itself writes whole numbers, and nothing for None.
    return [value if (kind := type(value)) in _WRITTEN else (_SHOWN.get(kind) or plain)(value) for value in row]


# In this order: truths are whole numbers, instants are days.
_SHOWN: dict[type, Callable[[Any], object]] = {
    str: safe_cell,
    bool: lambda value: "true" if value else "false",
    int: lambda value: value,
    datetime: lambda value: value.astimezone(SHANGHAI).isoformat(timespec="seconds"),
    date: date.isoformat,
    Decimal: lambda value: format(value, "f"),
}


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """CSV text in pieces of many rows, the first with BOM and heading; memory stays constant."""
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow(map(safe_cell, columns))
    waiting = iter(rows)
    while batch := list(islice(waiting, ROWS_AT_ONCE)):
        writer.writerows(map(_cells, batch))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write a table as its suffix says (.xlsx, .parquet, else CSV), whole or not at all; returns the number of rows."""
    partial = path.with_name(f".{path.name}.partial")
    counted = Counted(rows)
    try:
        (write_csv if is_csv(path) else _OTHERS[path.suffix.lower()])(partial, columns, counted)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return counted.count


def write_lines(path: Path, columns: Sequence[str], pieces: Iterable[tuple[int, str]]) -> int:
    """Write lines of CSV that are made already, in pieces with the number of their rows, whole or not at all; returns
    the number of rows."""
    partial, count = path.with_name(f".{path.name}.partial"), 0
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines(columns, ()))
            for rows, text in pieces:
                file.write(text)
                count += rows
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count


def is_csv(path: Path) -> bool:
    """Whether a table goes into this file as CSV: under any suffix that says nothing else."""
    return path.suffix.lower() not in _OTHERS


class Counted:
    """An iterable that counts what it gives."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            yield row


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(columns, rows))


def write_xlsx(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        for part in by_worksheet(rows):
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, columns)
            for number, row in enumerate(part, start=1):
                for column, value in enumerate(row):
                    _write_cell(sheet, number, column, value)


def by_worksheet(rows: Iterable[Row]) -> Iterator[Iterable[Row]]:
    """The rows in parts that a worksheet can hold, at least one part; each is to be read before the next."""
    waiting = iter(rows)
    yield islice(waiting, SHEET_ROWS)
    while first := list(islice(waiting, 1)):
        yield chain(first, islice(waiting, SHEET_ROWS - 1))


def _write_cell(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, bool | str | datetime | date):
        sheet.write_string(row, column, str(plain(value)))
    elif value is not None:
        sheet.write_number(row, column, value)


def _write_parquet(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    # Loaded here: every process of the product would start a tenth of a second later for what few of them write.
    import pyarrow
    import pyarrow.parquet

    def type_of(values: Iterable[object]) -> Any:
        kinds = {type(value) for value in values if value is not None}
        if kinds == {int}:
            return pyarrow.int64()
        if kinds == {datetime}:
            return pyarrow.timestamp("s", tz="UTC")
        return pyarrow.date32() if kinds == {date} else pyarrow.string()

    waiting = iter(rows)
    first = list(islice(waiting, ROWS_AT_ONCE))
    schema = pyarrow.schema([(name, type_of(row[place] for row in first)) for place, name in enumerate(columns)])
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        batch = first
        while batch:
            arrays = [
                pyarrow.array([_arrow_value(row[place], field.type == pyarrow.string()) for row in batch], field.type)
                for place, field in enumerate(schema)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            batch = list(islice(waiting, ROWS_AT_ONCE))


def _arrow_value(value: object, is_text: bool) -> object:
    # No formula can hide in Parquet, so text stays as it is.
    return value if value is None or not is_text or isinstance(value, str) else str(plain(value))


_OTHERS: dict[str, Callable[[Path, Sequence[str], Iterable[Row]], None]] = {
    ".xlsx": write_xlsx,
    ".parquet": _write_parquet,
}
