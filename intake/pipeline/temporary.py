"""Temporary tables of a connection, made once and emptied for each batch."""

from django.db import connection


def execute(*statements: str) -> None:
    """Run statements without parameters."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def empty_table(name: str, columns: str) -> None:
    """Have an empty temporary table with these columns for the rest of the transaction.

    It is made once per connection: on PostgreSQL the catalogue's rows of a table for each batch cost more than they
    save (docs/performance.md). There it is emptied by the end of a transaction too, so that no dead rows gather in it.
    """
    ending = " ON COMMIT DELETE ROWS" if connection.vendor == "postgresql" else ""
    execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} ({columns}){ending}", f"DELETE FROM {name}")


def analyze(name: str) -> None:
    """Tell PostgreSQL how many rows there are, or it plans for a handful."""
    if connection.vendor == "postgresql":
        execute(f"ANALYZE {name}")
