"""Figures on feedback that no metric has (AF-13, AF-15), of the latest rows of a store, so that they cost the same in
stores of any size."""

from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

from core.sql import SQL, Literal, Parameter, execute
from orders.queries.valid_replies import valid_reply_sql

# Of how many of the latest orders, reviews and threads the figures are.
LATEST_ORDERS = 1_000
LATEST_REVIEWS = 5_000
LATEST_THREADS = 500
DAY, HOUR = 86_400, 3_600


@dataclass(frozen=True, slots=True)
class CarrierFeedback:
    """A carrier's code, reviews by the system with the mean days from delivery to them, intervals between scans with
    their mean hours; None where there are none."""

    carrier: str
    reviews: int = 0
    days_to_review: Fraction | None = None
    intervals: int = 0
    scan_hours: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ReplyTimes:
    """Waits that were answered, and how many of them within the hours aimed at."""

    answered: int
    in_target: int


def carrier_feedback(store_id: int) -> list[CarrierFeedback]:
    """Days to the automatic review (AF-15) and scan intervals (AF-13) by carrier, the most used first."""
    reviews = {row[0]: row[1:] for row in _rows(_REVIEWS, store_id, LATEST_REVIEWS)}
    scans = {row[0]: row[1:] for row in _rows(_SCANS, store_id, LATEST_ORDERS)}
    found = [
        CarrierFeedback(
            carrier,
            *_mean(reviews.get(carrier), DAY),
            *_mean(scans.get(carrier), HOUR),
        )
        for carrier in reviews.keys() | scans.keys()
    ]
    return sorted(found, key=lambda one: (-one.intervals, -one.reviews, one.carrier))


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


def _rows(statement: SQL, store_id: int, latest: int) -> list[tuple[str, int, int]]:
    with connection.cursor() as cursor:
        execute(cursor, statement.format(store=Parameter(store_id), latest=Literal(latest)))
        return [(str(carrier), int(count), int(total)) for carrier, count, total in cursor.fetchall()]


def _mean(counted: tuple[int, int] | None, unit: int) -> tuple[int, Fraction | None]:
    if counted is None:
        return 0, None
    count, seconds = counted
    return count, Fraction(seconds, count * unit)


_REVIEWS = SQL("""SELECT o.carrier, COUNT(*), SUM(v.created_at - o.delivered_at)
    FROM (SELECT order_id, created_at FROM orders_review
        WHERE store_id = {store} AND kind = 'auto' AND revoked_at IS NULL ORDER BY created_at DESC LIMIT {latest}) v
    JOIN orders_order o ON o.id = v.order_id
    WHERE o.carrier <> '' AND o.delivered_at IS NOT NULL AND o.delivered_at <= v.created_at GROUP BY o.carrier""")
_SCANS = SQL("""SELECT carrier, COUNT(*), SUM(at - before) FROM (
        SELECT o.carrier, e.at, LAG(e.at) OVER (PARTITION BY e.order_id ORDER BY e.at, e.id) AS before
        FROM (SELECT id, carrier FROM orders_order
            WHERE store_id = {store} AND carrier <> '' ORDER BY created_at DESC, id DESC LIMIT {latest}) o
        JOIN orders_trackingevent e ON e.order_id = o.id AND e.kind <> 'label') spans
    WHERE before IS NOT NULL GROUP BY carrier""")
_REPLIES = SQL("""WITH latest AS (
        SELECT order_id FROM orders_messagethread WHERE store_id = {store} ORDER BY last_at DESC LIMIT {latest}),
    asked AS (SELECT m.order_id, MIN(m.sent_at) AS at FROM latest t
        JOIN orders_message m ON m.order_id = t.order_id WHERE m.sender = 'buyer' GROUP BY m.order_id),
    answered AS (SELECT a.order_id, a.at, MIN(m.sent_at) AS replied_at
        FROM asked a JOIN orders_order o ON o.id = a.order_id
        JOIN orders_message m ON m.order_id = a.order_id AND m.sent_at > a.at
        WHERE {valid} GROUP BY a.order_id, a.at)
    SELECT COUNT(*), SUM(CASE WHEN replied_at - at <= {target} THEN 1 ELSE 0 END) FROM answered""")
