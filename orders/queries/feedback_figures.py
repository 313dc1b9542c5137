"""Figures on feedback that no metric has (AF-13, AF-15), of the latest rows of a store, so that they cost the same in
stores of any size."""

from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

from core.sql import SQL, Literal, Parameter, execute
from orders.queries.valid_replies import valid_reply_sql

# Of how many of the latest reviews and threads the figures are.
LATEST_REVIEWS = 5_000
LATEST_THREADS = 500
DAY, HOUR = 86_400, 3_600


@dataclass(frozen=True, slots=True)
class ReviewDelay:
    """Reviews by the system of orders that a carrier delivered, and the mean days from delivery to them."""

    reviews: int
    days: Fraction


@dataclass(frozen=True, slots=True)
class ReplyTimes:
    """Waits that were answered, and how many of them within the hours aimed at."""

    answered: int
    in_target: int


def review_delays(store_id: int) -> dict[str, ReviewDelay]:
    """Mean days from delivery to the automatic review, by the carrier's code (AF-15)."""
    with connection.cursor() as cursor:
        execute(cursor, _REVIEWS.format(store=Parameter(store_id), latest=Literal(LATEST_REVIEWS)))
        return {
            str(carrier): ReviewDelay(int(count), Fraction(int(seconds), int(count) * DAY))
            for carrier, count, seconds in cursor.fetchall()
        }


def reply_times(store_id: int, target_hours: int) -> ReplyTimes:
    """How fast buyers were answered (AF-13): the first wait of each of the latest threads."""
    with connection.cursor() as cursor:
        statement = _REPLIES.format(
            store=Parameter(store_id),
            latest=Literal(LATEST_THREADS),
            valid=valid_reply_sql(),
            target=Literal(target_hours * HOUR),
        )
        execute(cursor, statement)
        answered, in_target = cursor.fetchone()
    return ReplyTimes(int(answered), int(in_target or 0))


_REVIEWS = SQL("""SELECT o.carrier, COUNT(*), SUM(v.created_at - o.delivered_at)
    FROM (SELECT order_id, created_at FROM orders_review
        WHERE store_id = {store} AND kind = 'auto' AND revoked_at IS NULL ORDER BY created_at DESC LIMIT {latest}) v
    JOIN orders_order o ON o.id = v.order_id
    WHERE o.carrier <> '' AND o.delivered_at IS NOT NULL AND o.delivered_at <= v.created_at GROUP BY o.carrier""")
_REPLIES = SQL("""WITH latest AS (
        SELECT order_id FROM orders_messagethread WHERE store_id = {store} ORDER BY last_at DESC LIMIT {latest}),
    asked AS (SELECT m.order_id, MIN(m.sent_at) AS at FROM latest t
        JOIN orders_message m ON m.order_id = t.order_id WHERE m.sender = 'buyer' GROUP BY m.order_id),
    answered AS (SELECT a.order_id, a.at, MIN(m.sent_at) AS replied_at
        FROM asked a JOIN orders_order o ON o.id = a.order_id
        JOIN orders_message m ON m.order_id = a.order_id AND m.sent_at > a.at
        WHERE {valid} GROUP BY a.order_id, a.at)
    SELECT COUNT(*), SUM(CASE WHEN replied_at - at <= {target} THEN 1 ELSE 0 END) FROM answered""")
