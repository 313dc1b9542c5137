"""The funds page: what comes when, what is held and what lifts it, what was released, how long it takes (PG-13)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from disputes.models import Dispute
from orders.models import Order, Settlement
from stores.models import FxRate, Store
from tests.orders.build import DAY, NOW, make_order
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("PG-13", "TM-04")]


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    for currency, rate in (("CNY", "0.125"), ("EUR", "1.25")):
        FxRate.objects.create(currency=currency, day=(NOW - 30 * DAY).date(), usd_rate=Decimal(rate))
    return make_store(mode="governed")


def delivered(store: Store, days: int, **more: Any) -> Order:
    at = NOW - days * DAY
    return make_order(store, created_at=at - 9 * DAY, paid_at=at - 9 * DAY, delivered_given=at, **more)


def settle(order: Order, **more: Any) -> None:
    Settlement.objects.create(
        store=order.store, order=order, amount=order.total_amount, currency=order.currency, **more
    )


@pytest.fixture
def client(store: Store) -> Client:
    client = client_of(make_person("owner", store.company))
    client.cookies["language"] = "en"
    return client


def page(client: Client, store: Store) -> Any:
    response = client.get(reverse("dashboard:funds", args=[store.store_no]))
    assert response.status_code == 200
    return response


def days(found: Any) -> list[Any]:
    return [
        (
            day.at,
            [(row.amount.replace("\u00a0", " "), row.orders) for row in day.amounts],
            day.cny.replace("\u00a0", " "),
        )
        for day in found
    ]


def test_the_calendar_says_what_comes_when_by_currency(client: Client, store: Store) -> None:
    for currency, total in (("USD", 20), ("USD", 5), ("EUR", 8)):
        delivered(store, 2, currency=currency, total_amount=Decimal(total), total_usd=Decimal(total))
    delivered(store, 6)
    settle(delivered(store, 3), held_reason="in_dispute", held_since=NOW)
    settle(delivered(store, 4), released_at=NOW - timedelta(hours=1))
    delivered(store, 9)
    ten = NOW.replace(hour=10)
    assert days(page(client, store).context["coming"]) == [
        (ten + DAY, [("20.00 USD", 1)], "160.00 CNY"),
        (ten + 5 * DAY, [("8.00 EUR", 1), ("25.00 USD", 2)], "280.00 CNY"),
    ]


def test_held_funds_say_why_and_what_lifts_it(client: Client, store: Store) -> None:
    order = delivered(store, 8)
    Dispute.objects.create(store=store, order=order, dispute_no="D1", kind="quality", opened_at=NOW - DAY)
    settle(order, held_reason="in_dispute", held_since=NOW - DAY)
    shown = page(client, store)
    assert [(row.order_no, row.why, row.lifted) for row in shown.context["held"]] == [
        (order.order_no, "a dispute is open", "Released when the dispute is closed.")
    ]
    assert shown.context["held_total"].replace("\u00a0", " ") == "160.00 CNY"
    Store.objects.update(mode="mirrored")
    Settlement.objects.update(held_reason="payment under check")
    mirrored = page(client, store)
    assert [row.why for row in mirrored.context["held"]] == ["payment under check"]
    assert "The platform decides" in mirrored.content.decode()


def test_releases_of_the_last_days_stand_by_day_at_that_days_rate(client: Client, store: Store) -> None:
    FxRate.objects.create(currency="CNY", day=(NOW - DAY).date(), usd_rate=Decimal("0.1"))
    for released in (1, 3):
        settle(delivered(store, 10), released_at=NOW - released * DAY)
    settle(delivered(store, 40), released_at=NOW - 33 * DAY)
    shown = days(page(client, store).context["released"])
    midnight = NOW.replace(hour=0)
    assert shown == [
        (midnight - DAY, [("20.00 USD", 1)], "200.00 CNY"),
        (midnight - 3 * DAY, [("20.00 USD", 1)], "160.00 CNY"),
    ]


def test_a_store_without_funds_says_what_would_be_here(client: Client, store: Store) -> None:
    text = page(client, store).content.decode()
    for words in ("Nothing is on its way", "No funds are held", "Nothing was released"):
        assert words in text
