"""The orders in the abnormal pool, the longest silent first (TM-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from orders.models import LogisticsClaim, Order, TrackingEvent
from orders.queries.logistics import OPEN
from orders.queries.parcels import parcels_of
from orders.queries.pool import in_pool_at, pool_stays, recheck_after
from orders.queries.traced import scans_of
from orders.rules.pool import PoolPeriod, in_pool
from stores.models import Carrier, Store

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class AbnormalOrder:
    """An order in the pool: its last scan, None where the first one did not come; ``silent_since``: that scan or the
    dispatch; ``waiting``: what was handed in about it and is not judged yet."""

    order: Order
    last_scan: TrackingEvent | None
    silent_since: datetime
    carrier: Carrier | None
    waiting: LogisticsClaim | None


@dataclass(frozen=True, slots=True)
class AbnormalPool:
    """A page of the pool. ``recheck``: after how long a silence a person re-checks the parcel."""

    rows: Sequence[AbnormalOrder]
    page: Page[Any]
    recheck: timedelta


def abnormal_pool(store: Store, at: datetime, number: str | None = None) -> AbnormalPool:
    """A page of the orders that are in the pool at an instant, in a fixed number of queries; the order
    without a scan for longest comes first."""
    page = Paginator(abnormal_orders(store, at), PER_PAGE).get_page(number)
    return AbnormalPool(abnormal_rows(list(page.object_list), at), page, recheck_after(at))


def abnormal_orders(store: Store, at: datetime) -> QuerySet[Any]:
    """Every order in the pool, the one without a scan for longest first."""
    orders = in_pool_at(Order.objects.filter(store=store), at)
    return orders.order_by(Coalesce("last_scan_at", "shipped_at"), "pk")


def abnormal_rows(found: Sequence[Any], at: datetime) -> list[AbnormalOrder]:
    """Orders of the pool with what is known of their parcels, in a fixed number of queries."""
    carriers = Carrier.objects.in_bulk({order.carrier for order in found})
    parcels, scans = parcels_of(found), scans_of(found)
    waiting = {row.order_id: row for row in LogisticsClaim.objects.filter(OPEN, order__in=found).order_by("-pk")}
    rows = []
    for order in found:
        known = [scan for scan in scans[order.pk] if scan.at <= at]
        last = _last_scan(known, in_pool(pool_stays(order, known, parcels.get(order.pk, [])), at))
        rows.append(
            AbnormalOrder(
                order=order,
                last_scan=last,
                silent_since=last.at if last else order.shipped_at,
                carrier=carriers.get(order.carrier),
                waiting=waiting.get(order.pk),
            )
        )
    return rows


def _last_scan(scans: Sequence[TrackingEvent], stay: PoolPeriod | None) -> TrackingEvent | None:
    """The scan after which the parcel that is in the pool fell silent; None where its first one did not come."""
    if stay is None or stay.silent_since is None:
        return None
    return next((scan for scan in reversed(scans) if scan.at == stay.silent_since), None)
