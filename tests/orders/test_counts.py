"""The numbers of orders that triggers keep equal a count, whatever is done to orders (PG-06)."""

from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.deleting import delete_ids
from dashboard.queries.order_tabs import PARTS, TABS
from orders.models import Order, OrderCount
from orders.queries import tab_counts
from orders.queries.counts import kept_counts, true_counts
from orders.services.counts import recount_orders, settle_counts
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, scan
from tests.stores.people import make_store

COUNTED = [tab for tab in (*TABS, *PARTS) if tab.counted]
moments = st.none() | st.integers(-100, 100).map(lambda hours: NOW + hours * HOUR)
values = st.fixed_dictionaries(
    {
        "paid_at": moments,
        "dispatch_confirmed_at": moments,
        "shipped_at": moments,
        "cancelled_at": moments,
        "ship_by_given": moments,
        "is_presale": st.booleans(),
        "tracking_no": st.sampled_from(["", "T1"]),
        "fulfilled_by": st.sampled_from(["seller", "seller", "seller", "platform"]),
    }
)
steps = st.lists(
    st.tuples(
        st.sampled_from(["make", "make", "change", "change", "scan", "delete", "move", "settle", "undo"]),
        st.integers(0, 50),
        values,
    ),
    max_size=30,
)


class CountsFollowOrders(TestCase):
    """After any sequence of changes every number that is kept is that of a count, and every tab's that of its rows."""

    @settings(max_examples=25, deadline=None)
    @given(done=steps, after=st.integers(-200_000, 400_000))
    def test_numbers_equal_a_count(self, done: list[tuple[str, int, dict[str, Any]]], after: int) -> None:
        stores = [make_store("S1"), make_store("S2")]
        for number, (step, chosen, drawn) in enumerate(done):
            change(step, chosen, drawn, stores, number)
        assert kept_counts() == true_counts()
        at = NOW + timedelta(seconds=after)
        for store in stores:
            counted = {tab.code: tab.rows(store, at).order_by().count() for tab in COUNTED}
            assert tab_counts(COUNTED, store, at) == counted
        while settle_counts(5):
            pass
        assert kept_counts() == true_counts()
        assert not OrderCount.objects.filter(slot__gt=0).exists()
        kept = kept_counts()
        recount_orders()
        assert kept_counts() == kept


def change(step: str, chosen: int, drawn: dict[str, Any], stores: list[Store], number: int) -> None:
    orders = list(Order.objects.order_by("pk"))
    if step == "settle":
        settle_counts()
    elif step == "make" or not orders:
        make_order(stores[chosen % 2], order_no=f"N{number}", **drawn)
    else:
        change_one(step, orders[chosen % len(orders)], chosen, drawn, stores)


def change_one(step: str, order: Order, chosen: int, drawn: dict[str, Any], stores: list[Store]) -> None:
    with ExitStack() as stack:
        stack.enter_context(transaction.atomic())
        if step == "scan":
            scan(order, NOW + (chosen - 40) * 2 * HOUR, ["transit", "lost", "delivered"][chosen % 3])
        elif step == "delete":
            delete_ids(Order, [order.pk])
            return
        else:
            moved = {"store": stores[chosen % 2]} if step == "move" else {}
            Order.objects.filter(pk=order.pk).update(**drawn, **moved)
        derive(order)
        transaction.set_rollback(step == "undo")


@pytest.mark.django_db
def test_many_orders_are_counted_by_one_statement() -> None:
    store = make_store("S1")
    made = [make_order(store, paid_at=NOW - DAY, order_no=f"N{number}") for number in range(30)]
    Order.objects.filter(store=store).update(state="shipped", shipped_at=NOW)
    assert kept_counts() == true_counts()
    Order.objects.filter(pk__in=[order.pk for order in made[:10]]).delete()
    assert kept_counts() == true_counts()
    assert tab_counts([tab for tab in TABS if tab.code == "transit"], store, NOW) == {"transit": 20}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_at_once_neither_wait_nor_lose_a_count() -> None:
    """On PostgreSQL both hold their changes to two stores, taken in opposite order, when each goes on: rows that both
    wrote would be a deadlock. On SQLite they take turns."""
    stores = [make_store("S1"), make_store("S2")]
    together = Barrier(2) if connection.vendor == "postgresql" else None
    failed: list[BaseException] = []

    def work(mine: list[Store], name: str) -> None:
        try:
            with transaction.atomic():
                for place, store in enumerate(mine):
                    make_order(store, order_no=f"{name}{place}", paid_at=NOW - DAY)
                    if together:
                        together.wait(20)
                settle_counts()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(stores, "A")), Thread(target=work, args=(stores[::-1], "B"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert kept_counts() == true_counts()
    assert sum(number for (_store, part, _day), number in kept_counts().items() if part == "ship") == 4
    while settle_counts():
        pass
    assert kept_counts() == true_counts()
