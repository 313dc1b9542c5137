"""Threads derived from messages, set-based (PN-23)."""

from collections.abc import Sequence

from django.db import connection

from core.sql import SQL, Composable, Identifier, execute, literals
from orders.queries.valid_replies import valid_reply_sql


def derive_threads(*, table: str) -> None:
    """Bring the threads of the orders whose ids are in ``table`` (column ``id``) in line with their messages.

    Pure in the stored rows: deriving twice changes nothing, and rows that would not change are not written.
    """
    _derive(SQL("SELECT id FROM {table}").format(table=Identifier(table)))


def derive_threads_of(order_ids: Sequence[int]) -> None:
    """`derive_threads` for a few orders."""
    if order_ids:
        _derive(literals(sorted(order_ids)))


def _derive(ids: Composable) -> None:
    with connection.cursor() as cursor:
        execute(cursor, threads_sql(ids))
        execute(cursor, _EMPTY.format(ids=ids))


_COLUMNS = ("last_at", "waiting_since", "low_star_word")
# An order that lost its last message has no thread.
_EMPTY = SQL("""DELETE FROM orders_messagethread WHERE order_id IN ({ids})
    AND NOT EXISTS (SELECT 1 FROM orders_message m WHERE m.order_id = orders_messagethread.order_id)""")


def threads_sql(ids: Composable) -> Composable:
    """Insert or update the threads. A wait begins with a buyer's message when none is running and ends with the next
    valid reply; at equal seconds the seller's message comes first."""
    changes = SQL(", ").join(SQL("{name} = excluded.{name}").format(name=Identifier(name)) for name in _COLUMNS)
    differs = SQL(" OR ").join(
        SQL("orders_messagethread.{name} IS DISTINCT FROM excluded.{name}").format(name=Identifier(name))
        for name in _COLUMNS
    )
    return SQL("""WITH said AS MATERIALIZED (
            SELECT o.id AS order_id, o.store_id, m.sent_at, m.word, m.sender = 'buyer' AS asks,
                CASE WHEN {valid} THEN 1 ELSE 0 END AS replies
            FROM orders_order o CROSS JOIN orders_message m WHERE o.id IN ({ids}) AND m.order_id = o.id),
        summed AS (
            SELECT order_id, store_id, MAX(sent_at) AS last_at,
                MAX(CASE WHEN replies = 1 THEN sent_at END) AS replied_at,
                MAX(CASE WHEN asks THEN word ELSE '' END) AS low_star_word
            FROM said GROUP BY order_id, store_id)
        INSERT INTO orders_messagethread (order_id, store_id, last_at, waiting_since, low_star_word)
        SELECT t.order_id, t.store_id, t.last_at, MIN(s.sent_at), t.low_star_word
        FROM summed t LEFT JOIN said s ON s.order_id = t.order_id AND s.asks
            AND (t.replied_at IS NULL OR s.sent_at >= t.replied_at)
        WHERE TRUE GROUP BY t.order_id, t.store_id, t.last_at, t.low_star_word
        ON CONFLICT (order_id) DO UPDATE SET store_id = excluded.store_id, {changes} WHERE {differs}""").format(
        valid=valid_reply_sql(), ids=ids, changes=changes, differs=differs
    )
