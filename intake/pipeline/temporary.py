"""Temporary tables of a connection, made once and emptied for each batch, and statements about them."""

from typing import Any

from django.db import connection

from core import sql
from core.dirty import mark_dirty
from core.models import DirtySubject
from core.sql import SQL, Composable, Identifier

IDS = SQL("id bigint PRIMARY KEY")


def execute(*statements: Composable) -> None:
    """Run statements."""
    with connection.cursor() as cursor:
        for statement in statements:
            sql.execute(cursor, statement)


def fetch(statement: Composable) -> list[tuple[Any, ...]]:
    """The rows of a SELECT."""
    with connection.cursor() as cursor:
        sql.execute(cursor, statement)
        return list(cursor.fetchall())


def empty_table(name: str, columns: Composable = IDS) -> None:
    """Create or empty a temporary table with these columns."""
    with connection.cursor() as cursor:
        sql.empty_temp(cursor, name, columns)


def analyze(name: str) -> None:
    """Update the table's statistics; without them the database plans for a handful of rows."""
    with connection.cursor() as cursor:
        sql.analyze(cursor, name)


def mark_orders_dirty_in(table: str) -> None:
    """Mark the orders dirty whose ids are in a table."""
    orders = SQL("SELECT o.store_id, o.id FROM orders_order o JOIN {table} t ON t.id = o.id")
    mark_dirty(kind=DirtySubject.Kind.ORDER, subjects=orders.format(table=Identifier(table)))
