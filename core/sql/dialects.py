"""What SQLite and PostgreSQL say differently, a renderer for each; nothing else asks which database it is.

Methods that return None say that the database needs no such statement.
"""

from collections.abc import Sequence

from core.sql.composing import SQL, Composable, Differing, Identifier, Literal, columns, comma

# Beyond every instant; stands for "never" where SQLite's MIN would let NULL win.
NEVER = 1 << 60


class Dialect:
    """How statements are written for a database. The methods here are those of SQLite and the data packages, where
    nothing has to be said."""

    name: str

    def least(self, *expressions: Composable) -> Composable:
        """The smallest of the expressions that are not NULL; NULL when all are."""
        raise NotImplementedError

    def greatest(self, *expressions: Composable) -> Composable:
        """The largest of the expressions that are not NULL; NULL when all are."""
        raise NotImplementedError

    def analyze(self, table: str, names: Sequence[str]) -> Composable | None:
        """Have the planner know how many rows a table has, and how many values its columns."""
        return None

    def plan_for_batches(self) -> Composable | None:
        """Have the planner take statements of this transaction for those of a batch."""
        return None

    def lock_rows(self, select: Composable) -> Composable | None:
        """Hold the selected rows until the transaction ends. On SQLite a transaction holds all there is."""
        return None

    def lock_table(self, table: str) -> Composable | None:
        """Keep others from writing a table until the transaction ends."""
        return None

    def empty_tables(self, tables: Sequence[str]) -> list[Composable]:
        """Remove all rows of the tables."""
        return [SQL("DELETE FROM {table}").format(table=Identifier(table)) for table in tables]


class SQLite(Dialect):
    """SQLite: one writer at a time, no types to speak of."""

    name = "sqlite"

    def least(self, *expressions: Composable) -> Composable:
        return self._extreme("MIN", NEVER, expressions)

    def greatest(self, *expressions: Composable) -> Composable:
        return self._extreme("MAX", -NEVER, expressions)

    def _extreme(self, function: str, never: int, expressions: Sequence[Composable]) -> Composable:
        # MIN of several is NULL as soon as one of them is.
        guarded = (SQL("COALESCE({value}, {never})").format(value=one, never=Literal(never)) for one in expressions)
        return SQL("NULLIF({function}({guarded}), {never})").format(
            function=SQL(function), guarded=comma(guarded), never=Literal(never)
        )


class PostgreSQL(Dialect):
    """PostgreSQL: many writers, who wait for each other at rows."""

    name = "postgresql"

    def least(self, *expressions: Composable) -> Composable:
        return SQL("LEAST({values})").format(values=comma(expressions))

    def greatest(self, *expressions: Composable) -> Composable:
        return SQL("GREATEST({values})").format(values=comma(expressions))

    def analyze(self, table: str, names: Sequence[str]) -> Composable | None:
        # Without it a handful of rows is planned for, or whole tables are read. Only the key is joined on; sampling all
        # columns of a wide table takes longer than filling it.
        return SQL("ANALYZE {table} ({columns})").format(table=Identifier(table), columns=columns(names))

    def plan_for_batches(self) -> Composable | None:
        # A batch fits into memory, and its rows are looked up by key: what it costs must not grow with the tables, so
        # reading whole ones may not look cheap, and a random page costs what a cached one does. Its statements are wide
        # but short, not worth compiling; workers share the machine by stores, not within a statement.
        return SQL("""
    SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL random_page_cost = 1; SET LOCAL seq_page_cost = 2""")

    def lock_rows(self, select: Composable) -> Composable | None:
        return SQL("{select} FOR NO KEY UPDATE").format(select=select)

    def lock_table(self, table: str) -> Composable | None:
        return SQL("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE").format(table=Identifier(table))

    def empty_tables(self, tables: Sequence[str]) -> list[Composable]:
        return [
            # Checks that a surrounding transaction has put off would stand in the way.
            SQL("SET CONSTRAINTS ALL IMMEDIATE"),
            SQL("TRUNCATE {tables}").format(tables=comma(map(Identifier, tables))),
            SQL("SET CONSTRAINTS ALL DEFERRED"),
        ]


class Portable(Dialect):
    """Runs unchanged in DuckDB and SQLite, on the tables of a data package (DM-32)."""

    name = "portable"

    def least(self, *expressions: Composable) -> Composable:
        return self._extreme("<=", expressions)

    def greatest(self, *expressions: Composable) -> Composable:
        return self._extreme(">=", expressions)

    def _extreme(self, sign: str, expressions: Sequence[Composable]) -> Composable:
        chosen, *others = (SQL("({value})").format(value=one) for one in expressions)
        for other in others:
            chosen = SQL(
                "(CASE WHEN {other} IS NULL OR {chosen} {sign} {other} THEN {chosen} ELSE {other} END)"
            ).format(chosen=chosen, other=other, sign=SQL(sign))
        return chosen


SQLITE, POSTGRESQL, PORTABLE = SQLite(), PostgreSQL(), Portable()
DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (SQLITE, POSTGRESQL)}


def least(*expressions: Composable) -> Composable:
    """The smallest of the expressions that are not NULL, in any database's words."""
    return Differing(lambda dialect: dialect.least(*expressions))


def greatest(*expressions: Composable) -> Composable:
    """The largest of the expressions that are not NULL, in any database's words."""
    return Differing(lambda dialect: dialect.greatest(*expressions))
