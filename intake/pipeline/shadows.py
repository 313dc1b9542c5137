"""Trial imports that change nothing: shadow tables (IX-04, RL-18).

A shadow is a temporary table with the name of a real one, which both databases look at first. The pipeline then runs
as it always does, chunk by chunk, on copies of the rows that it may meet, and holds no lock on what others write.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from django.apps import apps
from django.db import connection
from django.db.models import Model

from core.sql import SQL, Identifier, analyze, columns, dialect_of, execute
from intake.canonical import FILES
from intake.models import CompleteExport, Import, WaitingRow
from intake.reading.stopping import heed
from metrics.models import ImportedBenchmark
from orders.models import Order
from stores.models import Carrier, Category, Company, Feed, FxRate, RegisteredCarrier, Store, StorePeriod, User

APPS = ("core", "stores", "orders", "disputes", "metrics", "notifications", "intake")
# What an import may not write, or, as the import's own row, writes in fact.
REAL = (Import, User)
# Small tables that are copied as a whole: the pipeline looks things up in them.
WHOLE: tuple[type[Model], ...] = (Company, Store, Category, Carrier, RegisteredCarrier, FxRate)
OF_STORES: tuple[type[Model], ...] = (Order, StorePeriod, Feed, CompleteExport)
STORES = "intake_shadow_stores"
_WRITES = (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)


@contextmanager
def shadows(*, files: Collection[str], store_nos: Collection[str], companies: Collection[int] | None) -> Iterator[None]:
    """Redirect all writes of the block to shadow tables, which are dropped at its end.

    They hold copies of the rows that a bundle of these files and stores may affect; ``companies``: whose stores it may
    write, None for all.
    """
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


def _create(table: str) -> None:
    with connection.cursor() as cursor:
        for statement in dialect_of(connection).hide_table(cursor, table):
            execute(cursor, statement)


def _temporary(table: str) -> Identifier:
    return Identifier(dialect_of(connection).temporary_schema, table)


def _drop(tables: list[str]) -> None:
    """By their full names: the short ones are those of the real tables as soon as the shadows are gone."""
    if connection.needs_rollback:
        # They end with the transaction that is about to be rolled back.
        return
    with connection.cursor() as cursor:
        for table in [*tables, STORES]:
            execute(cursor, SQL("DROP TABLE IF EXISTS {table}").format(table=_temporary(table)))


# ── Rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _note_stores(store_nos: Collection[str], companies: Collection[int] | None) -> None:
    ids = {number: (pk, company) for number, pk, company in Store.objects.values_list("store_no", "pk", "company_id")}
    rows = []
    for number in set(store_nos):
        pk, company = ids.get(number, (None, None))
        rows.append((number, pk if companies is None or company in companies else None))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE intake_shadow_stores (store_no varchar(64) PRIMARY KEY, id bigint)")
        cursor.executemany("INSERT INTO intake_shadow_stores (store_no, id) VALUES (%s, %s)", rows)


def _copy(model: type[Model]) -> None:
    table = model._meta.db_table
    condition = SQL("TRUE")
    if model is WaitingRow:
        condition = SQL("store_no IN (SELECT store_no FROM intake_shadow_stores)")
    elif model not in WHOLE and model is not ImportedBenchmark:
        condition = SQL("store_id IN (SELECT id FROM intake_shadow_stores)")
    dialect = dialect_of(connection)
    with connection.cursor() as cursor:
        copy = SQL("INSERT INTO {shadow} ({columns}) SELECT {columns} FROM {real} WHERE {condition}").format(
            shadow=_temporary(table),
            columns=columns(str(field.column) for field in model._meta.concrete_fields if not field.generated),
            real=dialect.real_table(cursor, table),
            condition=condition,
        )
        execute(cursor, copy)
        has_ids = model._meta.pk.column == "id"
        if has_ids and (continued := dialect.continue_ids(cursor, table)) is not None:
            execute(cursor, continued)
        analyze(cursor, table)


# ── Safety ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _deferred() -> Iterator[None]:
    """On SQLite a transaction takes the write lock at once (RL-07), which one that only writes shadows must not."""
    if not dialect_of(connection).one_writer:
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
    """Have SQLite reject writes to other tables than the shadows."""
    if not dialect_of(connection).one_writer:
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
