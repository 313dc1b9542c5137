"""The abnormal pool: the pure rule, the set-based query, and what the facts count agree (TM-03)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.dirty import mark_orders_dirty
from metrics.facts.updating import apply_dirty
from metrics.models import Problem
from orders.models import Order, OrderState
from orders.queries import in_pool_at, pool_stays
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


def build(store: Store, shipped: int | None, scans: list[tuple[int, str]], cancelled: int | None) -> Order:
    order = make_order(
        store,
        derived=False,
        created_at=NOW - 3 * DAY,
        paid_at=NOW - 3 * DAY,
        shipped_at=None if shipped is None else NOW + shipped * HOUR,
        cancelled_at=None if cancelled is None else NOW + cancelled * HOUR,
    )
    for hours, kind in scans:
        scan(order, NOW + hours * HOUR, kind)
    return order


@pytest.mark.rule("TM-03")
class PoolAgrees(TestCase):
    @settings(max_examples=60)
    @given(
        drawn=st.lists(st.tuples(st.none() | st.integers(-30, 60), histories, ends), min_size=1, max_size=4),
        after=st.integers(-10, 260),
    )
    def test_the_query_agrees_with_the_rule_and_the_facts(
        self, drawn: list[tuple[int | None, list[tuple[int, str]], int | None]], after: int
    ) -> None:
        store = make_store()
        made = [build(store, *each) for each in drawn]
        derive(*made)
        at = NOW + after * HOUR
        stays = {order.pk: pool_stays(order, list(order.trackingevents.all())) for order in made}
        wanted = {order.pk for order in made if order.state == OrderState.SHIPPED and in_pool(stays[order.pk], at)}
        assert set(in_pool_at(Order.objects.filter(store=store), at).values_list("pk", flat=True)) == wanted
        mark_orders_dirty(order_ids=[order.pk for order in made], store_id=store.pk)
        apply_dirty()
        counted = Problem.objects.filter(store=store, counter="logistics_abnormal").values_list("order_id", flat=True)
        assert set(counted) == {pk for pk, found in stays.items() if found}


@pytest.mark.django_db
def test_the_pool_of_a_store_is_one_query(django_assert_num_queries) -> None:
    store = make_store()
    build(store, 0, [], None)
    in_pool_at(Order.objects.filter(store=store), NOW)
    with django_assert_num_queries(2):  # the policy's stamp and the orders
        list(in_pool_at(Order.objects.filter(store=store), NOW + DAY))
