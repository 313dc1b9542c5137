"""Lists as files: for people (core.pages.people_sheets) or for programs (core.pages.sheets); no cell is ever taken for
a formula (RL-12). Rows go from the database's cursor to the file batch by batch, so memory stays constant."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from core.pages import people_sheets, sheets
from core.pages.formats import half_up
from core.pages.people_sheets import Field, Reader, Sheet
from core.pages.sqlsheets import CsvStream
from exports.columns import PLACES, ColumnType, ListColumn
from exports.declaring import ListFile
from exports.rules import PARQUET, XLSX

Row = sheets.Row
Wrap = Callable[[Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a list is written: as csv, xlsx or parquet, for programs or for people; Parquet is always for programs."""

    suffix: str
    machine: bool
    reader: Reader

    @property
    def for_programs(self) -> bool:
        return self.machine or self.suffix == PARQUET


def names_of(file: ListFile) -> list[str]:
    """The columns' names for programs."""
    return [column.name for column in file.columns]


def machine_rows(file: ListFile, rows: Iterable[Any]) -> Iterator[Row]:
    """Rows of what programs read."""
    getters = [column.value for column in file.columns]
    return ([get(row) for get in getters] for row in rows)


def people_sheet(file: ListFile, wrap: Wrap = iter) -> Sheet:
    """The table that people read."""
    if file.sheet is not None:
        sheet = file.sheet()
        return replace(sheet, rows=wrap(sheet.rows))
    fields = [Field(column.heading, column.width, column.type == ColumnType.INSTANT) for column in file.columns]
    getters = [column.shown for column in file.columns]
    return Sheet(file.title, fields, ([get(row) for get in getters] for row in wrap(file.rows())))


def csv_lines(file: ListFile, shape: Shape) -> Iterator[str] | Iterator[bytes]:
    """The list as CSV in pieces; what the database can write itself it does."""
    if not shape.machine:
        return people_sheets.csv_lines(people_sheet(file), shape.reader)
    if file.query is not None:
        return iter(CsvStream(names_of(file), [file.query()]))
    return sheets.csv_lines(names_of(file), machine_rows(file, file.rows()))


def write_list(path: Path, file: ListFile, shape: Shape, wrap: Wrap = iter) -> None:
    """Write the list to a file; ``wrap`` sees its rows go by."""
    if shape.suffix == PARQUET:
        write_parquet(path, file.columns, machine_rows(file, wrap(file.rows())))
    elif shape.machine:
        rows = machine_rows(file, wrap(file.rows()))
        write = sheets.write_xlsx if shape.suffix == XLSX else sheets.write_csv
        write(path, names_of(file), rows)
    elif shape.suffix == XLSX:
        people_sheets.write_xlsx(path, people_sheet(file, wrap), shape.reader)
    else:
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(people_sheets.csv_lines(people_sheet(file, wrap), shape.reader))


def write_parquet(path: Path, columns: Sequence[ListColumn], rows: Iterable[Row]) -> None:
    """Write rows with the types that their columns declare. No formula can hide in Parquet, so text stays as it is."""
    # Loaded by who writes Parquet: it takes a tenth of a second, which every command and worker would spend.
    import pyarrow
    import pyarrow.parquet

    types = {
        ColumnType.TEXT: pyarrow.string(),
        ColumnType.WHOLE: pyarrow.int64(),
        ColumnType.DECIMAL: pyarrow.decimal128(38, PLACES),
        ColumnType.TRUTH: pyarrow.bool_(),
        ColumnType.INSTANT: pyarrow.timestamp("s", tz="UTC"),
        ColumnType.DAY: pyarrow.date32(),
    }
    schema = pyarrow.schema([(column.name, types[column.type]) for column in columns])
    waiting = iter(rows)
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        while batch := list(islice(waiting, sheets.ROWS_AT_ONCE)):
            arrays = [
                pyarrow.array([_arrow_value(row[place], column.type) for row in batch], schema.field(place).type)
                for place, column in enumerate(columns)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _arrow_value(value: Any, kind: ColumnType) -> Any:
    if value is None:
        return None
    if kind == ColumnType.TEXT:
        return str(value)
    if kind == ColumnType.DECIMAL:
        exponent = Decimal(value).as_tuple().exponent
        return half_up(value, PLACES) if isinstance(exponent, int) and exponent < -PLACES else value
    return value
