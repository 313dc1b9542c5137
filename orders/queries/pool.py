"""The abnormal pool as of an instant, from stored scans (TM-03)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from core.timebase import to_epoch
from orders.models import Fulfilment, Order, OrderState, TrackingEvent
from orders.rules.pool import BAD_ENDS, BEFORE_PICKUP, PoolLimits, PoolPeriod, pool_periods
from rulebook.policy.core import Counting
from rulebook.queries import PolicyPeriod, policies, policy_at

HOUR = 3600


def in_pool_at(orders: QuerySet[Order], at: datetime) -> QuerySet[Order]:
    """Those of ``orders`` that are under way and in the abnormal pool at ``at``.

    It agrees with `orders.rules.pool.pool_periods`, narrowed to the state *shipped*: an order whose receipt was
    confirmed without a delivery scan needs no action any more.
    """
    periods = policies()
    now = Value(to_epoch(at), BigIntegerField())
    orders = orders.filter(state=OrderState.SHIPPED, fulfilled_by=Fulfilment.SELLER).alias(
        silence=_counting(periods, lambda counting: counting.silence_hours * HOUR),
        first_scan_within=_counting(periods, lambda counting: counting.first_scan_hours * HOUR),
    )
    events = TrackingEvent.objects.filter(order=OuterRef("pk"), at__lte=at)
    scans = events.exclude(kind=BEFORE_PICKUP)
    lately = scans.filter(at__gt=now - OuterRef("silence"))
    earlier = scans.filter(at__gte=OuterRef("shipped_at") - OuterRef("silence"))
    unscanned = Q(shipped_at__lte=now - F("first_scan_within")) & ~Exists(scans)
    return orders.filter(Q(Exists(earlier)) | unscanned, ~Exists(lately), ~Exists(events.filter(kind__in=BAD_ENDS)))


def pool_stays(order: Order, events: Sequence[TrackingEvent]) -> list[PoolPeriod]:
    """Every stay of an order in the pool, past ones too; ``events`` are all its tracking events. Orders that the
    platform ships never enter it (MX-04a)."""
    if order.fulfilled_by == Fulfilment.PLATFORM:
        return []
    ends = [event.at for event in events if event.kind in BAD_ENDS]
    ends += [at for at in (order.delivered_at, order.cancelled_at, order.refunded_at) if at is not None]
    return pool_periods(
        shipped_at=order.shipped_at,
        scans=[event.at for event in events if event.kind != BEFORE_PICKUP],
        over_at=min(ends, default=None),
        limits=limits_of(order),
    )


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
