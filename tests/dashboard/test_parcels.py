"""One order's parcels: dispatch, a further parcel, another number, each checked, all on the timeline (TM-01, DM-17)."""

from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from orders.commands import ship_order
from orders.models import Order, OrderLine, ReplacedShipment, Shipment
from stores.models import Carrier, RegisteredCarrier, Store
from stores.principals import Person
from tests.orders.build import DAY, HOUR, NOW, make_order, scan
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("PG-06", "TM-01")]
FIRST, SECOND, TYPO = "EA087230279CN", "EA087231359CN", "EA087231353CN"


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    made = make_store("S1")
    Store.objects.update(mode=Store.Mode.GOVERNED)
    Carrier.objects.update_or_create(code="EMS", defaults={"name": "EMS", "approved": True})
    RegisteredCarrier.objects.create(store=made, carrier_code="EMS", registered_at=NOW)
    made.refresh_from_db()
    return made


@pytest.fixture
def seller(store: Store) -> Client:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    return client


def give(client: Client, order: Order, do: str, number: str, **more: Any) -> HttpResponse:
    given = {"do": do, "carrier": "EMS", "number": number, **more}
    return client.post(reverse("dashboard:parcels", args=["S1", order.order_no]), given)


def shipped(store: Store) -> Order:
    order = make_order(store, paid_at=NOW - 2 * DAY)
    for number in (1, 2):
        OrderLine.objects.create(store=store, order=order, line_no=number, sku=f"SKU{number}")
    seller = Person(make_person("before", store.company))
    ship_order(order=order, carrier="EMS", tracking_no=FIRST, principal=seller, at=NOW - DAY)
    return order


def entries(client: Client, order: Order) -> list[tuple[str, str]]:
    """Title and who of what happened at NOW."""
    page = client.get(reverse("dashboard:order", args=["S1", order.order_no]))
    return [(entry.title, entry.actor) for entry in page.context["entries"] if entry.at == NOW]


def test_an_order_is_dispatched_from_its_page(store: Store, seller: Client) -> None:
    order = make_order(store, paid_at=NOW - DAY)
    assert give(seller, order, "ship", "ea 087230279 cn").status_code == 302
    order.refresh_from_db()
    assert (order.state, order.carrier, order.tracking_no, order.shipped_at) == ("shipped", "EMS", FIRST, NOW)
    assert entries(seller, order) == [("Shipped", "owner@example.com")]


def test_a_wrong_number_comes_back_with_its_mend(store: Store, seller: Client) -> None:
    order = make_order(store, paid_at=NOW - DAY)
    response: Any = give(seller, order, "ship", TYPO)
    assert response.status_code == 422
    (fault,) = response.context["parcels"].attempt.faults
    assert (fault.level, fault.word, fault.mend.text) == ("red", "Check digit wrong", SECOND)
    assert response.context["parcels"].ship["number"].value() == TYPO
    order.refresh_from_db()
    assert order.state == "paid"


@pytest.mark.rule("TM-18")
def test_a_risk_is_taken_only_knowingly(store: Store, seller: Client) -> None:
    RegisteredCarrier.objects.all().delete()
    order = make_order(store, paid_at=NOW - DAY)
    assert give(seller, order, "ship", FIRST).status_code == 422
    assert give(seller, order, "ship", FIRST, anyway="1").status_code == 302


def test_numbers_are_checked_while_somebody_types(store: Store, seller: Client) -> None:
    order = make_order(store, paid_at=NOW - DAY)
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "ship-faults"}
    address = reverse("dashboard:parcels", args=["S1", order.order_no])
    response = seller.post(address, {"do": "ship", "carrier": "EMS", "number": TYPO}, **headers)
    assert "Check digit wrong" in response.content.decode()
    assert Order.objects.get().state == "paid"


@pytest.mark.rule("DM-17")
def test_a_parcel_is_added_with_its_positions_and_a_number_replaced(store: Store, seller: Client) -> None:
    order = shipped(store)
    assert give(seller, order, "add", SECOND, lines=["2"]).status_code == 302
    assert list(Shipment.objects.filter(order=order, parcel_no=2).values_list("tracking_no", flat=True)) == [SECOND]
    assert give(seller, order, "replace", "EA087231362CN", old=FIRST).status_code == 302
    assert list(ReplacedShipment.objects.values_list("tracking_no", flat=True)) == [FIRST]
    scan(order, NOW - HOUR, "pickup", tracking_no=FIRST)
    part = seller.get(reverse("dashboard:order", args=["S1", order.order_no])).context["parcels"]
    assert [(row.title, row.tracking_no) for row in part.parcels] == [
        ("Parcel 1", "EA087231362CN"),
        ("Parcel 2", SECOND),
    ]
    assert part.parcels[0].notes[0] == f"earlier number: {FIRST}"
    assert part.parcels[1].notes == ["holds positions 2", "no scan yet"]
    assert entries(seller, order) == [
        ("Parcel 2 dispatched", "owner@example.com"),
        ("Tracking number replaced", "owner@example.com"),
    ]


@pytest.mark.rule("RL-06")
def test_who_replaces_a_number_that_is_gone_is_told_who_did(store: Store, seller: Client) -> None:
    order = shipped(store)
    give(seller, order, "replace", SECOND, old=FIRST)
    response: Any = give(seller, order, "replace", "EA087231362CN", old=FIRST)
    assert response.status_code == 409
    assert "owner@example.com" in response.context["rows"][0].text


@pytest.mark.rule("DM-11a")
def test_a_mirrored_store_and_an_analyst_have_no_forms(store: Store, seller: Client) -> None:
    order = make_order(store, paid_at=NOW - DAY)
    analyst = client_of(make_person("analyst", store.company, "analyst"))
    address = reverse("dashboard:order", args=["S1", order.order_no])
    assert analyst.get(address).context["parcels"].ship is None
    Store.objects.update(mode=Store.Mode.MIRRORED)
    part = seller.get(address).context["parcels"]
    assert (part.ship, part.on_platform) == (None, True)
    assert give(seller, order, "ship", FIRST).status_code == 409
