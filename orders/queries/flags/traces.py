"""Parcels under way whose trace does not come, stands still, or takes longer than estimated (TM-03, TM-14)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from orders.models import Fulfilment, Order, OrderState, Shipment, TrackingEvent
from orders.queries.flags.declaring import Condition, Finder, Flag, FlagGroup, Scope, columns_of
from orders.queries.parcels import FIRST, parcels_of
from orders.queries.pool import in_pool_at, pool_stays, recheck_after
from orders.rules.pool import BEFORE_PICKUP, PoolPeriod, in_pool
from rulebook.queries import policies, policy_in

NO_FIRST_SCAN = Flag("no_first_scan", FlagGroup.TRACE, _("No first scan"), "TM-03")
STALLED = Flag("stalled_48h", FlagGroup.TRACE, _("Trace stalled, re-check to come"), "TM-03", own_clock=True)
STALLED_LONG = Flag("stalled_72h", FlagGroup.TRACE, _("Trace stalled, re-check now"), "TM-03")
DELIVERY_OVERDUE = Flag("delivery_overdue", FlagGroup.TRACE, _("Delivery overdue"), "TM-14")

# Which of several parcels is the worst.
_RANKS = {NO_FIRST_SCAN.code: 0, STALLED.code: 1, STALLED_LONG.code: 2}
AT_ONCE = 500


def pooled(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders in the abnormal pool: without a first scan, or silent, and silent for so long that somebody has to
    re-check them. Until then that is what the clock counts down to. Of several parcels the worst counts (DM-17)."""
    recheck, periods = recheck_after(at), policies()
    scans = TrackingEvent.objects.filter(order=OuterRef("pk"), parcel_no=None, at__lte=at).exclude(kind=BEFORE_PICKUP)
    last = scans.order_by().values("order").annotate(last=Max("at")).values("last")
    split = Exists(Shipment.objects.filter(order=OuterRef("pk"), parcel_no__gt=FIRST))
    found = in_pool_at(scope.traced(), at).annotate(last=Subquery(last), split=split)
    several = []
    for order_id, store_id, shipped_at, last_at, created_at, is_split in columns_of(
        found, "pk", "store_id", "shipped_at", "last", "created_at", "split"
    ):
        if is_split:
            several.append(order_id)
            continue
        counting = policy_in(periods, created_at).counting
        silence = timedelta(hours=counting.first_scan_hours if last_at is None else counting.silence_hours)
        stay = PoolPeriod((last_at or shipped_at) + silence, None, last_at)
        yield _of_stay(order_id, store_id, stay, recheck, at)
    for start in range(0, len(several), AT_ONCE):
        yield from _split(several[start : start + AT_ONCE], recheck, at)


def _split(order_ids: Sequence[int], recheck: timedelta, at: datetime) -> Iterator[Condition]:
    """The worst parcel of each order that was sent in several."""
    orders = list(Order.objects.filter(pk__in=order_ids))
    parcels, events = parcels_of(orders), defaultdict(list)
    for event in TrackingEvent.objects.filter(order__in=order_ids, at__lte=at):
        events[event.order_id].append(event)
    for order in orders:
        stays = pool_stays(order, events[order.pk], parcels.get(order.pk, []))
        now = [_of_stay(order.pk, order.store_id, stay, recheck, at) for stay in stays if in_pool([stay], at)]
        if now:
            yield max(now, key=lambda one: (_RANKS[one.flag], -one.since.timestamp()))


def _of_stay(order_id: int, store_id: int, stay: PoolPeriod, recheck: timedelta, at: datetime) -> Condition:
    last = stay.silent_since
    if last is None:
        return Condition(NO_FIRST_SCAN.code, order_id, store_id, stay.entered)
    if at < last + recheck:
        return Condition(STALLED.code, order_id, store_id, stay.entered, last + recheck)
    return Condition(STALLED_LONG.code, order_id, store_id, last + recheck)


def delivery_overdue(scope: Scope, at: datetime) -> Iterator[Condition]:
    """Orders under way after their estimated delivery."""
    late = scope.orders().filter(state=OrderState.SHIPPED, fulfilled_by=Fulfilment.SELLER, estimated_delivery_at__lt=at)
    for order_id, store_id, estimated in columns_of(late, "pk", "store_id", "estimated_delivery_at"):
        yield Condition(DELIVERY_OVERDUE.code, order_id, store_id, estimated)


FINDERS = (
    Finder((NO_FIRST_SCAN, STALLED, STALLED_LONG), pooled),
    Finder((DELIVERY_OVERDUE,), delivery_overdue),
)
