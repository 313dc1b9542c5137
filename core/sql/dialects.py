"""What SQLite and PostgreSQL say differently, a renderer for each; nothing else asks which database it is."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import BooleanField, F, FloatField, Func, Q, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import In, IsNull, LessThanOrEqual

from core.sql.base import Composable, Dialect, InJson
from core.sql.composing import SQL, Differing, Identifier, Literal, Parameter, columns, comma

# Foreign keys of a table as SQLite keeps its text, and the beginnings of the texts up to the name.
_REFERENCES = re.compile(r'\s+REFERENCES "\w+" \([^)]*\)(?: ON \w+ \w+)*(?: DEFERRABLE INITIALLY DEFERRED)?')
_HIDING = re.compile(r"\A(CREATE TABLE|CREATE (?:UNIQUE )?INDEX) ")
_NUMBERED = re.compile(r"\bAUTOINCREMENT\b")
# Beyond every instant; stands for "never" where SQLite's MIN would let NULL win.
NEVER = 1 << 60
# More than what decimals of a few digits lose as machine numbers.
SLACK = Decimal("0.000000001")


class SQLite(Dialect):
    """SQLite: one writer at a time, no types to speak of."""

    name = "sqlite"
    one_writer = True
    temporary_schema = "temp"

    def least(self, *expressions: Composable) -> Composable:
        return self._extreme("MIN", NEVER, expressions)

    def greatest(self, *expressions: Composable) -> Composable:
        return self._extreme("MAX", -NEVER, expressions)

    def instant_text(self, seconds: Composable, zone: str) -> Composable:
        return SQL("STRFTIME({form}, {seconds}, 'unixepoch')").format(
            form=Literal(f"%Y-%m-%dT%H:%M:%S{zone}"), seconds=seconds
        )

    def day_text(self, day: Composable) -> Composable:
        return SQL("DATE({day} * 86400, 'unixepoch')").format(day=day)

    def decimal_text(self, scaled: Composable, places: int) -> Composable:
        return SQL("""CASE WHEN {scaled} IS NOT NULL THEN CASE WHEN {scaled} < 0 THEN '-' ELSE '' END
            || PRINTF({form}, ABS({scaled}) / {scale}, ABS({scaled}) % {scale}) END""").format(
            scaled=scaled, form=Literal(f"%d.%0{places}d"), scale=Literal(10**places)
        )

    def first_character(self, text: Composable) -> Composable:
        return SQL("UNICODE({text})").format(text=text)

    def clock(self) -> Composable:
        return SQL("CAST(STRFTIME('%s', 'now') AS integer)")

    def settled(self, lag: int) -> Composable:
        # Transactions under way can't be asked for. Whoever writes before asking has waited for the one there is.
        return SQL("SELECT {clock} - {lag}").format(clock=self.clock(), lag=Parameter(lag))

    def draw_ids(self, table: str, count: int) -> Composable:
        # A transaction is the only writer; the ids that SQLite gives by itself go on behind the highest.
        return SQL("""WITH RECURSIVE ids (id, remaining) AS (
                SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = {table}), 0) + 1, {count}
                UNION ALL SELECT id + 1, remaining - 1 FROM ids WHERE remaining > 1)
            SELECT id FROM ids""").format(table=Parameter(table), count=Parameter(count))

    def next_id(self, table: str, place: Composable) -> Composable:
        # Behind the rows that were ever there, and behind those of a table that hides the real one.
        return SQL("""(SELECT MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = {name}), 0),
            COALESCE((SELECT MAX(id) FROM {table}), 0))) + {place}""").format(
            name=Literal(table), table=Identifier(table), place=place
        )

    def real_table(self, cursor: CursorWrapper, table: str) -> Composable:
        return Identifier("main", table)

    def hide_table(self, cursor: CursorWrapper, table: str) -> list[Composable]:
        # Tables before their indexes.
        cursor.execute(
            "SELECT sql FROM main.sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL AND type IN ('table', 'index')"
            " ORDER BY type DESC, sql DESC",
            [table],
        )
        # With a numbering of its own it would hide that of the real tables, beyond its own end.
        made = (_NUMBERED.sub("", _REFERENCES.sub("", sql)) for (sql,) in cursor.fetchall())
        return [SQL(_HIDING.sub(r"\1 temp.", sql, count=1)) for sql in made]

    def temp_table(self, table: str, columns: Composable) -> Composable:
        return SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({columns})").format(
            table=Identifier(table), columns=columns
        )

    def begins(self, column: str, text: str) -> Q:
        # A range of bytes: LIKE reads every row.
        return Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}\U0010ffff"})

    def sieve(self, column: str, tests: Collection[InJson]) -> Q:
        # The text is parsed once for all that a row is asked.
        asked = Q(pk__in=())
        for test in tests:
            found = KT("__".join((column, *test.path)))
            if test.at_most is not None:
                number = Cast(found, FloatField())
                asked |= Q(IsNull(found, False), LessThanOrEqual(number, float(test.at_most + SLACK)))
            elif test.values is not None:
                # So that what is not there is no, and its opposite yes.
                asked |= Q(In(Coalesce(found, Value(""), output_field=TextField()), sorted(test.values)))
            else:
                asked |= Q(IsNull(found, False))
        return asked

    @contextmanager
    def one_state(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        with connection.cursor() as cursor:
            # Deferred: the immediate transactions of `atomic` would keep others from writing.
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")

    def empty_tables(self, tables: Sequence[str]) -> list[Composable]:
        return [SQL("DELETE FROM {table}").format(table=Identifier(table)) for table in tables]

    def _extreme(self, function: str, never: int, expressions: Sequence[Composable]) -> Composable:
        # MIN of several is NULL as soon as one of them is.
        guarded = (SQL("COALESCE({value}, {never})").format(value=one, never=Literal(never)) for one in expressions)
        return SQL("NULLIF({function}({guarded}), {never})").format(
            function=SQL(function), guarded=comma(guarded), never=Literal(never)
        )


class PostgreSQL(Dialect):
    """PostgreSQL: many writers, who wait for each other at rows."""

    name = "postgresql"
    has_copy = True
    has_arrays = True
    temporary_schema = "pg_temp"

    def least(self, *expressions: Composable) -> Composable:
        return SQL("LEAST({values})").format(values=comma(expressions))

    def greatest(self, *expressions: Composable) -> Composable:
        return SQL("GREATEST({values})").format(values=comma(expressions))

    def instant_text(self, seconds: Composable, zone: str) -> Composable:
        return SQL("TO_CHAR(TO_TIMESTAMP({seconds}) AT TIME ZONE 'UTC', {form})").format(
            seconds=seconds, form=Literal(f'YYYY-MM-DD"T"HH24:MI:SS"{zone}"')
        )

    def day_text(self, day: Composable) -> Composable:
        return SQL("TO_CHAR(DATE '1970-01-01' + {day}, 'YYYY-MM-DD')").format(day=day)

    def decimal_text(self, scaled: Composable, places: int) -> Composable:
        return SQL("{scaled} * {unit}").format(scaled=scaled, unit=SQL(f"{10**-places:.{places}f}"))

    def first_character(self, text: Composable) -> Composable:
        return SQL("ASCII({text})").format(text=text)

    def clock(self) -> Composable:
        return SQL("CAST(FLOOR(EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP())) AS bigint)")

    def settled(self, lag: int) -> Composable:
        # Sessions that have a transaction id are writing; those of the same role can be seen.
        return SQL("""SELECT CAST(FLOOR(EXTRACT(EPOCH FROM LEAST(MIN(xact_start), STATEMENT_TIMESTAMP()))) AS bigint)
                - {lag}
            FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND backend_type = 'client backend'
                AND backend_xid IS NOT NULL AND pid <> PG_BACKEND_PID()""").format(lag=Parameter(lag))

    def csv_text(self, text: Composable) -> Composable:
        # COPY would write empty text as two quotes, to tell it from what is absent.
        return SQL("NULLIF({text}, '')").format(text=text)

    def analyze(self, table: str, names: Sequence[str]) -> Composable | None:
        # Without it a handful of rows is planned for, or whole tables are read. Only the key is joined on; sampling all
        # columns of a wide table takes longer than filling it.
        if not names:
            return SQL("ANALYZE {table}").format(table=Identifier(table))
        return SQL("ANALYZE {table} ({columns})").format(table=Identifier(table), columns=columns(names))

    def plan_for_batches(self) -> Composable | None:
        # A batch fits into memory, and its rows are looked up by key: what it costs must not grow with the tables, so
        # reading whole ones may not look cheap, and a random page costs what a cached one does. Its statements are wide
        # but short, not worth compiling; workers share the machine by stores, not within a statement.
        return SQL("""
    SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL random_page_cost = 1; SET LOCAL seq_page_cost = 2""")

    def real_table(self, cursor: CursorWrapper, table: str) -> Composable:
        cursor.execute("SELECT current_schema()")
        return Identifier(cursor.fetchone()[0], table)

    def hide_table(self, cursor: CursorWrapper, table: str) -> list[Composable]:
        hiding = SQL("CREATE TEMPORARY TABLE {table} (LIKE {real} INCLUDING ALL)")
        return [hiding.format(table=Identifier(table), real=self.real_table(cursor, table))]

    def continue_ids(self, cursor: CursorWrapper, table: str) -> Composable | None:
        return SQL("""SELECT setval(pg_get_serial_sequence({temporary}, 'id'), COALESCE(MAX(id), 0) + 1)
            FROM {real}""").format(temporary=Literal(f"pg_temp.{table}"), real=self.real_table(cursor, table))

    def temp_table(self, table: str, columns: Composable) -> Composable:
        # Emptied by the end of a transaction too, so that no dead rows gather in it.
        return SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({columns}) ON COMMIT DELETE ROWS").format(
            table=Identifier(table), columns=columns
        )

    def plan_for_lookups(self) -> Composable | None:
        # What a chunk costs must not grow with the table, and the default price of a random page is that of spinning
        # disks.
        return SQL("SET LOCAL random_page_cost = 1; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")

    def next_id(self, table: str, place: Composable) -> Composable:
        return SQL("nextval((SELECT CAST(pg_get_serial_sequence({table}, 'id') AS regclass)))").format(
            table=Literal(table)
        )

    def lock_rows(self, select: Composable, *, for_keys: bool = False) -> Composable | None:
        locked = SQL("{select} FOR UPDATE") if for_keys else SQL("{select} FOR NO KEY UPDATE")
        return locked.format(select=select)

    def lock_table(self, table: str) -> Composable | None:
        return SQL("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE").format(table=Identifier(table))

    def take_turn(self, number: int) -> Composable | None:
        return SQL("SELECT pg_advisory_xact_lock({number})").format(number=Parameter(number))

    def try_turn(self, number: int) -> Composable | None:
        return SQL("SELECT pg_try_advisory_xact_lock({number})").format(number=Parameter(number))

    def draw_ids(self, table: str, count: int) -> Composable:
        return SQL("""SELECT nextval(CAST(pg_get_serial_sequence({table}, 'id') AS regclass))
            FROM generate_series(1, {count})""").format(table=Parameter(table), count=Parameter(count))

    def begins(self, column: str, text: str) -> Q:
        return Q(**{f"{column}__startswith": text})

    def sieve(self, column: str, tests: Collection[InJson]) -> Q:
        # One path for all: what is stored apart is fetched and unpacked anew for every expression.
        path = "$ ? ({tests})".format(tests=" || ".join(_path_test(test) for test in tests) or "1 == 0")
        return Q(
            Func(
                F(column),
                Value(path),
                function="jsonb_path_exists",
                template="%(function)s(%(expressions)s::jsonpath)",
                output_field=BooleanField(),
            )
        )

    @contextmanager
    def one_state(self, connection: BaseDatabaseWrapper) -> Iterator[None]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield

    def empty_tables(self, tables: Sequence[str]) -> list[Composable]:
        return [
            # Checks that a surrounding transaction has put off would stand in the way.
            SQL("SET CONSTRAINTS ALL IMMEDIATE"),
            SQL("TRUNCATE {tables}").format(tables=comma(map(Identifier, tables))),
            SQL("SET CONSTRAINTS ALL DEFERRED"),
        ]


def _path_test(test: InJson) -> str:
    place = ".".join(["@", *map(json.dumps, test.path)])
    if test.at_most is not None:
        return f"{place}.double() <= {test.at_most + SLACK:f}"
    if test.values is None:
        return f"exists({place})"
    return " || ".join(f"{place} == {json.dumps(value)}" for value in sorted(test.values))


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
