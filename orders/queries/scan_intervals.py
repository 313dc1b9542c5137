"""How often carriers scan a store's parcels, against what a valid trace needs (AF-13, AF-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count

from core.sql import SQL, Parameter, execute
from core.timebase import to_epoch
from orders.models import Order, OrderState
from orders.rules.scan_intervals import Pace
from rulebook.queries import policy_at
from stores.models import Carrier, Store


@dataclass(frozen=True, slots=True)
class CarrierScans:
    """A carrier of a store. ``pace``: what was measured over the window; ``typical_hours``: what is known of it
    generally; ``under_way``: orders that it carries now; ``seldom``: it scans more seldom than the rules need."""

    code: str
    name: str
    pace: Pace
    typical_hours: int | None
    under_way: int
    seldom: bool


@dataclass(frozen=True, slots=True)
class ScanIntervals:
    """The carriers that a store ships with, those that scan too seldom first; ``target`` is the longest interval that
    the rules allow on average, ``days`` the window."""

    target: timedelta
    days: int
    carriers: Sequence[CarrierScans]


def scan_intervals(store: Store, at: datetime) -> ScanIntervals:
    """The paces of the carriers of what a store shipped within the window of trace completeness, in three queries."""
    policy = policy_at(at)
    target = timedelta(hours=policy.feedback.target_scan_interval_hours)
    rules = policy.metrics["trace_complete"]
    paces = _measured(store, at - timedelta(days=rules.window_days), at, target)
    under_way = dict(
        Order.objects.filter(store=store, state=OrderState.SHIPPED, carrier__gt="")
        .order_by()
        .values_list("carrier")
        .annotate(number=Count("pk"))
    )
    known = Carrier.objects.in_bulk({*paces, *under_way})
    found = []
    for code in {*paces, *under_way}:
        pace, carrier = paces.get(code, Pace()), known.get(code)
        typical = carrier.scan_interval_hours if carrier else None
        seldom = pace.is_seldom(target, least=rules.min_denominator, typical_hours=typical)
        found.append(
            CarrierScans(code, carrier.name if carrier else code, pace, typical, under_way.get(code, 0), seldom)
        )
    found.sort(key=lambda one: (not one.seldom, -one.under_way, one.code))
    return ScanIntervals(target, rules.window_days, found)


def _measured(store: Store, since: datetime, at: datetime, target: timedelta) -> dict[str, Pace]:
    """Intervals between scans of pickup or later of the orders' own parcels, by carrier; a silence that lasts is not
    measured yet."""
    query = SQL("""SELECT g.carrier, COUNT(g.gap), SUM(g.gap), SUM(CASE WHEN g.gap > {target} THEN 1 ELSE 0 END)
        FROM (SELECT o.carrier AS carrier, e.at - LAG(e.at) OVER (PARTITION BY e.order_id ORDER BY e.at, e.id) AS gap
            FROM orders_order o JOIN orders_trackingevent e ON e.order_id = o.id
            WHERE o.store_id = {store} AND o.shipped_at >= {since} AND o.carrier <> ''
                AND e.parcel_no IS NULL AND e.kind <> 'label' AND e.at <= {at}) g
        WHERE g.gap IS NOT NULL GROUP BY g.carrier""").format(
        target=Parameter(int(target.total_seconds())),
        store=Parameter(store.pk),
        since=Parameter(to_epoch(since)),
        at=Parameter(to_epoch(at)),
    )
    with connection.cursor() as cursor:
        execute(cursor, query)
        return {carrier: Pace(int(gaps), int(total), int(longer)) for carrier, gaps, total, longer in cursor.fetchall()}
