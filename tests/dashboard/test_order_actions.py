"""Actions on one order or on those that are ticked, with a result for each (PG-06, DM-22, TM-02, RL-06)."""

from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from orders.commands import cancel_order
from orders.models import Order
from stores.models import Store
from stores.principals import Person
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PG-06", "DM-22")]


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    store = make_store("S1")
    Store.objects.update(mode=Store.Mode.GOVERNED)
    return store


@pytest.fixture
def seller(store: Store) -> Client:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    return client


def act(client: Client, store: Store, do: str, *numbers: str, **more: str) -> HttpResponse:
    given = {"do": do, "orders": list(numbers), "back": "/stores/S1/orders/?tab=confirm", **more}
    return client.post(reverse("dashboard:order_actions", args=[store.store_no]), given)


def results(response: Any) -> list[tuple[str, str]]:
    return [(row.number, row.word) for row in response.context["rows"]]


@pytest.mark.rule("TM-02")
def test_ticked_orders_are_confirmed_and_the_list_comes_back(store: Store, seller: Client) -> None:
    orders = [make_order(store, paid_at=NOW - HOUR) for _ in range(2)]
    response = act(seller, store, "confirm", *[order.order_no for order in orders])
    assert (response.status_code, response["Location"]) == (302, "/stores/S1/orders/?tab=confirm")
    assert set(Order.objects.values_list("dispatch_confirmed_at", flat=True)) == {NOW}


def test_a_rows_own_button_leaves_ticks_alone(store: Store, seller: Client) -> None:
    ticked, meant = (make_order(store, paid_at=NOW - HOUR) for _ in range(2))
    act(seller, store, f"confirm:{meant.order_no}", ticked.order_no)
    assert list(Order.objects.exclude(dispatch_confirmed_at=None)) == [meant]


def test_each_order_has_its_result(store: Store, seller: Client) -> None:
    fresh, late = make_order(store, paid_at=NOW - HOUR), make_order(store, paid_at=NOW - DAY)
    done = make_order(store, paid_at=NOW - HOUR, dispatch_confirmed_at=NOW - HOUR)
    response = act(seller, store, "confirm", fresh.order_no, late.order_no, done.order_no, "NOWHERE")
    assert response.status_code == 200
    assert results(response) == [
        (late.order_no, "not done"),
        (done.order_no, "done before"),
        ("NOWHERE", "not found"),
        (fresh.order_no, "done"),
    ]


@pytest.mark.rule("RL-06")
def test_who_comes_too_late_is_told_who_was_faster(store: Store, seller: Client) -> None:
    order = make_order(store, paid_at=NOW - HOUR)
    colleague = make_person("wang", store.company, "manager")
    cancel_order(order=order, cancelled_by="seller", reason="out_of_stock", principal=Person(colleague), at=NOW)
    response = act(seller, store, f"confirm:{order.order_no}")
    assert response.status_code == 409
    assert str(colleague) in response.context["rows"][0].text


def test_a_cancellation_asks_for_its_reason(store: Store, seller: Client) -> None:
    order = make_order(store, paid_at=NOW - HOUR)
    asked = act(seller, store, "cancel", order.order_no)
    assert (asked.status_code, list(asked.context["numbers"])) == (200, [order.order_no])
    assert act(seller, store, "cancel", order.order_no, asked="1", reason="other").status_code == 422
    order.refresh_from_db()
    assert order.state == "paid"
    act(seller, store, "cancel", order.order_no, asked="1", reason="other", note="lost in the warehouse")
    order.refresh_from_db()
    expected = ("cancelled", "seller", "other: lost in the warehouse")
    assert (order.state, order.cancelled_by, order.cancel_reason) == expected


def test_ticked_orders_go_to_the_page_of_dispatch(store: Store, seller: Client) -> None:
    response = act(seller, store, "dispatch", "800011", "800012")
    page = seller.get(response["Location"])
    assert page.context["given"].text == "800011\n800012"


def test_nothing_ticked_says_so_and_nobody_is_led_elsewhere(store: Store, seller: Client) -> None:
    assert act(seller, store, "confirm")["Location"] == "/stores/S1/orders/?tab=confirm"
    for back in ("https://example.com/", "//example.com/", "orders"):
        assert act(seller, store, "confirm", back=back)["Location"] == "/stores/S1/orders/"


@pytest.mark.rule("DM-11a")
def test_a_mirrored_store_changes_nothing_and_offers_no_ticks_to_confirm(store: Store, seller: Client) -> None:
    order = make_order(store, paid_at=NOW - HOUR)
    Store.objects.update(mode=Store.Mode.MIRRORED)
    assert act(seller, store, f"confirm:{order.order_no}").status_code == 409
    listed = seller.get(reverse("dashboard:orders", args=["S1"]), {"tab": "confirm"})
    assert listed.context["actions"] is None
    to_ship = seller.get(reverse("dashboard:orders", args=["S1"]), {"tab": "ship"}).context["actions"]
    assert [do for do, _label, _usual in to_ship.buttons] == ["dispatch"]
