"""Bringing a batch into its staging table: COPY on PostgreSQL, executemany on SQLite."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import connection

from intake.pipeline.sql import FOUND, FOUND_COLUMNS, POSITION, Statements, stage_columns
from intake.pipeline.temporary import empty_table

_SPECIAL = re.compile(r"[\\\n\r\t]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_ROWS_PER_WRITE = 5_000


def stage_rows(statements: Statements, columns: dict[str, list[Any]], count: int) -> None:
    """Fill the staging table with ``count`` rows; positions count from 0."""
    names = statements.staged_columns
    lists = [columns[name] for name in names]
    quoted = ", ".join([POSITION, *map(connection.ops.quote_name, names)])
    empty_table(statements.stage, stage_columns(statements.spec, statements.extra))
    empty_table(FOUND, FOUND_COLUMNS)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, f"COPY {statements.stage} ({quoted}) FROM STDIN", lists, count)
        else:
            marks = ", ".join(["%s"] * (len(names) + 1))
            sql = f"INSERT INTO {statements.stage} ({quoted}) VALUES ({marks})"
            cursor.executemany(sql, list(zip(range(count), *lists, strict=True)))


def plan_for_lookups() -> None:
    """Tell PostgreSQL, for this transaction, to look a chunk's keys up in the indexes: what a chunk costs must not
    grow with the table, and its default price of a random page is that of spinning disks."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL random_page_cost = 1; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")


def _copy(cursor: Any, sql: str, lists: Sequence[list[Any]], count: int) -> None:
    texts = [list(map(str, range(count))), *(_copy_column(values) for values in lists)]
    rows = list(map("\t".join, zip(*texts, strict=True)))
    with cursor.copy(sql) as copy:
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
