"""The few words in which SQLite and PostgreSQL differ, and temporary tables on both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

# Above every instant; stands for "never" where SQLite's MIN would let NULL win.
NEVER = 1 << 60


@dataclass(frozen=True)
class Dialect:
    """How the views' SQL is written for a database. ``has_text`` says whether a review has text: the data package
    carries no texts, only whether there is one (RL-14)."""

    name: str
    has_text: str = "v.text <> ''"

    def least(self, *expressions: str) -> str:
        """The smallest of the expressions that are not NULL; NULL when all are."""
        return self._extreme("LEAST", "MIN", "<=", NEVER, expressions)

    def greatest(self, *expressions: str) -> str:
        """The largest of the expressions that are not NULL; NULL when all are."""
        return self._extreme("GREATEST", "MAX", ">=", -NEVER, expressions)

    def _extreme(self, name: str, of_several: str, sign: str, never: int, expressions: Sequence[str]) -> str:
        if self.name == "postgresql":
            return f"{name}({', '.join(expressions)})"
        if self.name == "sqlite":
            guarded = ", ".join(f"COALESCE({expression}, {never})" for expression in expressions)
            return f"NULLIF({of_several}({guarded}), {never})"
        chosen, *others = (f"({expression})" for expression in expressions)
        for other in others:
            chosen = f"(CASE WHEN {other} IS NULL OR {chosen} {sign} {other} THEN {chosen} ELSE {other} END)"
        return chosen


POSTGRESQL = Dialect("postgresql")
SQLITE = Dialect("sqlite")
# Runs unchanged in DuckDB and SQLite, on the tables of a data package (DM-32).
PORTABLE = Dialect("portable", has_text="v.has_text")


def dialect() -> Dialect:
    """The dialect of the product's own database."""
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE


@dataclass(frozen=True)
class View:
    """A temporary table of derived rows: its name, the SELECT that fills it, the columns it is joined by."""

    name: str
    select: str
    key: str


def make_views(cursor: CursorWrapper, views: Iterable[View]) -> None:
    """Make the temporary tables in their order."""
    for view in views:
        make_temp(cursor, view.name, view.select, key=view.key)


def make_temp(cursor: CursorWrapper, name: str, select: str, *, params: Sequence[Any] = (), key: str = "") -> int:
    """Make temporary table ``name`` anew from a SELECT, indexed by ``key``; returns its number of rows."""
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(f"CREATE TEMPORARY TABLE {name} AS {select}", list(params) or None)
    rows = int(cursor.rowcount)
    if key:
        cursor.execute(f"CREATE INDEX {name}_key ON {name} ({key})")
        analyze(cursor, name, key)
    if connection.vendor == "sqlite":
        cursor.execute(f"SELECT COUNT(*) FROM {name}")
        rows = int(cursor.fetchone()[0])
    return rows


def analyze(cursor: CursorWrapper, name: str, key: str) -> None:
    """Tell PostgreSQL how many rows a temporary table has and how many values its key: without that it plans for a
    handful, or reads whole tables. Only the key is joined on; sampling all columns of a wide table takes longer than
    filling it."""
    if connection.vendor == "postgresql":
        cursor.execute(f"ANALYZE {name} ({key})")


# A batch fits into memory, and its rows are looked up by key: what it costs must not grow with the tables, so reading
# whole ones may not look cheap, and a random page costs what a cached one does. Its statements are wide but short, not
# worth compiling; workers share the machine by stores, not within a statement.
BATCH_SETTINGS = """
    SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL random_page_cost = 1; SET LOCAL seq_page_cost = 2"""


def plan_for_batches(cursor: CursorWrapper) -> None:
    """Tell PostgreSQL, for this transaction, what a batch is like."""
    if connection.vendor == "postgresql":
        cursor.execute(BATCH_SETTINGS)


def quoted(values: Sequence[str]) -> str:
    """Text literals for an IN list; an empty list matches nothing."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values) or "NULL"
