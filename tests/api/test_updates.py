"""Programs keep in step by asking for the orders that were updated since the last time (IX-22)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread, Timer
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from api.queries import orders as order_queries
from intake.personal.buyers import erase_buyer
from orders.commands import confirm_dispatch
from orders.models import Order
from orders.updates import note_updates
from stores.models import Membership, Store
from stores.principals import Person
from tests.api.programs import owner_of
from tests.api.pushing import NOW, make_store, order, put, verdicts, writer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("day_of_pushes"), pytest.mark.rule("IX-22")]
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
AGES = "2000-01-01T00:00:00Z"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was just updated is told, without the pause that others may need to commit."""
    monkeypatch.setattr(order_queries, "SETTLING", -5)


def updated(client: Client, since: str, **query: Any) -> tuple[list[list[str]], str]:
    """The numbers on each page, and the instant for the next time."""
    pages, cursor, until = [], "", ""
    while cursor is not None:
        response = client.get("/api/v1/stores/S1/orders", {"updated_since": since, "cursor": cursor, **query})
        assert response.status_code == 200, response.content
        page = response.json()
        pages.append([item["order_no"] for item in page["items"]])
        cursor, until = page["next_cursor"], page["updated_until"]
    return pages, until


def age(**orders: Any) -> None:
    """As if these orders, or all, had not been updated for long."""
    Order.objects.filter(**orders).update(updated_at=LONG_AGO)


CHILDREN = {
    "order-lines": {"line_no": 1, "sku": "LAMP"},
    "shipments": {"tracking_no": "LP1", "carrier": "YANWEN"},
    "tracking-events": {"at": "2026-11-22T10:00:00Z", "kind": "transit"},
    "reviews": {"created_at": "2026-11-29T10:00:00Z", "described": 2, "kind": "buyer"},
    "disputes": {"dispute_no": "D1", "opened_at": "2026-11-29T10:00:00Z", "kind": "not_received", "state": "open"},
    "refunds": {"refund_no": "R1", "requested_at": "2026-11-29T10:00:00Z", "full": False},
    "returns": {"return_no": "B1", "shipped_back_at": "2026-11-29T10:00:00Z"},
}


@pytest.mark.parametrize("resource", ["orders", *CHILDREN])
def test_whatever_an_order_shows_updates_it_and_the_same_again_does_not(client, resource):
    others = put(client, "S1", "orders", order("1"), order("2"))
    assert verdicts(others) == ["new", "new"]
    age()
    row = (
        order("1", paid_at="2026-11-20T11:00:00Z") if resource == "orders" else {"order_no": "1", **CHILDREN[resource]}
    )
    assert verdicts(put(client, "S1", resource, row)) == ["changed" if resource == "orders" else "new"]
    assert Order.objects.get(order_no="1").updated_at > LONG_AGO
    age()
    assert verdicts(put(client, "S1", resource, row)) == ["same"]
    later = {"exported_at": "2026-11-30T11:59:59Z"}
    assert verdicts(put(client, "S1", resource, row, **later)) == ["older"]
    assert set(Order.objects.values_list("updated_at", flat=True)) == {LONG_AGO}


@pytest.mark.sqlite_only
def test_newer_export_of_the_same_row_updates_nothing(client):
    put(client, "S1", "orders", order("1"), exported_at="2026-11-30T10:00:00Z")
    age()
    assert verdicts(put(client, "S1", "orders", order("1"), exported_at="2026-11-30T11:00:00Z")) == ["same"]
    assert Order.objects.get().updated_at == LONG_AGO


def act(store: Store) -> None:
    owner_of(store.company)
    membership = Membership.objects.get()
    principal = Person(membership.user)
    found = Order.objects.select_related("store").get()
    assert confirm_dispatch(order=found, principal=principal, at=NOW).holds


def erase(store: Store) -> None:
    erase_buyer(company=store.company, reference="buyer-1", actor="test", at=NOW)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("change", [act, erase])
def test_commands_and_erasure_update_an_order(change: Callable[[Store], None]):
    store = make_store(mode=Store.Mode.GOVERNED)
    put(writer(store), "S1", "orders", order("1", paid_at="2026-11-30T10:00:00Z", buyer_ref="buyer-1"))
    age()
    change(store)
    assert Order.objects.get().updated_at > LONG_AGO


def test_each_time_tells_what_was_updated_since_the_last(client, at_once):
    put(client, "S1", "orders", *(order(str(number)) for number in range(1, 6)))
    for seconds, number in enumerate("4321"):
        Order.objects.filter(order_no=number).update(updated_at=LONG_AGO + timedelta(seconds=seconds))
    # As it is from before updates were kept.
    Order.objects.filter(order_no="5").update(updated_at=None)
    assert updated(client, AGES, limit=2)[0] == [["4", "3"], ["2", "1"]]
    assert updated(client, "2001-01-01T00:00:02Z")[0] == [["2", "1"]]
    assert updated(client, "2001-01-01T00:01:00Z")[0] == [[]]
    late = {"cancelled_at": "2026-11-29T10:00:00Z"}
    put(client, "S1", "orders", order("2"), order("3", **late), order("5", **late))
    [told], until = updated(client, "2001-01-01T00:01:00Z")
    assert sorted(told) == ["3", "5"]
    assert [sorted(page) for page in updated(client, AGES, state="cancelled")[0]] == [["3", "5"]]
    assert updated(client, AGES, created_from="2026-11-21T00:00:00Z")[0] == [[]]
    assert updated(client, until)[0] == [[]]


@pytest.mark.sqlite_only
def test_what_was_just_updated_is_told_a_moment_later(client):
    put(client, "S1", "orders", order("1"))
    pages, until = updated(client, AGES)
    assert pages == [[]]
    Order.objects.update(updated_at=until)
    assert updated(client, until)[0] == [[]]
    Order.objects.update(updated_at=LONG_AGO)
    assert updated(client, AGES)[0] == [["1"]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.clock
def test_update_that_commits_late_is_told(client, monkeypatch):
    monkeypatch.setattr(order_queries, "SETTLING", 0)
    put(client, "S1", "orders", order("1"))
    age()
    updating, may_commit = Event(), Event()

    def update_slowly() -> None:
        try:
            with transaction.atomic():
                note_updates([Order.objects.get().pk])
                updating.set()
                may_commit.wait(30)
        finally:
            connection.close()

    writing = Thread(target=update_slowly)
    writing.start()
    assert updating.wait(30)
    # By now the update's instant has passed. SQLite lets the request wait for the commit.
    assert not may_commit.wait(1.5)
    Timer(0.5, may_commit.set).start()
    told, until = updated(client, "2001-01-01T00:00:01Z")
    may_commit.wait(30)
    writing.join()
    later, _until = updated(client, until)
    monkeypatch.setattr(order_queries, "SETTLING", -5)
    later_still, _until = updated(client, until)
    assert ["1"] in (*told, *later, *later_still)
