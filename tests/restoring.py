"""Every test process has a copy of the migrated database; a test with real transactions leaves it as it was.

Django would delete all rows of all tables one by one, past no write-once trigger, and then make content types,
permissions, roles and reference rows anew: 0.2 to 0.5 s of processor time for each such test.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

from tests.databases import copy_to_postgres, migrated_database

# Where PostgreSQL keeps what the tables of a migrated database hold.
_KEPT = "kept_rows"


def use_copy() -> None:
    """Connect this process to its copy of the migrated database, which tests with real transactions put back."""
    database, name = settings.DATABASES["default"], connection.creation._get_test_db_name()
    if settings.SQLITE:
        shutil.copyfile(migrated_database(), name)
        shutil.copyfile(name, _kept_file())
    else:
        copy_to_postgres(database)
    connection.close()
    database["NAME"] = connection.settings_dict["NAME"] = name
    if not settings.SQLITE:
        _keep_rows()
    TransactionTestCase._fixture_teardown = _restore


def _restore(self: TransactionTestCase) -> None:
    if settings.SQLITE:
        connection.ensure_connection()
        with closing(sqlite3.connect(_kept_file())) as kept:
            kept.backup(connection.connection)
    else:
        _restore_rows()


def _kept_file() -> Path:
    return Path(settings.DATA_DIR, "kept.sqlite3")


def _keep_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {_KEPT}")
        for table in _filled_tables("public"):
            cursor.execute(f'CREATE TABLE {_KEPT}."{table}" AS TABLE public."{table}"')


def _restore_rows() -> None:
    """Emptying only the tables that hold rows costs a hundredth of TRUNCATE on all."""
    kept = _tables(_KEPT)
    with transaction.atomic(), connection.cursor() as cursor:
        # Neither write-once triggers nor foreign keys stand in the way.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in {*_filled_tables("public"), *kept}:
            cursor.execute(f'DELETE FROM public."{table}"')
            if table in kept:
                cursor.execute(f'INSERT INTO public."{table}" SELECT * FROM {_KEPT}."{table}"')


def _filled_tables(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        one_by_one = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {schema}.\"{table}\")" for table in _tables(schema))
        cursor.execute(" UNION ALL ".join(one_by_one))
        return [table for (table,) in cursor]


def _tables(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return [table for (table,) in cursor]
