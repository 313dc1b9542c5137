"""The page of reply templates (PN-15)."""

import pytest
from django.test import Client
from django.urls import reverse

from dashboard.presenters.tools import replies_for
from tests.notifications.pages import english, words_of
from tests.orders.build import make_order
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-15")]


@pytest.fixture
def browser(db: None) -> Client:
    store = make_store("S1")
    make_order(store, order_no="O1", site="ES", tracking_no="LP1")
    make_order(make_store("S2"), order_no="FOREIGN", site="FR", tracking_no="LP2")
    return english(client_of(make_person("owner", store.company)))


def page_of(browser: Client, **query: str) -> str:
    response = browser.get(reverse("dashboard:replies", args=["S1"]), query)
    assert response.status_code == 200
    return words_of(response.content.decode())


def test_reply_is_written_in_the_language_of_an_orders_buyer_with_its_numbers(browser: Client) -> None:
    text = page_of(browser, about="shipping", order="O1")
    assert "gracias por su paciencia con el pedido O1. Está en camino con el número LP1" in text
    assert "Здравствуйте! Спасибо за терпение. Заказ O1" in page_of(
        browser, about="shipping", order="O1", language="ru"
    )


@pytest.mark.parametrize("number", ["FOREIGN", "nothing", "\x00"])
def test_order_that_is_not_the_stores_is_said_to_be_unknown(browser: Client, number: str) -> None:
    text = page_of(browser, order=number)
    assert "No order of this store has that number." in text
    assert "LP2" not in text
    assert "we are sorry that order [order_no] has not reached you" in text


@pytest.mark.parametrize(
    ("reasons", "subjects"),
    [
        (["dispute.chargeback", "dispute.quality", "dispute.unknown"], ["quality", "claim"]),
        (["described.3", "review.1", "communication.2"], ["described", "communication"]),
        (["delivered_late", "shipped_late"], ["shipping"]),
        (["shipped_late", "cancelled", ""], []),
    ],
)
def test_reasons_call_for_replies(reasons: list[str], subjects: list[str]) -> None:
    assert replies_for(reasons) == subjects
