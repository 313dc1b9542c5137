"""Backup and restore of SQLite: its online copy, in one step, which a writer doesn't disturb (RL-16)."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from config.backup.databases import EMPTIED
from config.environment import PRIVATE_FILE
from core.sql import SQL, Identifier, execute


class SqliteDatabase:
    kind: ClassVar[str] = "sqlite"
    member: ClassVar[str] = "database.sqlite3"

    @property
    def folder(self) -> Path:
        return self._path.parent

    @property
    def _path(self) -> Path:
        return Path(connection.settings_dict["NAME"])

    @contextmanager
    def dumped(self, to: Path) -> Iterator[BaseDatabaseWrapper]:
        to.touch(mode=PRIVATE_FILE)
        with (
            connection.wrap_database_errors,
            closing(sqlite3.connect(self._path)) as source,
            closing(sqlite3.connect(to)) as copy,
        ):
            source.backup(copy)
        opened = self._opened(to)
        try:
            _empty_sessions(opened)
            yield opened
        finally:
            opened.close()

    def _opened(self, path: Path) -> BaseDatabaseWrapper:
        """A connection that leaves one file: none beside it for its journal."""
        own = connection.copy()
        own.settings_dict["NAME"] = str(path)
        own.settings_dict["OPTIONS"] = {"init_command": "PRAGMA journal_mode=DELETE; PRAGMA secure_delete=ON;"}
        return own

    def facts(self) -> dict[str, Any]:
        return {"version": sqlite3.sqlite_version}

    def check_fits(self, facts: Mapping[str, Any]) -> None:
        """Any SQLite reads it."""

    def load(self, dump: Path, *, over: bool) -> None:
        connection.close()
        for ending in ("-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        dump.chmod(PRIVATE_FILE)
        dump.replace(self._path)


def _empty_sessions(database: BaseDatabaseWrapper) -> None:
    with database.cursor() as cursor:
        for table in EMPTIED:
            execute(cursor, SQL("DELETE FROM {table}").format(table=Identifier(table)))
