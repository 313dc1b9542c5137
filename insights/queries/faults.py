"""Whose fault a metric's failures are (BX-10), and which are late only because a number came late (BX-13).

The failures of the window are one range of the problem rows; the database groups them by what happened to their
orders, the pure criteria judge the few dozen groups. So a page pays for the failures of a window, not for the orders.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from itertools import accumulate

from django.db import connection
from django.db.models import Sum

from core.sql import SQL, Composable, Literal, Parameter, aliased, columns, execute, literals, parameters
from core.timebase import day_number, window_start
from insights.rules.fault import SIGNALS, Faults, Signals, faults_of, sync_gap
from metrics.catalogue import problem_counters
from metrics.facts.orderview import CREATED_AT
from metrics.scorecards.storeday import StoreDay
from orders.models import Order, Protection
from rulebook.periods import per_policy
from rulebook.policy import Policy

# The deadline with the hours that protected events add (BX-01).
SHIP_BY = SQL("""o.ship_by + COALESCE(
    (SELECT SUM(x.extend_hours) * 3600 FROM orders_protection x WHERE x.order_id = o.id), 0)""")
SYNC_FAILURE = SQL("o.shipped_at > {ship_by} AND o.first_scan_at <= {ship_by}").format(ship_by=SHIP_BY)
SYNC_METRIC = "late_dispatch"
SYNC_COUNTER = "dispatch_late"


def _disputed(condition: str) -> Composable:
    return SQL("EXISTS (SELECT 1 FROM disputes_dispute d WHERE d.order_id = o.id AND {condition})").format(
        condition=SQL(condition)
    )


def _scanned_soon(policy: Policy) -> Composable:
    seconds = Literal(policy.counting.slow_dispatch_hours * 3600)
    return SQL("o.first_scan_at - o.paid_at <= {seconds}").format(seconds=seconds)


def _scanned_late(policy: Policy) -> Composable:
    seconds = Literal(policy.counting.first_scan_hours * 3600)
    return SQL("o.first_scan_at - o.shipped_at > {seconds}").format(seconds=seconds)


def signal_sql() -> dict[str, Composable]:
    """SQL of each signal of `insights.rules.fault` over the order ``o``; hours are those of the order's policy."""
    return {
        "sync_failure": SYNC_FAILURE,
        "scanned_soon": per_policy(_scanned_soon, CREATED_AT),
        "dispatched_late": SQL("o.shipped_at IS NULL OR o.shipped_at > {ship_by}").format(ship_by=SHIP_BY),
        "shipped": SQL("o.shipped_at IS NOT NULL"),
        "scanned": SQL("o.first_scan_at IS NOT NULL"),
        "scanned_late": per_policy(_scanned_late, CREATED_AT),
        "returned_or_lost": SQL("""EXISTS (SELECT 1 FROM orders_trackingevent e
            WHERE e.order_id = o.id AND e.kind IN ('returned', 'lost') AND e.at > o.first_scan_at)"""),
        "delivered": SQL("o.delivered_at IS NOT NULL"),
        "delivered_late": SQL("o.delivered_at > o.estimated_delivery_at"),
        "cancelled_by_seller": SQL("o.cancelled_by = 'seller' AND o.cancelled_at IS NOT NULL"),
        "cancelled_by_buyer": SQL("o.cancelled_by = 'buyer' AND o.cancelled_at IS NOT NULL"),
        "cancelled_by_platform": SQL("o.cancelled_by = 'platform' AND o.cancelled_at IS NOT NULL"),
        "verdict_seller": _disputed("d.liability = 'seller'"),
        "verdict_carrier": _disputed("d.liability = 'carrier'"),
        "verdict_buyer": _disputed("d.liability = 'buyer'"),
        "withdrawn": _disputed("d.state = 'withdrawn'"),
        "not_received": _disputed("d.kind = 'not_received'"),
    }


