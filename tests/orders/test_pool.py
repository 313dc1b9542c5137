"""The abnormal pool: the pure rule, the set-based query, and what the facts count agree (TM-03)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.dirty import mark_orders_dirty
from metrics.facts.updating import apply_dirty
from metrics.models import Problem
from orders.models import Order, OrderState, Shipment
from orders.queries import in_pool_at, pool_stays
from orders.queries.parcels import parcels_of
from orders.rules.pool import PoolLimits, PoolPeriod, in_pool, pool_periods
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, scan
from tests.stores.people import make_store

LIMITS = PoolLimits(first_scan=timedelta(hours=24), silence=timedelta(hours=48))
KINDS = ["label", "pickup", "transit", "exception", "delivered", "returned", "lost"]


def periods(*scans: int, over: int | None = None) -> list[tuple[float, float | None]]:
    """Stays of a parcel shipped at NOW, in hours after it."""
    found = pool_periods(
        shipped_at=NOW,
        scans=[NOW + hours * HOUR for hours in scans],
        over_at=None if over is None else NOW + over * HOUR,
        limits=LIMITS,
    )
    return [((p.entered - NOW) / HOUR, None if p.left is None else (p.left - NOW) / HOUR) for p in found]


@pytest.mark.rule("TM-03")
def test_pool_begins_at_the_limits_and_ends_with_the_next_scan() -> None:
    assert periods() == [(24, None)]
    assert periods(30) == [(24, 30), (78, None)]
    assert periods(24) == [(72, None)]
    assert periods(5, 53) == [(101, None)]
    assert periods(5, 54) == [(53, 54), (102, None)]
    assert periods(-100) == []
    assert periods(-40) == [(8, None)]


@pytest.mark.rule("TM-03")
def test_nothing_enters_at_or_after_the_end_and_the_end_takes_out() -> None:
    assert periods(5, over=53) == []
    assert periods(5, over=54) == [(53, 54)]
    assert periods(over=24) == []
    assert pool_periods(shipped_at=None, scans=[NOW], over_at=None, limits=LIMITS) == []


def test_the_stay_at_an_instant_is_half_open() -> None:
    stay = PoolPeriod(NOW, NOW + DAY, None)
    assert [in_pool([stay], at) for at in (NOW - HOUR, NOW, NOW + DAY)] == [None, stay, None]


histories = st.lists(st.tuples(st.integers(-60, 200), st.sampled_from(KINDS)), max_size=6, unique=True)
ends = st.none() | st.integers(0, 200)


# Further parcels: hours from NOW to their dispatch, and their scans.
further = st.lists(st.tuples(st.none() | st.integers(-30, 90), histories), max_size=2)


def build(
    store: Store,
    shipped: int | None,
    scans: list[tuple[int, str]],
    cancelled: int | None,
    parcels: list[tuple[int | None, list[tuple[int, str]]]],
) -> Order:
    order = make_order(
        store,
        derived=False,
        created_at=NOW - 3 * DAY,
        paid_at=NOW - 3 * DAY,
        shipped_at=None if shipped is None else NOW + shipped * HOUR,
        cancelled_at=None if cancelled is None else NOW + cancelled * HOUR,
        tracking_no="P1",
    )
    for hours, kind in scans:
        scan(order, NOW + hours * HOUR, kind)
    for number, (left, own) in enumerate(parcels, 2):
        at = None if left is None else NOW + left * HOUR
        Shipment.objects.create(store=store, order=order, tracking_no=f"P{number}", shipped_at=at)
        for hours, kind in own:
            scan(order, NOW + hours * HOUR, kind, tracking_no=f"P{number}")
    return order


@pytest.mark.rule("TM-03")
class PoolAgrees(TestCase):
    @settings(max_examples=60)
    @given(
        drawn=st.lists(st.tuples(st.none() | st.integers(-30, 60), histories, ends, further), min_size=1, max_size=4),
        after=st.integers(-10, 260),
    )
    def test_the_query_agrees_with_the_rule_and_the_facts(self, drawn: list[Any], after: int) -> None:
        store = make_store()
        made = [build(store, *each) for each in drawn]
        derive(*made)
        at = NOW + after * HOUR
        parcels = parcels_of(made)
        stays = {
            order.pk: pool_stays(order, list(order.trackingevents.all()), parcels.get(order.pk, [])) for order in made
        }
        wanted = {order.pk for order in made if order.state == OrderState.SHIPPED and in_pool(stays[order.pk], at)}
        assert set(in_pool_at(Order.objects.filter(store=store), at).values_list("pk", flat=True)) == wanted
        mark_orders_dirty(order_ids=[order.pk for order in made], store_id=store.pk)
        apply_dirty()
        counted = Problem.objects.filter(store=store, counter="logistics_abnormal").values_list("order_id", flat=True)
        assert set(counted) == {pk for pk, found in stays.items() if found}


@pytest.mark.rule("DM-17", "TM-03")
@pytest.mark.django_db
def test_an_order_is_in_the_pool_while_one_of_its_parcels_is() -> None:
    """The first parcel arrives on the way, the second falls silent, the third never has a scan."""
    store = make_store()
    arrived = [(1, "pickup"), (30, "delivered")]
    order = build(store, 0, arrived, None, [(0, [(2, "pickup"), (60, "transit")]), (40, [])])
    derive(order)
    stays = pool_stays(order, list(order.trackingevents.all()), parcels_of([order])[order.pk])
    assert [(stay.parcel, (stay.entered - NOW) / HOUR, stay.silent_since is None) for stay in stays] == [
        (2, 50, False),
        (3, 64, True),
        (2, 108, False),
    ]
    orders = Order.objects.filter(store=store)
    assert [in_pool_at(orders, NOW + hours * HOUR).exists() for hours in (49, 50, 61, 64)] == [False, True, False, True]


@pytest.mark.django_db
def test_the_pool_of_a_store_is_one_query(django_assert_num_queries) -> None:
    store = make_store()
    build(store, 0, [], None, [])
    in_pool_at(Order.objects.filter(store=store), NOW)
    with django_assert_num_queries(2):  # the policy's stamp and the orders
        list(in_pool_at(Order.objects.filter(store=store), NOW + DAY))
