"""What the clocks of orders are derived from, for many orders at once (DM-27)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.holds import HoldPeriod, hold_periods
from orders.models import Fulfilment, Order, OrderState, TrackingEvent
from orders.queries.holds import scans_of
from orders.queries.parcels import parcels_of
from orders.queries.pool import pool_stays
from orders.rules.clocks import OrderFacts
from orders.rules.parcels import Parcel
from orders.rules.pool import BEFORE_PICKUP
from rulebook.queries import PolicyPeriod, policies, policy_in
from stores.models import Carrier, Feed

# In these states scans tell something about what is awaited.
TRACED = (OrderState.SHIPPED, OrderState.DELIVERED, OrderState.SUCCESS)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up once for all orders."""

    policies: Sequence[PolicyPeriod]
    confirming: frozenset[int]
    carriers: Mapping[str, Carrier]
    scans: Mapping[int, Sequence[TrackingEvent]]
    parcels: Mapping[int, Sequence[Parcel]]
    holds: Mapping[int, Mapping[str, Sequence[HoldPeriod]]]


def clock_facts(orders: Sequence[Order], at: datetime) -> dict[int, OrderFacts]:
    """The facts of orders by id, in a fixed number of queries."""
    confirming = Feed.objects.filter(kind=Feed.Kind.CONFIRMATIONS, store__in={order.store_id for order in orders})
    traced = [order for order in orders if order.state in TRACED]
    known = _Known(
        policies=policies(),
        confirming=frozenset(confirming.values_list("store_id", flat=True)),
        carriers=Carrier.objects.in_bulk({order.carrier for order in orders if order.carrier}),
        scans=scans_of(traced),
        parcels=parcels_of(traced),
        holds=hold_periods(orders, at),
    )
    return {order.pk: _facts(order, known) for order in orders}


def _facts(order: Order, known: _Known) -> OrderFacts:
    scans = known.scans.get(order.pk, ())
    carrier = known.carriers.get(order.carrier)
    return OrderFacts(
        state=order.state,
        policy=policy_in(known.policies, order.created_at),
        seller_ships=order.fulfilled_by == Fulfilment.SELLER,
        confirms=order.store_id in known.confirming,
        is_presale=order.is_presale,
        paid_at=order.paid_at,
        dispatch_confirmed_at=order.dispatch_confirmed_at,
        shipped_at=order.shipped_at,
        last_scan_at=max((event.at for event in scans if event.kind != BEFORE_PICKUP), default=None),
        delivered_at=order.delivered_at,
        confirmed_at=order.confirmed_at,
        official=carrier is not None and carrier.official,
        stays=pool_stays(order, scans, known.parcels.get(order.pk, ())),
        holds=known.holds.get(order.pk, {}),
    )
