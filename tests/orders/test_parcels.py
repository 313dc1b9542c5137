"""Several parcels of an order: dispatch, further parcels, replaced numbers, what is derived (DM-17, DM-22)."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.models import Event
from orders.commands import NewParcel, add_parcel, replace_number, ship_order
from orders.models import Order, OrderLine, ReplacedShipment, Shipment
from orders.queries.parcels import numbers_of_orders, parcels_of
from orders.rules.parcels import Parcel
from stores.models import Store
from stores.principals import Person
from tests.intake.helpers import take
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, scan
from tests.orders.test_commands import export
from tests.stores.people import make_person, make_store


@pytest.fixture
def store(db: None) -> Store:
    return make_store(mode="governed")


@pytest.fixture
def seller(store: Store) -> Person:
    return Person(make_person("seller", store.company))


def paid(store: Store, **more: Any) -> Order:
    return make_order(store, paid_at=NOW - HOUR, **more)


def split(store: Store, seller: Person, at: datetime = NOW) -> Order:
    """An order in three parcels, of which the second has two of its lines."""
    order = paid(store)
    for line in (1, 2, 3):
        OrderLine.objects.create(store=store, order=order, line_no=line, sku=f"A{line}")
    parcels = [NewParcel("4PX", "A1"), NewParcel("4PX", "B2", (2, 3)), NewParcel("EMS", "C3")]
    assert ship_order(order=order, parcels=parcels, principal=seller, at=at).result == "done"
    return order


@pytest.mark.rule("DM-17", "DM-22")
def test_split_order_has_its_first_parcels_number_and_keeps_the_others(store: Store, seller: Person) -> None:
    order = split(store, seller)
    assert (order.state, order.shipped_at, order.carrier, order.tracking_no) == ("shipped", NOW, "4PX", "A1")
    assert parcels_of([order])[order.pk] == [
        Parcel(1, "4PX", "A1", NOW),
        Parcel(2, "4PX", "B2", NOW, (2, 3)),
        Parcel(3, "EMS", "C3", NOW),
    ]
    assert Event.objects.get().after == {"state": "shipped", "shipped_at": NOW.isoformat(), "parcels": 3}
    again = ship_order(order=order, carrier="4PX", tracking_no="B2", principal=seller, at=NOW + HOUR)
    other = ship_order(order=order, carrier="4PX", tracking_no="X9", principal=seller, at=NOW + HOUR)
    assert (again.result, other.result, Shipment.objects.count(), Event.objects.count()) == (
        "repeated",
        "overtaken",
        3,
        1,
    )


@pytest.mark.rule("DM-17")
def test_a_parcel_is_added_once_and_an_item_travels_once(store: Store, seller: Person) -> None:
    order = split(store, seller)
    later = NOW + DAY
    results = [
        add_parcel(order=order, parcel=parcel, principal=seller, at=later).result
        for parcel in (NewParcel("EMS", "D4", (1,)), NewParcel("EMS", "D4"), NewParcel("EMS", "E5", (2,)))
    ]
    assert results == ["done", "repeated", "overtaken"]
    assert parcels_of([order])[order.pk][-1] == Parcel(4, "EMS", "D4", later, (1,))
    assert (order.shipped_at, order.source_at) == (NOW, later)
    assert add_parcel(order=paid(store), parcel=NewParcel("EMS", "F6"), principal=seller, at=NOW).result == (
        "not_allowed"
    )
    with pytest.raises(ValueError, match="in two parcels"):
        ship_order(
            order=paid(store), parcels=[NewParcel("EMS", "G7"), NewParcel("EMS", "G7")], principal=seller, at=NOW
        )


@pytest.mark.rule("DM-17", "RL-06")
def test_replaced_numbers_keep_their_scans_and_the_second_of_two_people_is_told(store: Store, seller: Person) -> None:
    order = split(store, seller)
    scan(order, NOW + HOUR, tracking_no="B2")
    scan(order, NOW + HOUR, tracking_no="A1")

    def give(old: str, new: str) -> str:
        return replace_number(
            order=order, old=old, carrier="4PX", tracking_no=new, principal=seller, at=NOW + 2 * HOUR
        ).result.value

    assert [give("B2", "B3"), give("B2", "B3"), give("B2", "B9"), give("B3", "B4"), give("A1", "A2")] == [
        "done",
        "repeated",
        "overtaken",
        "done",
        "done",
    ]
    assert (order.tracking_no, numbers_of_orders([order])[order.pk]) == (
        "A2",
        {"A1", "A2", "B2", "B3", "B4", "C3"},
    )
    assert [(parcel.tracking_no, parcel.former) for parcel in parcels_of([order])[order.pk]] == [
        ("A2", ("A1",)),
        ("B4", ("B2", "B3")),
        ("C3", ()),
    ]
    assert dict(order.trackingevents.values_list("tracking_no", "parcel_no")) == {"A1": None, "B2": 2}
    assert give("B4", "B2") == "done"
    assert parcels_of([order])[order.pk][1].former == ("B3", "B4")
    assert ReplacedShipment.objects.count() == 3


@pytest.mark.rule("DM-17", "DM-20")
def test_delivery_is_the_last_parcels_unless_a_source_told_it(store: Store, seller: Person) -> None:
    order = split(store, seller)
    delivered = {"A1": DAY, "B2": 3 * DAY, "C3": 2 * DAY}
    found = []
    for number, after in delivered.items():
        scan(order, NOW + after + HOUR, "delivered", tracking_no=number)
        scan(order, NOW + after, "delivered", tracking_no=number)
        derive(order)
        found.append((order.state, order.delivered_at))
    assert found == [("shipped", None), ("shipped", None), ("delivered", NOW + 3 * DAY)]
    Order.objects.update(delivered_given=NOW + 9 * DAY)
    derive(order)
    assert order.delivered_at == NOW + 9 * DAY


@pytest.mark.rule("DM-17", "DM-20")
def test_a_row_with_the_orders_own_number_changes_nothing(store: Store) -> None:
    order = make_order(store, paid_at=NOW - DAY, shipped_at=NOW - HOUR, tracking_no="A1")
    Shipment.objects.create(store=store, order=order, tracking_no="A1", shipped_at=NOW)
    scan(order, NOW, "delivered", tracking_no="OTHER")
    derive(order)
    assert (order.state, order.delivered_at, order.first_scan_at) == ("delivered", NOW, NOW)
    assert [parcel.tracking_no for parcel in parcels_of([order])[order.pk]] == ["A1"]


@pytest.mark.rule("DM-17", "DM-21", "IX-03")
def test_an_export_that_names_another_parcel_undoes_no_action(store: Store, seller: Person, tmp_path: Path) -> None:
    """The source names the second parcel, then a number of its own in place of it."""
    order = split(store, seller)
    for day, number in ((1, "B2"), (2, "N9")):
        take(export(tmp_path / number, order, shipped_at=NOW.isoformat(), tracking_no=number), as_of=NOW + day * DAY)
    order.refresh_from_db()
    assert [parcel.tracking_no for parcel in parcels_of([order])[order.pk]] == ["N9", "A1", "C3"]
    assert parcels_of([order])[order.pk][0].former == ("B2",)
