"""Trying an import without touching anything: shadows of the tables (IX-04, RL-18).

A shadow is a temporary table with the name of a real one, which both databases look at first. The pipeline then runs
as it always does, chunk by chunk, on copies of the rows that it may meet, and holds no lock on what others write.
"""

import re
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from django.apps import apps
from django.db import connection
from django.db.models import Model

from intake.canonical import FILES
from intake.models import Import, WaitingRow
from intake.reading.stopping import heed
from metrics.models import ImportedBenchmark
from orders.models import Order
from stores.models import Carrier, Category, Company, Feed, FxRate, RegisteredCarrier, Store, StorePeriod, User

APPS = ("core", "stores", "orders", "disputes", "metrics", "notifications", "intake")
# What an import may not write, or, as the import's own row, writes in fact.
REAL = (Import, User)
# Small, and needed whole: the pipeline looks things up in them.
WHOLE: tuple[type[Model], ...] = (Company, Store, Category, Carrier, RegisteredCarrier, FxRate)
OF_STORES: tuple[type[Model], ...] = (Order, StorePeriod, Feed)
STORES = "intake_shadow_stores"
_REFERENCES = re.compile(r'\s+REFERENCES "\w+" \([^)]*\)(?: ON \w+ \w+)*(?: DEFERRABLE INITIALLY DEFERRED)?')
_WRITES = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)


@contextmanager
def shadows(*, files: Collection[str], store_nos: Collection[str], companies: Collection[int] | None) -> Iterator[None]:
    """Have all that is written inside go to shadows, which end with it. They hold what a bundle of these files, which
    names these stores, may meet; ``companies``: whose stores it may write, None for all."""
    models = _shadowed()
    with _deferred():
        try:
            _note_stores(store_nos, companies)
            for model in models:
                _create(model._meta.db_table)
            for model in _copied(files):
                heed()
                _copy(model)
            with _guarded():
                yield
        finally:
            _drop([model._meta.db_table for model in models])


def _shadowed() -> list[type[Model]]:
    found = (model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True))
    return [model for model in found if not {model, cast(Any, model._meta.auto_created)} & set(REAL)]


def _copied(files: Collection[str]) -> list[type[Model]]:
    named = [FILES[name].model for name in FILES if name in files]
    return list(dict.fromkeys([*WHOLE, *OF_STORES, WaitingRow, *named]))


# ── Tables ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _execute(sql: str, parameters: Any = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []


def _real(table: str) -> str:
    """The real table's name beside its shadow's."""
    if connection.vendor == "sqlite":
        return f'main."{table}"'
    (schema,) = _execute("SELECT current_schema()")[0]
    return f'"{schema}"."{table}"'


def _temporary(table: str) -> str:
    return f'{"temp" if connection.vendor == "sqlite" else "pg_temp"}."{table}"'


def _create(table: str) -> None:
    if connection.vendor == "postgresql":
        _execute(f'CREATE TEMPORARY TABLE "{table}" (LIKE {_real(table)} INCLUDING ALL)')
        return
    rows = _execute("SELECT type, sql FROM main.sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table])
    for kind, sql in sorted((kind, sql) for kind, sql in rows if kind in ("table", "index"))[::-1]:
        if kind == "table":
            sql = _REFERENCES.sub("", sql).replace("CREATE TABLE ", "CREATE TABLE temp.", 1)
        else:
            sql = sql.replace("INDEX ", "INDEX temp.", 1)
        _execute(sql.replace("%", "%%"))


def _drop(tables: list[str]) -> None:
    """By their full names: the short ones are those of the real tables as soon as the shadows are gone."""
    if connection.needs_rollback:
        # They end with the transaction that is about to be rolled back.
        return
    for table in [*tables, STORES]:
        _execute(f"DROP TABLE IF EXISTS {_temporary(table)}")


# ── Rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _note_stores(store_nos: Collection[str], companies: Collection[int] | None) -> None:
    _execute(f"CREATE TEMPORARY TABLE {STORES} (store_no varchar(64) PRIMARY KEY, id bigint)")
    ids = {number: (pk, company) for number, pk, company in Store.objects.values_list("store_no", "pk", "company_id")}
    rows = []
    for number in set(store_nos):
        pk, company = ids.get(number, (None, None))
        rows.append((number, pk if companies is None or company in companies else None))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {STORES} (store_no, id) VALUES (%s, %s)", rows)


def _copy(model: type[Model]) -> None:
    table = model._meta.db_table
    condition = ""
    if model is WaitingRow:
        condition = f"WHERE store_no IN (SELECT store_no FROM {STORES})"
    elif model not in WHOLE and model is not ImportedBenchmark:
        condition = f"WHERE store_id IN (SELECT id FROM {STORES})"
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in model._meta.concrete_fields)
    _execute(f"INSERT INTO {_temporary(table)} ({columns}) SELECT {columns} FROM {_real(table)} {condition}")
    if connection.vendor == "postgresql":
        _continue_numbers(model)
        _execute(f"ANALYZE {_temporary(table)}")


def _continue_numbers(model: type[Model]) -> None:
    """Let new rows have ids that no copied one has."""
    if model._meta.pk.column != "id":
        return
    table = model._meta.db_table
    _execute(
        f"""SELECT setval(pg_get_serial_sequence('pg_temp.{table}', 'id'), COALESCE(MAX(id), 0) + 1)
        FROM {_real(table)}"""
    )


# ── Safety ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _deferred() -> Iterator[None]:
    """On SQLite a transaction takes the write lock at once (RL-07), which one that only writes shadows must not."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    sqlite = cast(Any, connection)
    mode = sqlite.transaction_mode
    sqlite.transaction_mode = "DEFERRED"
    try:
        yield
    finally:
        sqlite.transaction_mode = mode


@contextmanager
def _guarded() -> Iterator[None]:
    """Have SQLite refuse what would be written past the shadows."""
    if connection.vendor != "sqlite":
        yield
        return
    database = connection.connection
    database.set_authorizer(_authorize)
    try:
        yield
    finally:
        with suppress(sqlite3.ProgrammingError):
            database.set_authorizer(None)


def _authorize(action: int, table: str | None, _detail: str | None, database: str | None, _trigger: str | None) -> int:
    is_past = action in _WRITES and database == "main" and table != Import._meta.db_table
    return sqlite3.SQLITE_DENY if is_past else sqlite3.SQLITE_OK
