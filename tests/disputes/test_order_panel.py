"""The disputes of an order and the clocks of the answer (DP-01, DP-10)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from disputes.models import Dispute
from disputes.rules.windows import answer_windows
from stores.models import Store
from tests.orders.build import DAY, HOUR, NOW, make_order
from tests.stores.people import client_of, make_person, make_store

SPANS = [("golden", 24 * HOUR, None), ("late", 72 * HOUR, None), ("default", 5 * DAY, None)]
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


def states(ended_at: Any, at: Any) -> list[str]:
    return [window.state for window in answer_windows(NOW, SPANS, ended_at, at)]


@pytest.mark.rule("DP-10", "RL-05")
def test_clocks_run_one_after_the_other_and_their_last_second_is_in_time() -> None:
    assert states(None, NOW) == ["running", "ahead", "ahead"]
    assert states(None, NOW + 24 * HOUR) == ["running", "ahead", "ahead"]
    assert states(None, NOW + 24 * HOUR + SECOND) == ["missed", "running", "ahead"]
    assert states(None, NOW + 6 * DAY) == ["missed", "missed", "missed"]
    assert states(NOW + 24 * HOUR, NOW + 9 * DAY) == ["met", "met", "met"]
    assert states(NOW + 24 * HOUR + SECOND, NOW + 9 * DAY) == ["missed", "met", "met"]


@pytest.mark.rule("DP-01", "DP-10")
def test_the_panel_shows_each_dispute_with_its_clocks(store: Store) -> None:
    order = make_order(store)
    Dispute.objects.create(store=store, order=order, dispute_no="D-1", kind="quality", opened_at=NOW - 25 * HOUR)
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    address = reverse("disputes:order_panel", args=[store.store_no, order.order_no])
    with time_machine.travel(NOW, tick=False):
        page = client.get(address).content.decode()
        fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" in page
    assert "<html" not in fragment
    for words in ("D-1", "waits for your answer", "missed", "89.30\xa0%", "42.10\xa0%"):
        assert words in page, words
        assert words in fragment, words
    assert f'data-due="{int((NOW + 47 * HOUR).timestamp())}"' in fragment


@pytest.mark.rule("PG-06", "PG-22")
def test_the_order_page_comes_with_the_panel(store: Store) -> None:
    order = make_order(store)
    Dispute.objects.create(store=store, order=order, dispute_no="D-1", kind="quality", opened_at=NOW - 25 * HOUR)
    client = client_of(make_person("owner", store.company))
    with time_machine.travel(NOW, tick=False):
        page = client.get(reverse("dashboard:order", args=[store.store_no, order.order_no])).content.decode()
    assert page.count("<html") == page.count('id="order-disputes"') == 1
    assert "hx-get" not in page.split('id="order-disputes"')[1].split("</section>")[0]
    assert f'data-due="{int((NOW + 47 * HOUR).timestamp())}"' in page


@pytest.mark.rule("PG-22")
def test_an_order_without_disputes_says_so(store: Store) -> None:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    address = reverse("disputes:order_panel", args=[store.store_no, make_order(store).order_no])
    assert "No dispute" in client.get(address).content.decode()


@pytest.mark.rule("RL-08")
def test_strangers_find_no_panel(store: Store) -> None:
    order = make_order(store)
    stranger = client_of(make_person("stranger", make_store("S2").company))
    address = reverse("disputes:order_panel", args=[store.store_no, order.order_no])
    assert stranger.get(address).status_code == 404
    assert stranger.get(reverse("disputes:order_panel", args=["S2", order.order_no])).status_code == 404


def test_the_panel_costs_the_same_for_one_and_three(store: Store) -> None:
    order = make_order(store)
    client = client_of(make_person("owner", store.company))
    address = reverse("disputes:order_panel", args=[store.store_no, order.order_no])

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    def add(number: int) -> None:
        Dispute.objects.create(store=store, order=order, dispute_no=f"D{number}", kind="quality", opened_at=NOW)

    add(1)
    cost()
    one = cost()
    add(2)
    add(3)
    assert cost() == one
