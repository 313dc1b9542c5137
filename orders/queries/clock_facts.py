"""What the clocks of orders are derived from, for many orders at once (DM-27)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from orders.holds import HoldPeriod, hold_periods
from orders.models import Fulfilment, LogisticsClaim, Order, Refund, Review, Settlement
from orders.queries.traced import Traced
from orders.rules.clocks import OrderFacts
from orders.rules.logistics import FAULTS, ClaimState
from orders.rules.refunds import OPEN_REFUNDS
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policies, policy_in
from stores.models import Carrier, Category, Feed, Listing


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up once for all orders."""

    policies: Sequence[PolicyPeriod]
    confirming: frozenset[int]
    carriers: Mapping[str, Carrier]
    categories: Mapping[int, Category]
    holds: Mapping[int, Mapping[str, Sequence[HoldPeriod]]]
    reviews: Mapping[int, datetime]
    automatic: frozenset[int]
    faults: frozenset[int]
    released: Mapping[int, datetime | None]
    refunding: frozenset[int]


def clock_facts(orders: Sequence[Order], traced: Mapping[int, Traced], at: datetime) -> dict[int, OrderFacts]:
    """The facts of orders by id, in a fixed number of queries."""
    confirming = Feed.objects.filter(kind=Feed.Kind.CONFIRMATIONS, store__in={order.store_id for order in orders})
    reviews = Review.objects.filter(order__in=orders).order_by()
    first = reviews.filter(kind=Review.Kind.BUYER).values("order_id").annotate(first=Min("created_at"))
    categories = _categories(orders)
    known_ones = Category.objects.in_bulk(set(categories.values()))
    released = Settlement.objects.filter(order__in=orders, released_at__isnull=False)
    refunding = Refund.objects.filter(order__in=orders, completed_at=None, state__in=OPEN_REFUNDS)
    known = _Known(
        policies=policies(),
        confirming=frozenset(confirming.values_list("store_id", flat=True)),
        carriers=Carrier.objects.in_bulk({parcel.carrier for one in traced.values() for parcel in one.parcels}),
        categories={order_id: known_ones[code] for order_id, code in categories.items() if code in known_ones},
        holds=hold_periods(orders, at),
        reviews=dict(first.values_list("order_id", "first")),
        faults=frozenset(_proven_faults(orders)),
        automatic=frozenset(reviews.filter(kind=Review.Kind.AUTO).values_list("order_id", flat=True)),
        released={one.order_id: one.released_at for one in released},
        refunding=frozenset(refunding.values_list("order_id", flat=True)),
    )
    return {order.pk: _facts(order, traced[order.pk], known) for order in orders}


def _proven_faults(orders: Sequence[Order]) -> Iterable[int]:
    """The ids of orders of which a fault of the carrier's was proven (AF-08)."""
    proven = LogisticsClaim.objects.filter(order__in=orders, state=ClaimState.ACCEPTED, kind__in=FAULTS)
    return proven.values_list("order_id", flat=True)


def _categories(orders: Sequence[Order]) -> dict[int, str]:
    """The codes of orders' categories by order id: their own, else their listings'."""
    unnamed = [order for order in orders if not order.category and order.sku]
    listings = Listing.objects.filter(
        store__in={order.store_id for order in unnamed}, sku__in={order.sku for order in unnamed}
    )
    listed = {(store_id, sku): code for store_id, sku, code in listings.values_list("store_id", "sku", "category")}
    return {order.pk: order.category or listed.get((order.store_id, order.sku), "") for order in orders}


def _facts(order: Order, traced: Traced, known: _Known) -> OrderFacts:
    policy = policy_in(known.policies, order.created_at)
    carriers = [known.carriers.get(parcel.carrier) for parcel in traced.parcels]
    by_platform = order.fulfilled_by == Fulfilment.PLATFORM
    return OrderFacts(
        state=order.state,
        policy=policy,
        seller_ships=not by_platform,
        confirms=order.store_id in known.confirming,
        is_presale=order.is_presale,
        paid_at=order.paid_at,
        dispatch_confirmed_at=order.dispatch_confirmed_at,
        shipped_at=order.shipped_at,
        last_scan_at=traced.last_scan_at,
        delivered_at=order.delivered_at,
        confirmed_at=order.confirmed_at,
        confirmed_by=order.confirmed_by,
        official=bool(carriers) and all(carrier is not None and carrier.official for carrier in carriers),
        approved=by_platform or (bool(carriers) and all(one is not None and one.approved for one in carriers)),
        traces_valid=traced.is_valid,
        reviewed_at=known.reviews.get(order.pk),
        fault_proven=order.pk in known.faults,
        auto_reviewed=order.pk in known.automatic,
        long_after_sales=has_long_after_sales(order, known.categories.get(order.pk), policy),
        funds_released_at=known.released.get(order.pk),
        refund_open=order.pk in known.refunding,
        stays=traced.stays,
        holds=known.holds.get(order.pk, {}),
    )


def has_long_after_sales(order: Order, category: Category | None, policy: Policy) -> bool:
    """Whether buyers of such an order are written to a second time: it is expensive, custom-made, or of a category with
    long after-sales (AF-09)."""
    feedback = policy.feedback
    if order.total_usd > feedback.second_guide_usd:
        return True
    if category is None:
        return False
    flags = category.flag_set & set(feedback.second_guide_flags)
    return bool(flags) or not {category.code, category.root_code}.isdisjoint(feedback.second_guide_categories)
