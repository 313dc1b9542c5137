"""Whose fault a metric's failures are (BX-10), and which are late only because a number came late (BX-13).

The failures of the window are one range of the problem rows; the database groups them by what happened to their
orders, the pure criteria judge the few dozen groups. So a page pays for the failures of a window, not for the orders.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate

from django.db import connection
from django.db.models import Sum

from core.timebase import day_number, window_start
from insights.rules.fault import SIGNALS, Faults, faults_of, sync_gap
from metrics.catalogue import METRICS, Kind, problem_counters
from metrics.facts.orderview import per_policy
from metrics.scorecards.storeday import StoreDay
from orders.models import Order, Protection

# The deadline with the hours that protected events add (BX-01).
SHIP_BY = """o.ship_by + COALESCE(
    (SELECT SUM(x.extend_hours) * 3600 FROM orders_protection x WHERE x.order_id = o.id), 0)"""
SYNC_FAILURE = f"o.shipped_at > {SHIP_BY} AND o.first_scan_at <= {SHIP_BY}"
SYNC_METRIC = "late_dispatch"
SYNC_COUNTER = "dispatch_late"


def _disputes(condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM disputes_dispute d WHERE d.order_id = o.id AND {condition})"


def signal_sql() -> dict[str, str]:
    """SQL of each signal of `insights.rules.fault` over the order ``o``; hours are those of the order's policy."""
    slow = per_policy(
        lambda p: f"o.first_scan_at - o.paid_at <= {p.counting.slow_dispatch_hours * 3600}", "o.created_at"
    )
    scan_late = per_policy(
        lambda p: f"o.first_scan_at - o.shipped_at > {p.counting.first_scan_hours * 3600}", "o.created_at"
    )
    return {
        "sync_failure": SYNC_FAILURE,
        "scanned_soon": slow,
        "dispatched_late": f"o.shipped_at IS NULL OR o.shipped_at > {SHIP_BY}",
        "shipped": "o.shipped_at IS NOT NULL",
        "scanned": "o.first_scan_at IS NOT NULL",
        "scanned_late": scan_late,
        "returned_or_lost": """EXISTS (SELECT 1 FROM orders_trackingevent e
            WHERE e.order_id = o.id AND e.kind IN ('returned', 'lost') AND e.at > o.first_scan_at)""",
        "delivered": "o.delivered_at IS NOT NULL",
        "delivered_late": "o.delivered_at > o.estimated_delivery_at",
        "cancelled_by_seller": "o.cancelled_by = 'seller' AND o.cancelled_at IS NOT NULL",
        "cancelled_by_buyer": "o.cancelled_by = 'buyer' AND o.cancelled_at IS NOT NULL",
        "cancelled_by_platform": "o.cancelled_by = 'platform' AND o.cancelled_at IS NOT NULL",
        "verdict_seller": _disputes("d.liability = 'seller'"),
        "verdict_carrier": _disputes("d.liability = 'carrier'"),
        "verdict_buyer": _disputes("d.liability = 'buyer'"),
        "withdrawn": _disputes("d.state = 'withdrawn'"),
        "not_received": _disputes("d.kind = 'not_received'"),
    }


def has_faults(code: str) -> bool:
    """Whether a metric has failures that can be laid to somebody: rates and floors have."""
    return METRICS[code].kind in (Kind.RATE, Kind.FLOOR)


def metric_faults(store_day: StoreDay, code: str) -> Faults:
    """Whose fault the failures of the metric's window are, as of a day."""
    day = store_day.day
    first = window_start(day, store_day.terms[code].window_days)
    sql = signal_sql()
    columns = ", ".join(f"CASE WHEN {sql[name]} THEN 1 ELSE 0 END AS {name}" for name in SIGNALS)
    counters = problem_counters(code)
    marks = ", ".join(["%s"] * len(counters))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT counter, {", ".join(SIGNALS)}, COUNT(*) FROM (
                SELECT p.counter, {columns} FROM metrics_problem p LEFT JOIN orders_order o ON o.id = p.order_id
                WHERE p.store_id = %s AND p.counter IN ({marks}) AND p.day BETWEEN %s AND %s) failed
            GROUP BY counter, {", ".join(SIGNALS)}""",
            [store_day.store.id, *counters, day_number(first), day_number(day)],
        )
        return faults_of(
            (counter, frozenset(name for name, held in zip(SIGNALS, held_of, strict=True) if held), number)
            for counter, *held_of, number in cursor.fetchall()
        )


def sync_failures(store_id: int, first: date, last: date, window_days: int) -> dict[date, int]:
    """On each day, how many late dispatches of the window up to it are sync failures (BX-13); one range of problems."""
    start = window_start(first, window_days)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.day, COUNT(*) FROM metrics_problem p JOIN orders_order o ON o.id = p.order_id
            WHERE p.store_id = %s AND p.counter = %s AND p.day BETWEEN %s AND %s AND {SYNC_FAILURE} GROUP BY p.day""",
            [store_id, SYNC_COUNTER, day_number(start), day_number(last)],
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
