"""What sellers see of corrections and protected events (BX-01, BX-03)."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from appeals.services.correcting import withdraw_correction
from orders.models import Order
from stores.models import Store
from tests.appeals.corrected import DECIDED, accept, judged, late_orders, make_store
from tests.appeals.test_protecting import applied, draft
from tests.outbox import deliver
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with time_machine.travel(DECIDED + timedelta(hours=1), tick=False):
        yield


def browser_of(store: Store) -> Client:
    client = client_of(make_person("owner", store.company, "owner"))
    client.cookies["language"] = "en"
    return client


def shown(client: Client, name: str, store: Store, *more: object, **query: object) -> str:
    response = client.get(f"{reverse(name, args=[store.store_no, *more])}?{urlencode(query)}")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.rule("BX-03", "AP-05")
def test_page_says_what_an_accepted_appeal_corrected_and_lists_every_value():
    store = make_store()
    notice = judged(store)
    appeal = accept(store, late_orders(store)[:3], notice=notice)
    deliver()
    client = browser_of(store)
    page = shown(client, "appeals:correction", store, appeal.number)
    assert (
        f"Notice {notice.number} is closed: Late dispatch of 2026-03-10 was corrected from 6.67 % to 1.67 %."
        " It concerns 3 orders."
    ) in page
    assert "4 ÷ 60 = 6.67 %" in page
    assert "1 ÷ 60 = 1.67 %" in page
    assert "not on the record" in page

    def file_of(place: int, suffix: str):
        address = reverse("appeals:correction_file", args=[store.store_no, appeal.number, place, suffix])
        return client.get(address, {"form": "machine"})

    lines = file_of(1, "csv").getvalue().decode("utf-8-sig").splitlines()
    assert lines[1].split(",")[:6] == ["2026-03-10", "late_dispatch", "4", "60", "0.0666666667", "red"]
    assert file_of(2, "csv").status_code == 404
    page = shown(client, "dashboard:notice", store, notice.number)
    assert "4 ÷ 60 = 6.67 %" in page
    assert "1 ÷ 60 = 1.67 %" in page
    withdraw_correction(appeal=appeal, at=DECIDED, actor="person:1")
    page = shown(client, "appeals:correction", store, appeal.number)
    assert "The correction was taken back: 3 orders count as before." in page
    assert "1 ÷ 60 = 1.67 %" in shown(client, "appeals:correction", store, appeal.number, place=1)
    assert appeal.number in shown(client, "appeals:correction", store, appeal.number, place="9" * 5000)


@pytest.mark.rule("BX-01")
def test_sellers_see_which_events_protect_which_orders_and_why():
    store = make_store()
    event = draft(extend_hours=24, metrics=["slow_fulfilment"])
    judged(store)
    client = browser_of(store)
    assert "No protected events" in shown(client, "appeals:events", store)
    applied(event)
    page = shown(client, "appeals:events", store)
    for text in (
        "Strike",
        "The carrier collected nothing.",
        "24 hours more for dispatch",
        "no failure of: Slow fulfilment",
        "4 orders",
    ):
        assert text in page
    numbers = [order.order_no for order in late_orders(store)]
    listed = shown(client, "dashboard:orders", store, tab="all", protected=event.number)
    assert "Shown are only the orders that Strike protects." in listed
    assert [number in listed for number in numbers] == [True] * 4
    assert "S1-10" not in listed
    order = Order.objects.get(order_no=numbers[0])
    page = shown(client, "dashboard:order", store, order.order_no)
    assert "24 hours more for dispatch" in page
    assert "The carrier collected nothing." in page
    problems = shown(client, "dashboard:metric", store, "late_dispatch", day="2026-03-11")
    assert "Protected: <a" in problems


@pytest.mark.rule("BX-01", "RL-08")
def test_orders_of_an_event_that_never_met_the_store_are_not_asked_for():
    store, other = make_store(), make_store("S2")
    event = draft(metrics=["late_dispatch"])
    judged(store)
    Order.objects.filter(store=other).delete()
    applied(event)
    client = browser_of(other)
    assert "Strike" not in shown(client, "dashboard:orders", other, tab="all", protected=event.number)
    assert client.get(reverse("appeals:correction", args=["S2", event.number])).status_code == 404
