"""The holds that orders tell of themselves: logistics (TM-03, AF-06) and missing identity or payout account (AF-10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from orders.holds import HoldPeriod, Periods, hold
from orders.models import Order, OrderHold, OrderState
from orders.queries.traced import traced_orders
from orders.rules.holds import ABNORMAL, KYC, RISK_REVIEW
from orders.rules.pool import PoolPeriod, in_pool
from orders.rules.refunds import days_after_delivery
from rulebook.queries import policies, policy_in
from stores.models import Store

# In these states nothing is awaited that a hold could stop.
OVER = (OrderState.CLOSED, OrderState.CANCELLED, OrderState.REFUNDED)


def is_kyc_blocked(store: Store) -> bool:
    """Whether a store is known to lack its identity check or its payout account (AF-10); unknown is not missing."""
    return store.kyc_verified is False or store.payout_account_bound is False


@hold(ABNORMAL, label=_("abnormal logistics"))
def abnormal_logistics(orders: Sequence[Order], at: datetime) -> Periods:
    """Stays in the pool of parcels under way, as their scans tell; what was recorded otherwise."""
    periods = recorded_holds(orders, ABNORMAL)
    for order_id, stay in _present_stays(orders, at).items():
        recorded = periods.setdefault(order_id, [])
        if not any(one.since == stay.entered for one in recorded):
            recorded.append(HoldPeriod(stay.entered, reason=reason_of(stay)))
    return periods


@hold(KYC, label=_("identity or payout account missing"))
def kyc_blocked(orders: Sequence[Order], at: datetime) -> Periods:
    """Orders of stores that lack either, as long as they are open; when it went missing is not known."""
    periods = recorded_holds(orders, KYC)
    blocked = {store.pk for store in {order.store for order in orders} if is_kyc_blocked(store)}
    for order in orders:
        if order.store_id in blocked and order.state not in OVER:
            recorded = periods.setdefault(order.pk, [])
            if all(one.until is not None for one in recorded):
                recorded.append(HoldPeriod(order.paid_at or order.created_at))
    return periods


@hold(RISK_REVIEW, label=_("risk review of the funds"))
def risk_review(orders: Sequence[Order], at: datetime) -> Periods:
    """From the beginning of the review to the day on which the funds are due: it holds them no longer than that, but
    what it finds does (TM-04)."""
    known, periods = policies(), {}
    for order in orders:
        if order.delivered_at is not None and order.state in (OrderState.DELIVERED, OrderState.SUCCESS):
            terms = policy_in(known, order.created_at).transactions
            since = days_after_delivery(order.delivered_at, terms.funds_review_day, terms.funds_review_hour_utc)
            until = days_after_delivery(order.delivered_at, terms.funds_release_day, terms.funds_release_hour_utc)
            periods[order.pk] = [HoldPeriod(since, until)] if since <= at else []
    return periods


def reason_of(stay: PoolPeriod) -> str:
    """Why an order is in the pool."""
    return OrderHold.Reason.UNSCANNED if stay.silent_since is None else OrderHold.Reason.SILENT


def recorded_holds(orders: Sequence[Order], code: str) -> dict[int, list[HoldPeriod]]:
    """The recorded periods of a hold, by order id."""
    periods: dict[int, list[HoldPeriod]] = {}
    for row in OrderHold.objects.filter(order__in=orders, code=code).order_by("since"):
        periods.setdefault(row.order_id, []).append(HoldPeriod(row.since, row.until, row.reason))
    return periods


def _present_stays(orders: Sequence[Order], at: datetime) -> Mapping[int, PoolPeriod]:
    under_way = [order for order in orders if order.state == OrderState.SHIPPED]
    traced = traced_orders(under_way, at) if under_way else {}
    stays = {order_id: in_pool(one.stays, at) for order_id, one in traced.items()}
    return {order_id: stay for order_id, stay in stays.items() if stay is not None}
