"""A program of its own: turns the tables of a workbook or Parquet file into CSV files, within bounds of memory.

    python convert.py xlsx|parquet SOURCE FOLDER

prints a JSON list of [table name, CSV file]. It imports nothing of the product, so that it starts fast and a hostile
file can reach nothing but this process.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

MEMORY = {"xlsx": 2 * 2**30, "parquet": 4 * 2**30}
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


def write_rows(path: Path, rows: Iterable[Iterable[Any]]) -> None:
    """Write rows as CSV; an empty row stays a row, so that its number is that of the sheet."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        for row in rows:
            writer.writerow([cell_text(value) for value in row] or [""])


def convert_workbook(source: Path, folder: Path) -> list[tuple[str, str]]:
    """Every sheet; a lone sheet may go by the file's name."""
    from python_calamine import CalamineWorkbook

    workbook = CalamineWorkbook.from_path(str(source))
    tables = []
    for number, name in enumerate(workbook.sheet_names):
        sheet = workbook.get_sheet_by_name(name)
        path = folder / f"{number}.csv"
        write_rows(path, sheet.to_python(skip_empty_area=False))
        tables.append(
            (source.stem if len(workbook.sheet_names) == 1 and name.lower().startswith("sheet") else name, str(path))
        )
    return tables


def convert_parquet(source: Path, folder: Path) -> list[tuple[str, str]]:
    """One table, row group by row group."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(source)
    path = folder / "0.csv"

    def rows() -> Iterable[Iterable[Any]]:
        yield file.schema_arrow.names
        for batch in file.iter_batches(batch_size=5_000):
            columns = [column.to_pylist() for column in batch.columns]
            yield from zip(*columns, strict=True)

    write_rows(path, rows())
    return [(source.stem, str(path))]


def main(kind: str, source: str, folder: str) -> None:
    """Convert within the bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY[kind], MEMORY[kind]))
    convert = convert_workbook if kind == "xlsx" else convert_parquet
    sys.stdout.write(json.dumps(convert(Path(source), Path(folder))))


if __name__ == "__main__":
    main(*sys.argv[1:])
