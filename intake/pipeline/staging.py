"""Bringing a batch into its staging table: COPY on PostgreSQL, executemany on SQLite."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection

from core.sql import SQL, Identifier, dialect_of, parameters
from core.sql import columns as sql_columns
from intake.pipeline.statements import FOUND, FOUND_COLUMNS, POSITION, Statements, stage_columns
from intake.pipeline.temporary import empty_table

_SPECIAL = re.compile(r"[\\\n\r\t]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_ROWS_PER_WRITE = 5_000


def stage_rows(statements: Statements, columns: dict[str, list[Any]], count: int) -> None:
    """Fill the staging table with ``count`` rows; positions count from 0."""
    names = [POSITION, *statements.staged_columns]
    lists = [columns[name] for name in statements.staged_columns]
    empty_table(statements.stage_name, stage_columns(statements.spec, statements.extra))
    empty_table(FOUND, FOUND_COLUMNS)
    with connection.cursor() as cursor:
        fill = _copy if dialect_of(connection).has_copy else _insert
        fill(cursor, statements.stage_name, names, lists, count)


def _insert(cursor: Any, table: str, names: Sequence[str], lists: Sequence[list[Any]], count: int) -> None:
    # Of each row in turn: `executemany` gives the values.
    insert = SQL("INSERT INTO {table} ({names}) VALUES ({values})").format(
        table=Identifier(table), names=sql_columns(names), values=parameters(names)
    )
    cursor.executemany(insert.render(dialect_of(connection)).text, list(zip(range(count), *lists, strict=True)))


def _copy(cursor: Any, table: str, names: Sequence[str], lists: Sequence[list[Any]], count: int) -> None:
    texts = [list(map(str, range(count))), *(_copy_column(values) for values in lists)]
    rows = list(map("\t".join, zip(*texts, strict=True)))
    statement = SQL("COPY {table} ({names}) FROM STDIN").format(table=Identifier(table), names=sql_columns(names))
    with cursor.copy(statement.text(dialect_of(connection))) as copy:
        for start in range(0, count, _ROWS_PER_WRITE):
            copy.write("\n".join(rows[start : start + _ROWS_PER_WRITE]) + "\n")


def _copy_column(values: list[Any]) -> list[str]:
    """A column in COPY's text format."""
    first = next((value for value in values if value is not None), None)
    if isinstance(first, bool):
        return ["\\N" if value is None else ("t" if value else "f") for value in values]
    is_full = None not in values
    if not isinstance(first, str):
        return list(map(str, values)) if is_full else ["\\N" if value is None else str(value) for value in values]
    if _SPECIAL.search("".join(values if is_full else filter(None, values))):
        return ["\\N" if value is None else value.translate(_ESCAPES) for value in values]
    return values if is_full else ["\\N" if value is None else value for value in values]
