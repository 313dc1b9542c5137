"""Parcels under way whose trace does not come, stands still, or takes longer than estimated (TM-03, TM-14)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from orders.models import Fulfilment, OrderState, TrackingEvent
from orders.queries.flags.declaring import Condition, Finder, Flag, FlagGroup, Scope, columns_of
from orders.queries.pool import in_pool_at, recheck_after
from orders.rules.pool import BEFORE_PICKUP
from rulebook.queries import policies, policy_in

NO_FIRST_SCAN = Flag("no_first_scan", FlagGroup.TRACE, _("No first scan"), "TM-03")
STALLED = Flag("stalled_48h", FlagGroup.TRACE, _("Trace stalled, re-check to come"), "TM-03", own_clock=True)
STALLED_LONG = Flag("stalled_72h", FlagGroup.TRACE, _("Trace stalled, re-check now"), "TM-03")
DELIVERY_OVERDUE = Flag("delivery_overdue", FlagGroup.TRACE, _("Delivery overdue"), "TM-14")


def pooled(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders in the abnormal pool: without a first scan, or silent, and silent for so long that somebody has to
    re-check them. Until then that is what the clock counts down to."""
    periods, recheck = policies(), recheck_after(at)
    scans = TrackingEvent.objects.filter(order=OuterRef("pk"), at__lte=at).exclude(kind=BEFORE_PICKUP)
    last = scans.order_by().values("order").annotate(last=Max("at")).values("last")
    found = in_pool_at(scope.orders(), at).annotate(last_scan_at=Subquery(last))
    rows = columns_of(found, "pk", "store_id", "shipped_at", "last_scan_at", "created_at")
    for order_id, store_id, shipped_at, last_at, created_at in rows:
        counting = policy_in(periods, created_at).counting
        if last_at is None:
            since = shipped_at + timedelta(hours=counting.first_scan_hours)
            yield Condition(NO_FIRST_SCAN.code, order_id, store_id, since)
        elif at < last_at + recheck:
            since = last_at + timedelta(hours=counting.silence_hours)
            yield Condition(STALLED.code, order_id, store_id, since, last_at + recheck)
        else:
            yield Condition(STALLED_LONG.code, order_id, store_id, last_at + recheck)


def delivery_overdue(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders under way after their estimated delivery."""
    late = scope.orders().filter(state=OrderState.SHIPPED, fulfilled_by=Fulfilment.SELLER, estimated_delivery_at__lt=at)
    for order_id, store_id, estimated in columns_of(late, "pk", "store_id", "estimated_delivery_at"):
        yield Condition(DELIVERY_OVERDUE.code, order_id, store_id, estimated)


FINDERS = (
    Finder((NO_FIRST_SCAN, STALLED, STALLED_LONG), pooled),
    Finder((DELIVERY_OVERDUE,), delivery_overdue),
)
