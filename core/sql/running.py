"""Statements sent to the database, and temporary tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from core.sql.base import Composable, Dialect
from core.sql.composing import SQL, Identifier, Parameter, columns, comma, parameters
from core.sql.dialects import DIALECTS


def dialect_of(connection: BaseDatabaseWrapper) -> Dialect:
    """The dialect of a connection's database."""
    return DIALECTS[connection.vendor]


def execute(cursor: CursorWrapper, statement: Composable) -> None:
    """Send a statement to the cursor's database."""
    text, parameters = statement.render(dialect_of(cursor.db))
    cursor.execute(text, parameters)


def drop_temp(cursor: CursorWrapper, names: Iterable[str]) -> None:
    """Forget temporary tables."""
    for name in names:
        execute(cursor, SQL("DROP TABLE IF EXISTS {table}").format(table=Identifier(name)))


def make_temp(cursor: CursorWrapper, name: str, select: Composable, *, key: Sequence[str] = ()) -> int:
    """Create or replace the temporary table ``name`` from a SELECT, indexed by ``key``; returns its number of rows."""
    table = Identifier(name)
    drop_temp(cursor, [name])
    execute(cursor, SQL("CREATE TEMPORARY TABLE {table} AS {select}").format(table=table, select=select))
    rows = int(cursor.rowcount)
    if key:
        index = SQL("CREATE INDEX {index} ON {table} ({key})")
        execute(cursor, index.format(index=Identifier(f"{name}_key"), table=table, key=columns(key)))
        analyze(cursor, name, key)
    if rows < 0:
        # SQLite doesn't say how many.
        execute(cursor, SQL("SELECT COUNT(*) FROM {table}").format(table=table))
        rows = int(cursor.fetchone()[0])
    return rows


@dataclass(frozen=True)
class View:
    """A temporary table of derived rows: its name, the SELECT that fills it, the columns it is joined by."""

    name: str
    select: Composable
    key: tuple[str, ...]


def make_views(cursor: CursorWrapper, views: Iterable[View]) -> None:
    """Make the temporary tables in their order."""
    for view in views:
        make_temp(cursor, view.name, view.select, key=view.key)


def empty_temp(cursor: CursorWrapper, table: str, columns: Composable) -> None:
    """Have an empty temporary table with these columns for the rest of the transaction.

    It is made once per connection: on PostgreSQL the catalogue's rows of a table for each batch cost more than they
    save (docs/performance.md).
    """
    execute(cursor, dialect_of(cursor.db).temp_table(table, columns))
    execute(cursor, SQL("DELETE FROM {table}").format(table=Identifier(table)))


def add_new_rows(cursor: CursorWrapper, table: str, given: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    """Insert rows in a transaction; a row that is there already by one of the table's keys stays as it is. ``given``:
    by column its type and the rows' values."""
    dialect, names = dialect_of(cursor.db), columns(given)
    insert = SQL("INSERT INTO {table} ({names}) {rows} ON CONFLICT DO NOTHING")
    if dialect.has_arrays:
        arrays = [
            SQL("CAST({values} AS {kind}[])").format(values=Parameter(list(values)), kind=SQL(kind))
            for kind, values in given.values()
        ]
        rows = SQL("SELECT * FROM UNNEST({arrays})").format(arrays=comma(arrays))
        execute(cursor, insert.format(table=Identifier(table), names=names, rows=rows))
        return
    marks = SQL("VALUES ({marks})").format(marks=parameters(given))
    statement = insert.format(table=Identifier(table), names=names, rows=marks).render(dialect).text
    cursor.executemany(statement, list(zip(*(values for _kind, values in given.values()), strict=True)))


def analyze(cursor: CursorWrapper, table: str, names: Sequence[str] = ()) -> None:
    """Have the planner know a table's size, and how many values these columns have (all, if none is named)."""
    _execute_if_any(cursor, dialect_of(cursor.db).analyze(table, names))


def plan_for_batches(cursor: CursorWrapper) -> None:
    """Have the planner take statements of this transaction for those of a batch."""
    _execute_if_any(cursor, dialect_of(cursor.db).plan_for_batches())


def plan_for_lookups(cursor: CursorWrapper) -> None:
    """Have the planner look keys up in indexes in this transaction."""
    _execute_if_any(cursor, dialect_of(cursor.db).plan_for_lookups())


def lock_rows(cursor: CursorWrapper, select: Composable, *, for_keys: bool = False) -> None:
    """Hold the selected rows until the transaction ends: whoever wants one of them waits, with ``for_keys`` also who
    wants to refer to one."""
    _execute_if_any(cursor, dialect_of(cursor.db).lock_rows(select, for_keys=for_keys))


def lock_table(cursor: CursorWrapper, table: str) -> None:
    """Keep others from writing a table until the transaction ends."""
    _execute_if_any(cursor, dialect_of(cursor.db).lock_table(table))


def take_turn(cursor: CursorWrapper, number: int) -> None:
    """Wait until no other transaction has the turn of this number, and keep it until the end of this one.

    On SQLite a transaction is the turn: there is one writer at a time (RL-07).
    """
    _execute_if_any(cursor, dialect_of(cursor.db).take_turn(number))


def try_turn(cursor: CursorWrapper, number: int) -> bool:
    """`take_turn` without waiting: whether no other transaction has the turn."""
    statement = dialect_of(cursor.db).try_turn(number)
    if statement is None:
        return True
    execute(cursor, statement)
    return bool(cursor.fetchone()[0])


def draw_ids(cursor: CursorWrapper, table: str, count: int) -> list[int]:
    """Ids for rows of a table ahead of their insert, rising."""
    execute(cursor, dialect_of(cursor.db).draw_ids(table, count))
    return sorted(row[0] for row in cursor.fetchall())


def empty_tables(cursor: CursorWrapper, tables: Sequence[str]) -> None:
    for statement in dialect_of(cursor.db).empty_tables(tables):
        execute(cursor, statement)


def _execute_if_any(cursor: CursorWrapper, statement: Composable | None) -> None:
    if statement is not None:
        execute(cursor, statement)
