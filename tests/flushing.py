"""Tests with real transactions flush the database; SQLite does so row by row, which write-once triggers refuse."""

from typing import Any

# Through `base`: on PostgreSQL nothing has loaded it yet, and loading `operations` first is a circular import.
from django.db.backends.sqlite3.base import DatabaseOperations


def flush_past_triggers() -> None:
    """Have every flush on SQLite set the triggers aside and put them back, within its one transaction."""
    flush = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
        drops = [f'DROP TRIGGER "{name}"' for name, _ in triggers]
        return [*drops, *flush(self, *args, **kwargs), *(sql for _, sql in triggers)]

    DatabaseOperations.sql_flush = sql_flush
