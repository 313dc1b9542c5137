"""A program of its own: turns the tables of a workbook or Parquet file into CSV files, within bounds of memory.

    python convert.py xlsx|xls|parquet SOURCE FOLDER BYTES

writes at most so many bytes, and prints a JSON list of [table name, CSV file]. It imports nothing of the product, so
that it starts fast and a hostile file can reach nothing but this process.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

# What it may have of its own: with what it shares, libraries above all, it stays below 512 MB (RL-18).
MEMORY = 470 * 2**20
SECONDS = 300
MOST_COLUMNS = 512
TOO_LARGE = 3
# A workbook's numbers are binary: whole ones beyond this have lost digits.
EXACT = 10**15


def cell_text(value: Any) -> str:
    """A typed cell as canonical text; a number that has lost digits keeps the exponent that shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer():
            return str(int(value)) if abs(value) < EXACT else f"{value:.2E}"
        return repr(value)
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
    """The bytes that may still be written, over all tables."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, size: int) -> None:
        """Use some; ends the program when there are not so many."""
        self.left -= size
        if self.left < 0:
            sys.exit(TOO_LARGE)


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
    rows = ([*before, *row] for row in sheet.iter_rows())
    yield from islice(rows, 1) if sheet.end[1] >= MOST_COLUMNS else rows


def convert_parquet(source: Path, folder: Path, room: Room) -> list[tuple[str, str]]:
    """One table, page by page: a row group may be all of it."""
    import pyarrow
    import pyarrow.parquet

    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    # Not as a memory map, and buffered: a column of a row group need not be in memory as a whole.
    file = pyarrow.parquet.ParquetFile(source, buffer_size=2**16, pre_buffer=False)
    path = folder / "0.csv"

    def rows() -> Iterable[Iterable[Any]]:
        yield file.schema_arrow.names
        if file.metadata.num_columns > MOST_COLUMNS:
            return
        for batch in file.iter_batches(batch_size=1_000, use_threads=False):
            columns = [column.to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)

    write_rows(path, rows(), room)
    return [(source.stem, str(path))]


def main(kind: str, source: str, folder: str, room: str) -> None:
    """Convert within the bounds."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    convert = convert_parquet if kind == "parquet" else convert_workbook
    sys.stdout.write(json.dumps(convert(Path(source), Path(folder), Room(int(room)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
