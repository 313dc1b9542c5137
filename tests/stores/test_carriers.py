"""The register of a store's carriers: who changes it, that it is on record, what the page shows (TM-18)."""

import threading

import pytest
from django.db import connection
from django.urls import reverse

from core.models import Event
from orders.queries.number_checks import NumberRow, check_numbers
from orders.rules.tracking_numbers import Code
from stores.models import Carrier, RegisteredCarrier, Store
from stores.services import register_carrier, unregister_carrier
from tests.notifications.pages import english, words_of
from tests.orders.build import HOUR, NOW, make_order
from tests.stores.people import client_of, make_person, make_store

pytestmark = pytest.mark.rule("TM-18")


@pytest.fixture
def store(db: None) -> Store:
    Carrier.objects.update_or_create(code="ROAD", defaults={"name": "Road Post", "approved": False})
    return make_store(mode="governed")


def test_registering_and_taking_off_are_recorded_once(store: Store) -> None:
    given = {"store": store, "carrier_code": "EMS", "actor": "person:1"}
    results = [
        register_carrier(**given, at=NOW),
        register_carrier(**given, at=NOW + HOUR),
        unregister_carrier(**given, at=NOW + HOUR),
        unregister_carrier(**given, at=NOW + HOUR),
    ]
    assert results == [True, False, True, False]
    events = Event.objects.order_by("pk").values_list("kind", "subject_key", "actor", "after", "at")
    assert list(events) == [
        ("carrier.registered", "S1", "person:1", {"carrier": "EMS"}, NOW),
        ("carrier.unregistered", "S1", "person:1", {"carrier": "EMS"}, NOW + HOUR),
    ]


def test_carriers_are_flagged_until_they_are_registered_and_approved(store: Store) -> None:
    def codes(carrier: str) -> list[Code]:
        return [one.code for one in check_numbers(store, [NumberRow(carrier, "LP00123456789012")])[0]]

    found = [codes("AE_STANDARD"), codes("ROAD"), codes("NEW"), codes("")]
    register_carrier(store=store, carrier_code="AE_STANDARD", actor="person:1", at=NOW)
    assert [*found, codes("AE_STANDARD")] == [
        [Code.CARRIER_UNREGISTERED],
        [Code.CARRIER_UNAPPROVED, Code.CARRIER_UNREGISTERED],
        [Code.CARRIER_UNKNOWN, Code.CARRIER_UNREGISTERED],
        [Code.CARRIER_MISSING],
        [],
    ]


@pytest.mark.sqlite_only
def test_the_page_names_what_is_under_way_and_managers_register_it(store: Store) -> None:
    make_order(store, paid_at=NOW - HOUR, shipped_at=NOW, carrier="ROAD", tracking_no="R1")
    url = reverse("dashboard:carrier_register", args=["S1"])
    manager = english(client_of(make_person("manager", store.company, "manager")))
    analyst = client_of(make_person("analyst", store.company, "analyst"))
    shown = words_of(manager.get(url).content.decode())
    assert "Under way, not registered 1 Road Post ROAD not approved 1 order under way Register" in shown
    assert analyst.post(url, {"register": "ROAD"}).status_code == 403
    assert "<form" not in analyst.get(url).content.decode().split("<main")[1].split("</main")[0]
    assert manager.post(url, {"register": "ROAD"}).status_code == 302
    assert manager.post(url, {"register": "NONSENSE"}).status_code == 422
    shown = words_of(manager.get(url).content.decode())
    assert ("Under way, not registered" in shown, "Road Post ROAD not approved since" in shown) == (False, True)
    assert manager.post(url, {"remove": "ROAD"}).status_code == 302
    assert not RegisteredCarrier.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_register_a_carrier_once() -> None:
    store, results, start = make_store(), [], threading.Barrier(2)

    def work(actor: str) -> None:
        start.wait()
        try:
            results.append(register_carrier(store=store, carrier_code="EMS", actor=actor, at=NOW))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=[f"person:{number}"]) for number in (1, 2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert (sorted(results), Event.objects.count()) == ([False, True], 1)
