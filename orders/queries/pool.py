"""The abnormal pool as of an instant, from stored scans (TM-03)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, Case, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from core.timebase import to_epoch
from orders.models import Fulfilment, Order, OrderState, Shipment, TrackingEvent
from orders.queries.parcels import FIRST
from orders.rules.parcels import Parcel
from orders.rules.pool import BAD_ENDS, BEFORE_PICKUP, DELIVERED, PoolLimits, PoolPeriod, pool_periods
from rulebook.policy.core import Counting
from rulebook.queries import PolicyPeriod, policies, policy_at

HOUR = 3600
ENDS = (DELIVERED, *BAD_ENDS)
# Seconds further back than anything is known.
EVER = Value(10**10, BigIntegerField())


def in_pool_at(orders: QuerySet[Order], at: datetime) -> QuerySet[Order]:
    """Those of ``orders`` that are under way and in the abnormal pool at ``at``, with one of their parcels (DM-17).

    It agrees with `orders.rules.pool.pool_periods`, narrowed to the state *shipped*: an order whose receipt was
    confirmed without a delivery scan needs no action any more. One range of an index, after a look whether any scan is
    later than ``at``: the derived columns know too much of such orders, so their scans are judged.
    """
    orders = orders.filter(state=OrderState.SHIPPED)
    known, foreseen = Q(abnormal_from__lte=at), Q(last_scan_at__gt=at)
    if not is_foreseen(orders, at):
        return orders.filter(known)
    return _with_limits(orders).filter(known & ~foreseen | foreseen & _abnormal_by_scans(at))


def is_foreseen(orders: QuerySet[Order], at: datetime) -> bool:
    """Whether a scan of one of them that is under way is later than ``at``: a look at the end of an index."""
    return orders.filter(state=OrderState.SHIPPED, last_scan_at__gt=at).exists()


def _with_limits(orders: QuerySet[Order]) -> QuerySet[Order]:
    periods = policies()
    return orders.alias(
        left_at=F("shipped_at"),
        silence=_counting(periods, lambda counting: counting.silence_hours * HOUR),
        first_scan_within=_counting(periods, lambda counting: counting.first_scan_hours * HOUR),
    )


def _abnormal_by_scans(at: datetime) -> Q:
    """Whether one of an order's parcels is in the pool, by the scans until ``at``."""
    now = Value(to_epoch(at), BigIntegerField())
    events = TrackingEvent.objects.filter(at__lte=at)
    own = events.filter(order=OuterRef("pk"), parcel_no=None)
    further = Shipment.objects.filter(order=OuterRef("pk"), parcel_no__gt=FIRST).alias(
        left_at=Coalesce("shipped_at", OuterRef("left_at"), output_field=BigIntegerField()),
        silence=ExpressionWrapper(OuterRef("silence"), BigIntegerField()),
        first_scan_within=ExpressionWrapper(OuterRef("first_scan_within"), BigIntegerField()),
    )
    of_parcel = events.filter(order=OuterRef("order"), parcel_no=OuterRef("parcel_no"))
    return _abnormal(own, now) | Q(Exists(further.filter(_abnormal(of_parcel, now))))


def _abnormal(events: QuerySet[TrackingEvent], now: Value) -> Q:
    """Whether a parcel with these ``events`` is in the pool, of rows with ``left_at`` and the limits in seconds."""
    # A bound that names the parcel and leaves nothing out: without it PostgreSQL reads the scans of all orders at once.
    events = events.filter(at__gt=OuterRef("left_at") - EVER)
    scans = events.exclude(kind=BEFORE_PICKUP)
    lately = scans.filter(at__gt=now - OuterRef("silence"))
    earlier = scans.filter(at__gte=OuterRef("left_at") - OuterRef("silence"))
    unscanned = Q(left_at__lte=now - F("first_scan_within")) & ~Q(Exists(scans))
    # Most parcels were scanned lately: asked first, that is all that is read of them.
    return ~Q(Exists(lately)) & (Q(Exists(earlier)) | unscanned) & ~Q(Exists(events.filter(kind__in=ENDS)))


def pool_stays(order: Order, events: Iterable[TrackingEvent], parcels: Sequence[Parcel]) -> list[PoolPeriod]:
    """Every stay of an order's parcels in the pool, past ones too, in order of entry; ``events`` are all its tracking
    events, ``parcels`` those of `parcels_of`. Orders that the platform ships never enter it (MX-04a)."""
    if order.fulfilled_by == Fulfilment.PLATFORM or order.shipped_at is None:
        return []
    scans = defaultdict(list)
    for event in events:
        scans[event.parcel_no or FIRST].append(event)
    # An order's own delivery is that of its parcel, where it has one.
    bad = BAD_ENDS if len(parcels) < 2 else ENDS
    over = [at for at in (order.delivered_at, order.cancelled_at, order.refunded_at) if at is not None]
    found: list[PoolPeriod] = []
    for parcel in parcels:
        own = scans[parcel.number]
        found += pool_periods(
            shipped_at=parcel.shipped_at or order.shipped_at,
            scans=[event.at for event in own if event.kind != BEFORE_PICKUP],
            over_at=min([*over, *(event.at for event in own if event.kind in bad)], default=None),
            limits=limits_of(order),
            parcel=parcel.number,
        )
    return sorted(found, key=lambda stay: (stay.entered, stay.parcel))


def limits_of(order: Order) -> PoolLimits:
    """The pool's limits by the policy in force at the order's creation."""
    return limits_at(order.created_at)


def limits_at(at: datetime) -> PoolLimits:
    """The pool's limits by the policy in force at an instant."""
    counting = policy_at(at).counting
    return PoolLimits(timedelta(hours=counting.first_scan_hours), timedelta(hours=counting.silence_hours))


def _counting(periods: Sequence[PolicyPeriod], amount: Callable[[Counting], int]) -> Combinable:
    """A counting parameter by the policy in force at each order's creation (MX)."""
    amounts = [amount(period.policy.counting) for period in periods]
    if len(set(amounts)) == 1:
        return Value(amounts[0], BigIntegerField())
    later = [
        When(created_at__gte=period.start, then=Value(seconds))
        for period, seconds in zip(reversed(periods[1:]), reversed(amounts[1:]), strict=True)
    ]
    return Case(*later, default=Value(amounts[0]), output_field=BigIntegerField())


def recheck_after(at: datetime) -> timedelta:
    """After how long a silence a person re-checks the parcel (TM-03)."""
    return timedelta(hours=policy_at(at).transactions.recheck_silence_hours)
