"""Tables that the database itself writes as CSV (IX-13, RL-12), byte for byte as `core.pages.sheets.csv_lines` does.

A query selects columns that `shown_sql` (or `Shown`, in querysets) has put into the words of a file. PostgreSQL then
writes the rows with COPY; SQLite's rows go from its cursor to the csv module without a line of Python for each.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, Field, Func, QuerySet, TextField

from core.fields import DayField, ExactDecimalField, InstantField
from core.pages.sheets import BOM, DANGEROUS, ROWS_AT_ONCE
from core.timebase import PERFORMANCE_OFFSET_SECONDS

# NUL can't be stored.
_DANGEROUS_CODES = ", ".join(str(ord(mark)) for mark in DANGEROUS if mark != "\0")


@dataclass(frozen=True)
class Query:
    """A SELECT of columns as a file shows them, with its parameters; other percent signs are doubled."""

    sql: str
    parameters: tuple[Any, ...] = ()


def shown_sql(column: str, field: "Field[Any, Any]") -> str:
    """An SQL expression for a column of this type as CSV shows it, the same as `core.pages.sheets.plain`: instants
    with the offset of Shanghai, decimals with all their places, no text that a spreadsheet takes for a formula. Its
    percent signs are doubled."""
    postgresql = connection.vendor == "postgresql"
    if isinstance(field, InstantField):
        shifted = f"{column} + {PERFORMANCE_OFFSET_SECONDS}"
        if postgresql:
            return f"""TO_CHAR(TO_TIMESTAMP({shifted}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"')"""
        return f"STRFTIME('%%Y-%%m-%%dT%%H:%%M:%%S+08:00', {shifted}, 'unixepoch')"
    if isinstance(field, DayField):
        if postgresql:
            return f"TO_CHAR(DATE '1970-01-01' + {column}, 'YYYY-MM-DD')"
        return f"DATE({column} * 86400, 'unixepoch')"
    if isinstance(field, ExactDecimalField):
        return _decimal_sql(column, field.places)
    if isinstance(field, BooleanField):
        return f"CASE WHEN {column} THEN 'true' WHEN NOT {column} THEN 'false' END"
    if isinstance(field, CharField | TextField):
        code = f"ASCII({column})" if postgresql else f"UNICODE({column})"
        # COPY would write empty text as two quotes, to tell it from what is absent.
        plain = f"NULLIF({column}, '')" if postgresql else column
        return f"CASE WHEN {code} IN ({_DANGEROUS_CODES}) THEN '''' || {column} ELSE {plain} END"
    return column


def _decimal_sql(column: str, places: int) -> str:
    if connection.vendor == "postgresql":
        return f"{column} * {10**-places:.{places}f}"
    scale = 10**places
    sign = f"CASE WHEN {column} < 0 THEN '-' ELSE '' END"
    digits = f"PRINTF('%%d.%%0{places}d', ABS({column}) / {scale}, ABS({column}) %% {scale})"
    return f"CASE WHEN {column} IS NOT NULL THEN {sign} || {digits} END"


class Shown(Func):
    """A column of a queryset as CSV shows it."""

    output_field: "Field[Any, Any]" = TextField()

    def as_sql(self, compiler: Any, connection: Any, *_given: Any, **_extra: Any) -> tuple[str, Any]:
        """The expression with the column put in as often as it needs it."""
        (source,) = self.get_source_expressions()
        column, parameters = compiler.compile(source)
        if parameters:
            raise ValueError("only columns can be shown")
        return shown_sql(column, source.output_field), ()


def query_of(rows: "QuerySet[Any, Any]", columns: Sequence[str]) -> Query:
    """The query of a queryset's columns."""
    sql, parameters = rows.values_list(*(Shown(name) for name in columns)).query.sql_with_params()
    return Query(sql, tuple(parameters))


class CsvStream:
    """CSV as bytes in pieces, BOM and heading first, rows of the queries after; ``count``: rows given so far."""

    def __init__(self, columns: Sequence[str], queries: Iterable[Query]) -> None:
        self._columns = columns
        self._queries = queries
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        yield f"{BOM}{','.join(self._columns)}\r\n".encode()
        give = self._copied if connection.vendor == "postgresql" else self._fetched
        for query in self._queries:
            yield from give(query)

    def _copied(self, query: Query) -> Iterator[bytes]:
        import psycopg

        ends = LineEnds()
        with connection.cursor() as cursor:
            statement = psycopg.ClientCursor(connection.connection).mogrify(query.sql, query.parameters)
            with cursor.copy(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv)") as rows:
                waiting = iter(rows)
                while part := b"".join(islice(waiting, ROWS_AT_ONCE)):
                    yield ends.widened(part)
            self.count += cursor.rowcount

    def _fetched(self, query: Query) -> Iterator[bytes]:
        buffer = StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        with connection.cursor() as cursor:
            cursor.execute(query.sql, query.parameters)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                writer.writerows(rows)
                self.count += len(rows)
                yield buffer.getvalue().encode()
                buffer.seek(0)
                buffer.truncate()


class LineEnds:
    """Makes the line ends of COPY, which are LF, those of the files of spreadsheets; what is quoted stays as it is."""

    def __init__(self) -> None:
        self._quoted = False

    def widened(self, part: bytes) -> bytes:
        """The next part of a file with CR LF at the end of each record."""
        if b'"' not in part:
            return part if self._quoted else part.replace(b"\n", b"\r\n")
        # A quote inside of quotes is written twice: it closes and opens again with nothing between.
        pieces = part.split(b'"')
        outside = slice(1 if self._quoted else 0, None, 2)
        pieces[outside] = [piece.replace(b"\n", b"\r\n") for piece in pieces[outside]]
        self._quoted ^= len(pieces) % 2 == 0
        return b'"'.join(pieces)


def write_csv(path: Path, columns: Sequence[str], queries: Iterable[Query]) -> int:
    """Write the queries' rows as a CSV file, whole or not at all; returns their number."""
    partial, stream = path.with_name(f".{path.name}.partial"), CsvStream(columns, queries)
    try:
        with partial.open("wb") as file:
            file.writelines(stream)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return stream.count
