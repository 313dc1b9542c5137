"""What backup and restore ask of a database, whichever it is (RL-16)."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar, Protocol

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.backends.base.base import BaseDatabaseWrapper

from core.sql import SQL, Identifier, execute

# Whoever holds a session is signed in: they stay out of backups, and after a restore everybody signs in anew.
EMPTIED = (UserSession._meta.db_table, Session._meta.db_table)


class DatabaseError(Exception):
    """The database or its programs can't do it; the message says what to do."""


class Database(Protocol):
    """A kind of database. ``kind`` is in manifests, ``member`` names its dump in the archive."""

    kind: ClassVar[str]
    member: ClassVar[str]

    @property
    def folder(self) -> Path:
        """Where a dump that is to be loaded is put."""

    def dumped(self, to: Path) -> AbstractContextManager[BaseDatabaseWrapper]:
        """Write a dump, and within the block read what is in it. Others may write meanwhile. Raises DatabaseError."""

    def facts(self) -> dict[str, Any]:
        """What a manifest keeps of the server."""

    def check_fits(self, facts: Mapping[str, Any]) -> None:
        """Raises DatabaseError where a dump of that server can't be loaded here."""

    def load(self, dump: Path, *, over: bool) -> None:
        """Load a dump, all or nothing. ``over``: what an unfinished restore loaded is replaced. Raises
        DatabaseError."""


def count_rows(database: BaseDatabaseWrapper) -> dict[str, int]:
    """The number of rows of every table."""
    with database.cursor() as cursor:
        tables = sorted(database.introspection.table_names(cursor))
        counts = {}
        for table in tables:
            execute(cursor, SQL("SELECT COUNT(*) FROM {table}").format(table=Identifier(table)))
            counts[table] = int(cursor.fetchone()[0])
    return counts


def applied_migrations(database: BaseDatabaseWrapper) -> list[str]:
    """The migrations that its tables have, as ``app.name``."""
    with database.cursor() as cursor:
        execute(cursor, SQL("SELECT app, name FROM django_migrations ORDER BY app, name"))
        return [f"{app}.{name}" for app, name in cursor.fetchall()]
