"""Tables that the database itself writes as CSV (IX-13, RL-12), byte for byte as `core.pages.sheets.csv_lines` does.

A query selects columns that `shown_sql` (or `Shown`, in querysets) has put into the words of a file. PostgreSQL then
writes the rows with COPY; SQLite's rows go from its cursor to the csv module without a line of Python for each.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, Field, Func, QuerySet, TextField

from core.fields import DayField, ExactDecimalField, InstantField
from core.pages.sheets import BOM, DANGEROUS, ROWS_AT_ONCE
from core.sql import SQL, Composable, Differing, Literal, QuerySetSQL, dialect_of, execute, literals
from core.timebase import PERFORMANCE_OFFSET_SECONDS

# NUL can't be stored.
_DANGEROUS_CODES = tuple(ord(mark) for mark in DANGEROUS if mark != "\0")


def shown_sql(column: Composable, field: "Field[Any, Any]") -> Composable:
    """An SQL expression for a column of this type as CSV shows it, the same as `core.pages.sheets.plain` gives:
    instants with the offset of Shanghai, decimals with all their places, no text that a spreadsheet takes for a
    formula."""
    if isinstance(field, InstantField):
        shifted = SQL("{column} + {offset}").format(column=column, offset=Literal(PERFORMANCE_OFFSET_SECONDS))
        return Differing(lambda dialect: dialect.instant_text(shifted, "+08:00"))
    if isinstance(field, DayField):
        return Differing(lambda dialect: dialect.day_text(column))
    if isinstance(field, ExactDecimalField):
        return Differing(lambda dialect: dialect.decimal_text(column, field.places))
    if isinstance(field, BooleanField):
        return SQL("CASE WHEN {column} THEN 'true' WHEN NOT {column} THEN 'false' END").format(column=column)
    if isinstance(field, CharField | TextField):
        return SQL("CASE WHEN {first} IN ({dangerous}) THEN '''' || {column} ELSE {plain} END").format(
            first=Differing(lambda dialect: dialect.first_character(column)),
            dangerous=literals(_DANGEROUS_CODES),
            column=column,
            plain=Differing(lambda dialect: dialect.csv_text(column)),
        )
    return column


class Shown(Func):
    """A column of a queryset as CSV shows it."""

    output_field: "Field[Any, Any]" = TextField()

    def as_sql(self, compiler: Any, connection: Any, *_given: Any, **_extra: Any) -> tuple[str, Any]:
        """The expression with the column put in as often as it needs it."""
        (source,) = self.get_source_expressions()
        column, parameters = compiler.compile(source)
        if parameters:
            raise ValueError("only columns can be shown")
        return shown_sql(SQL(column), source.output_field).render(dialect_of(connection))


def query_of(rows: "QuerySet[Any, Any]", columns: Sequence[str]) -> Composable:
    """The query of a queryset's columns."""
    return QuerySetSQL(rows.values_list(*(Shown(name) for name in columns)))


class CsvStream:
    """CSV as bytes in pieces, BOM and heading first, rows of the queries after; ``count``: rows given so far."""

    def __init__(self, columns: Sequence[str], queries: Iterable[Composable]) -> None:
        self._columns = columns
        self._queries = queries
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        yield f"{BOM}{','.join(self._columns)}\r\n".encode()
        give = self._copied if dialect_of(connection).has_copy else self._fetched
        for query in self._queries:
            yield from give(query)

    def _copied(self, query: Composable) -> Iterator[bytes]:
        import psycopg

        ends = LineEnds()
        with connection.cursor() as cursor:
            # COPY takes no parameters.
            text, parameters = query.render(dialect_of(connection))
            statement = SQL(psycopg.ClientCursor(connection.connection).mogrify(text, parameters))
            copy = SQL("COPY ({statement}) TO STDOUT WITH (FORMAT csv)").format(statement=statement)
            with cursor.copy(copy.text(dialect_of(connection))) as rows:
                waiting = iter(rows)
                while part := b"".join(islice(waiting, ROWS_AT_ONCE)):
                    yield ends.widened(part)
            self.count += cursor.rowcount

    def _fetched(self, query: Composable) -> Iterator[bytes]:
        buffer = StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        with connection.cursor() as cursor:
            execute(cursor, query)
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


def write_csv(path: Path, columns: Sequence[str], queries: Iterable[Composable]) -> int:
    """Write the queries' rows as a CSV file, whole or not at all; returns their number."""
    partial, stream = path.with_name(f".{path.name}.partial"), CsvStream(columns, queries)
    try:
        with partial.open("wb") as file:
            file.writelines(stream)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return stream.count
