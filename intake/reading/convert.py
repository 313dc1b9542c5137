"""A program of its own: turns the tables of a workbook or Parquet file into CSV files, within bounds of memory.

    python convert.py xlsx|xls|parquet SOURCE FOLDER BYTES

writes at most so many bytes, and prints a JSON list of [table name, CSV file], or the name of a column that can't be
cells. It imports nothing of the product, so
that it starts fast and a hostile file can reach nothing but this process.
"""

import csv
import json
import math
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

# What it may have of its own: with what it shares, libraries above all, it stays below 512 MB (RL-18).
MEMORY = 470 * 2**20
SECONDS = 300
MOST_COLUMNS = 512
TOO_LARGE, NESTED = 3, 4
# Binary numbers: how many digits they hold, and from where on whole ones have lost some. Spreadsheets keep and show 15.
DIGITS = 15
EXACT_IN_SHEETS = 10**15
EXACT = {16: 2**11, 32: 2**24, 64: 2**53}
HALF_A_SECOND = timedelta(milliseconds=500)  # Rows written before their number is told again.
ROWS_BETWEEN_TELLING = 2_000


def number_text(value: float, digits: int = DIGITS, exact: int = EXACT_IN_SHEETS) -> str:
    """A binary number as the decimal that was meant; one that has lost digits keeps the exponent that shows it."""
    if not math.isfinite(value):
        return repr(value)
    if value.is_integer():
        return str(int(value)) if abs(value) < exact else f"{value:.2E}"
    text = f"{value:.{digits}g}"
    return format(Decimal(text), "f") if "e" in text else text


def cell_text(value: Any) -> str:
    """A typed cell as canonical text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        if value.time() == time() and value.tzinfo is None:
            return value.date().isoformat()
        return value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


class Room:
    """The bytes that may still be written, over all tables; and the rows that were, told in a file now and then."""

    def __init__(self, left: int, told: Path) -> None:
        self.left = left
        self.told = told
        self.rows = 0

    def take(self, size: int) -> None:
        """Use some for a row; ends the program when there are not so many."""
        self.left -= size
        if self.left < 0:
            sys.exit(TOO_LARGE)
        self.rows += 1
        if self.rows % ROWS_BETWEEN_TELLING == 0:
            self.told.write_text(str(self.rows))


def write_rows(path: Path, rows: Iterable[Iterable[Any]], room: Room) -> None:
    """Write rows as CSV; an empty row stays a row, so that its number is that of the sheet."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        for row in rows:
            cells = [cell_text(value) for value in row] or [""]
            room.take(sum(map(len, cells)) + len(cells))
            writer.writerow(cells)


def convert_workbook(source: Path, folder: Path, room: Room) -> list[tuple[str, str]]:
    """Every sheet, under its name. What kind of workbook it is the content says, not the file's name."""
    workbook = open_workbook(source)
    tables = []
    for number, name in enumerate(workbook.sheet_names):
        path = folder / f"{number}.csv"
        write_rows(path, sheet_rows(workbook.get_sheet_by_name(name)), room)
        tables.append((name, str(path)))
    return tables


def open_workbook(source: Path) -> Any:
    """The workbook, also where its name says another kind; from the file, since that needs less memory."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(str(source))
    except CalamineError:
        with source.open("rb") as stream:
            return CalamineWorkbook.from_filelike(stream)


def sheet_rows(sheet: Any) -> Iterator[list[Any]]:
    """The rows from A1 on, one by one: all of them as lists take several times the workbook's memory. Of a sheet with
    too many columns only the first, by which it is refused."""
    if sheet.start is None:
        return
    before = [""] * sheet.start[1]
    rows = ([*before, *map(rounded, row)] for row in sheet.iter_rows())
    yield from islice(rows, 1) if sheet.end[1] >= MOST_COLUMNS else rows


def rounded(value: Any) -> Any:
    """A workbook's instants, which are fractions of days, to the second."""
    if isinstance(value, datetime) and value.microsecond:
        return (value + HALF_A_SECOND).replace(microsecond=0)
    return value


def convert_parquet(source: Path, folder: Path, room: Room) -> list[tuple[str, str]]:
    """One table, page by page: a row group may be all of it."""
    import pyarrow
    import pyarrow.parquet

    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    # Not as a memory map, and buffered: a column of a row group need not be in memory as a whole.
    file = pyarrow.parquet.ParquetFile(source, buffer_size=2**16, pre_buffer=False)
    path = folder / "0.csv"
    reject_nested(file.schema_arrow)

    def rows() -> Iterable[Iterable[Any]]:
        yield file.schema_arrow.names
        if file.metadata.num_columns > MOST_COLUMNS:
            return
        for batch in file.iter_batches(batch_size=1_000, use_threads=False):
            columns = [column_cells(column) for column in batch.columns]
            yield from zip(*columns, strict=True)

    write_rows(path, rows(), room)
    return [(source.stem, str(path))]


def reject_nested(schema: Any) -> None:
    """End the program where a column holds lists or records: nobody knows which of their values is meant."""
    import pyarrow

    for field in schema:
        if pyarrow.types.is_nested(field.type):
            sys.stdout.write(json.dumps(field.name))
            sys.exit(NESTED)


def column_cells(column: Any) -> list[Any]:
    """A column's values; floats as text, since their width tells how many digits count."""
    import pyarrow

    if not pyarrow.types.is_floating(column.type):
        return list(column.to_pylist())
    digits, exact = DIGITS * column.type.bit_width // 64, EXACT[column.type.bit_width]
    return [None if value is None else number_text(value, digits, exact) for value in column.to_pylist()]


def main(kind: str, source: str, folder: str, room: str) -> None:
    """Convert within the bounds."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    convert = convert_parquet if kind == "parquet" else convert_workbook
    # Whoever started this program looks there how far it is.
    told = Path(folder) / "rows"
    sys.stdout.write(json.dumps(convert(Path(source), Path(folder), Room(int(room), told))))


if __name__ == "__main__":
    main(*sys.argv[1:])