def metric_faults(store_day: StoreDay, code: str) -> Faults:
    """Whose fault the failures of the metric's window are, as of a day."""
    day = store_day.day
    first = window_start(day, store_day.terms[code].window_days)
    with connection.cursor() as cursor:
        execute(cursor, grouped_failures(store_day.store.id, code, first, day))
        return faults_of((counter, _held(held_of), number) for counter, *held_of, number in cursor.fetchall())


def signals_of(order_ids: Collection[int]) -> dict[int, Signals]:
    """What happened to each of some orders, as signals: one query for any number."""
    if not order_ids:
        return {}
    select = SQL("SELECT o.id, {held} FROM orders_order o WHERE o.id IN ({ids})")
    with connection.cursor() as cursor:
        execute(cursor, select.format(held=_flags(), ids=literals(sorted(order_ids))))
        return {order_id: _held(held_of) for order_id, *held_of in cursor.fetchall()}


def _flags() -> Composable:
    """Each signal as a column of 1 or 0 over the order ``o``."""
    signals = signal_sql()
    return aliased({name: SQL("CASE WHEN {holds} THEN 1 ELSE 0 END").format(holds=signals[name]) for name in SIGNALS})


def _held(flags: Iterable[int]) -> Signals:
    return frozenset(name for name, held in zip(SIGNALS, flags, strict=True) if held)


def grouped_failures(store_id: int, code: str, first: date, last: date) -> Composable:
    """How many failures of a metric there are of each counter and set of signals."""
    return SQL("""SELECT counter, {signals}, COUNT(*) FROM (
                SELECT p.counter, {held} FROM metrics_problem p LEFT JOIN orders_order o ON o.id = p.order_id
                WHERE p.store_id = {store} AND p.counter IN ({counters}) AND p.day BETWEEN {first} AND {last}) failed
            GROUP BY counter, {signals}""").format(
        signals=columns(SIGNALS),
        held=_flags(),
        store=Parameter(store_id),
        counters=parameters(problem_counters(code)),
        first=Parameter(day_number(first)),
        last=Parameter(day_number(last)),
    )


def sync_failures(store_id: int, first: date, last: date, window_days: int) -> dict[date, int]:
    """On each day, how many late dispatches of the window up to it are sync failures (BX-13); one range of problems."""
    start = window_start(first, window_days)
    with connection.cursor() as cursor:
        execute(
            cursor,
            SQL("""SELECT p.day, COUNT(*) FROM metrics_problem p JOIN orders_order o ON o.id = p.order_id
            WHERE p.store_id = {store} AND p.counter = {counter} AND p.day BETWEEN {first} AND {last}
                AND {sync_failure} GROUP BY p.day""").format(
                store=Parameter(store_id),
                counter=Parameter(SYNC_COUNTER),
                first=Parameter(day_number(start)),
                last=Parameter(day_number(last)),
                sync_failure=SYNC_FAILURE,
            ),
        )
        by_day = dict(cursor.fetchall())
    numbers = range(day_number(start), day_number(last) + 1)
    sums = [0, *accumulate(by_day.get(number, 0) for number in numbers)]
    days = (last - first).days + 1
    return {first + timedelta(days=place): sums[place + window_days] - sums[place] for place in range(days)}


def sync_gaps(orders: Iterable[Order]) -> dict[int, timedelta]:
    """Of late orders, by id, how long after the carrier's first scan the number came, where that alone made them late:
    one query for any number of orders."""
    candidates = [order for order in orders if order.shipped_at and order.ship_by and order.first_scan_at]
    longer = dict(
        Protection.objects.filter(order__in=candidates)
        .values_list("order_id")
        .annotate(hours=Sum("extend_hours"))
        .values_list("order_id", "hours")
    )
    return {
        order.pk: gap
        for order in candidates
        if (gap := sync_gap(order.ship_by, order.shipped_at, order.first_scan_at, longer.get(order.pk, 0))) is not None
    }
