"""When orders were updated last, for programs that keep in step (IX-22): when a column of theirs changed, or a row
that their document shows.

The instant is the database's, read in the transaction of the change. It is in no sequence with the commits: a reader
goes as far as `updates_settled_at` and loses nothing.
"""

from collections.abc import Sequence

from django.db import connection

from core.sql import SQL, Composable, Differing, Identifier, execute, literals

UPDATED_AT = Differing(lambda dialect: dialect.clock())


def note_updates(order_ids: Sequence[int]) -> None:
    """Note that rows of orders changed; call it in the transaction of the change."""
    if order_ids:
        _note(literals(sorted(order_ids)))


def note_updates_in(table: str) -> None:
    """The same for the orders whose ids are in a table."""
    _note(SQL("SELECT id FROM {table}").format(table=Identifier(table)))


def _note(ids: Composable) -> None:
    statement = SQL("UPDATE orders_order SET updated_at = {now} WHERE id IN ({ids})")
    with connection.cursor() as cursor:
        execute(cursor, statement.format(now=UPDATED_AT, ids=ids))
