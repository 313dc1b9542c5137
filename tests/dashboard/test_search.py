"""One box for order numbers, tracking numbers and buyers in all stores of a person (PG-06, RL-08)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.models import Event
from orders.models import ReplacedShipment, Shipment
from orders.queries import search
from orders.queries.search import find_orders
from stores.models import Store
from stores.roles import REVIEWER
from tests.orders.build import DAY, NOW, make_order
from tests.stores.people import client_of, make_person, make_staff, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PG-06")]


def two_stores() -> tuple[Store, Store, Client]:
    """Stores of one company, and a browser of its owner."""
    first = make_store("S1")
    second = Store.objects.create(company=first.company, store_no="S2", name="Second", opened_at=NOW - 400 * DAY)
    client = client_of(make_person("owner", first.company))
    client.cookies["language"] = "en"
    return first, second, client


def found(client: Client, text: str) -> dict[str, list[tuple[str, str]]]:
    """Order numbers and what matched, by store."""
    response: Any = client.get(reverse("dashboard:search"), {"q": text})
    assert response.status_code == 200
    return {group.number: [(row.number, row.matched) for row in group.rows] for group in response.context["groups"]}


def test_numbers_are_found_in_every_store_whatever_they_are() -> None:
    first, second, client = two_stores()
    order = make_order(first, order_no="800011", tracking_no="LP1001", shipped_at=NOW, buyer_ref="b7f3c2d1e5")
    other = make_order(second, order_no="900022", tracking_no="LP2002", shipped_at=NOW)
    ReplacedShipment.objects.create(store=first, order=order, tracking_no="OLD77", replaced_at=NOW)
    Shipment.objects.create(store=second, order=other, tracking_no="LP3003", shipped_at=NOW)
    assert found(client, "800011, lp2002") == {
        "S1": [("800011", "order number")],
        "S2": [("900022", "tracking number LP2002")],
    }
    assert found(client, "OLD77 LP3003") == {
        "S1": [("800011", "replaced tracking number OLD77")],
        "S2": [("900022", "tracking number LP3003")],
    }
    assert found(client, "b7f3c2d1") == {"S1": [("800011", "buyer b7f3c2d1…")]}
    assert found(client, "8000") == {"S1": [("800011", "order number")]}
    assert found(client, "nothing") == found(client, "") == found(client, "\x00") == {}


@pytest.mark.rule("RL-08")
def test_stores_of_others_are_searched_by_staff_alone_who_leave_a_trace() -> None:
    _first, _second, client = two_stores()
    stranger = make_store("S9")
    make_order(stranger, order_no="700077", buyer_ref="stranger01")
    assert found(client, "700077") == found(client, "stranger01") == {}
    assert found(client_of(make_staff("reviewer", REVIEWER)), "700077")["S9"]
    assert list(Event.objects.filter(kind="store.inspected").values_list("store_no", flat=True)) == ["S9"]


def test_searches_are_bounded_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, client = two_stores()
    for number in range(4):
        make_order(first, order_no=f"80001{number}")
    monkeypatch.setattr(search, "MOST_FOUND", 3)
    assert len(find_orders([first.pk, second.pk], "8000").matches) == 3
    page = client.get(reverse("dashboard:search"), {"q": "8000"})
    assert page.context["notes"] == ["Only the first 100 are shown: enter more of the number."]
    monkeypatch.setattr(search, "MOST_LOOKUPS", 2)
    assert not find_orders([first.pk, second.pk], "800010,800011").all_asked
