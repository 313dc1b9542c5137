"""The few words in which SQLite and PostgreSQL differ, and temporary tables on both."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

# Above every instant; stands for "never" where SQLite's MIN would let NULL win.
NEVER = 1 << 60


def least(*expressions: str) -> str:
    """The smallest of the expressions that are not NULL; NULL when all are."""
    if connection.vendor == "postgresql":
        return f"LEAST({', '.join(expressions)})"
    guarded = ", ".join(f"COALESCE({expression}, {NEVER})" for expression in expressions)
    return f"NULLIF(MIN({guarded}), {NEVER})"


def greatest(*expressions: str) -> str:
    """The largest of the expressions that are not NULL; NULL when all are."""
    if connection.vendor == "postgresql":
        return f"GREATEST({', '.join(expressions)})"
    guarded = ", ".join(f"COALESCE({expression}, {-NEVER})" for expression in expressions)
    return f"NULLIF(MAX({guarded}), {-NEVER})"


def make_temp(cursor: CursorWrapper, name: str, select: str, *, params: Sequence[Any] = (), key: str = "") -> int:
    """Make temporary table ``name`` anew from a SELECT, indexed by ``key``; returns its number of rows."""
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(f"CREATE TEMPORARY TABLE {name} AS {select}", list(params) or None)
    if key:
        cursor.execute(f"CREATE INDEX {name}_key ON {name} ({key})")
        if connection.vendor == "postgresql":
            # Only the key is joined on; sampling all columns of a wide table takes longer than filling it.
            cursor.execute(f"ANALYZE {name} ({key})")
    cursor.execute(f"SELECT COUNT(*) FROM {name}")
    return int(cursor.fetchone()[0])


def plan_for_batches(cursor: CursorWrapper) -> None:
    """Tell PostgreSQL, for this transaction, that a batch fits into memory and that its statements, wide but short,
    are not worth compiling."""
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")


def quoted(values: Sequence[str]) -> str:
    """Text literals for an IN list; an empty list matches nothing."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values) or "NULL"
