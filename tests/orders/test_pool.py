"""The abnormal pool: the pure rule, the set-based query, and what the facts count agree (TM-03)."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.dirty import mark_orders_dirty
from metrics.facts.updating import apply_dirty
from metrics.models import Problem
from orders.models import Order, OrderState, ReplacedShipment, Shipment
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


@pytest.mark.rule("DM-17", "TM-03")
@pytest.mark.django_db
def test_an_order_is_abnormal_from_the_first_of_its_parcels_that_is() -> None:
    """In hours: silence counts from the last scan, a first scan is awaited from the parcel's own dispatch."""
    store = make_store()
    arrived = [(1, "pickup"), (30, "delivered")]
    made = {
        "unscanned": build(store, 0, [], None, []),
        "label only": build(store, 0, [(3, "label")], None, []),
        "silent": build(store, 0, [(2, "pickup"), (30, "transit")], None, []),
        "second is silent": build(store, 0, [(60, "pickup")], None, [(0, [(5, "pickup")])]),
        "third is unscanned": build(store, 0, [(60, "pickup")], None, [(0, [(70, "pickup")]), (40, [])]),
        "first arrived": build(store, 0, arrived, None, [(None, [(50, "transit")])]),
        "lost": build(store, 0, [(2, "pickup"), (9, "lost")], None, []),
        "scanned long before": build(store, 0, [(-60, "pickup")], None, []),
        "cancelled": build(store, 0, [(2, "pickup")], 9, []),
        "not shipped": build(store, None, [], None, []),
    }
    replaced = build(store, 0, [(2, "pickup")], None, [(1, [])])
    ReplacedShipment.objects.create(
        store=store, order=replaced, tracking_no="P0", replaced_by="P2", replaced_at=NOW + 8 * HOUR
    )
    scan(replaced, NOW + 7 * HOUR, "pickup", tracking_no="P0")
    by_platform = make_order(store, shipped_at=NOW, fulfilled_by="platform")
    made |= {"second has a new number": replaced, "shipped by the platform": by_platform}
    derive(*made.values())
    hours = {
        name: None if order.abnormal_from is None else (order.abnormal_from - NOW) / HOUR
        for name, order in made.items()
    }
    assert hours == {
        "unscanned": 24,
        "label only": 24,
        "silent": 78,
        "second is silent": 53,
        "third is unscanned": 64,
        "first arrived": 98,
        "lost": None,
        "scanned long before": None,
        "cancelled": None,
        "not shipped": None,
        "second has a new number": 50,
        "shipped by the platform": None,
    }


@pytest.mark.django_db
def test_orders_of_before_are_in_the_pool_after_migrating() -> None:
    store = make_store()
    made = [build(store, 0, [(2, "pickup")], None, [(40, [])]), build(store, 0, [(2, "pickup"), (9, "lost")], None, [])]
    derive(*made)
    columns = Order.objects.order_by("pk").values_list("last_scan_at", "abnormal_from")
    right = list(columns)
    columns.update(last_scan_at=None, abnormal_from=None)
    fill = import_module("orders.migrations.0019_abnormal_from").fill_orders_under_way
    fill(apps, connection.schema_editor())
    assert list(columns) == right == [(NOW + 2 * HOUR, NOW + 50 * HOUR), (NOW + 9 * HOUR, None)]


@pytest.mark.django_db
def test_the_pool_of_a_store_is_two_queries(django_assert_num_queries) -> None:
    store = make_store()
    build(store, 0, [], None, [])
    in_pool_at(Order.objects.filter(store=store), NOW)
    with django_assert_num_queries(2):  # scans in the future, and the orders
        list(in_pool_at(Order.objects.filter(store=store), NOW + DAY))
