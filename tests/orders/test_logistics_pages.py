"""The abnormal pool and the logistics of an order as pages (TM-03, TM-11)."""

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.models import LogisticsClaim, Order
from orders.queries.abnormal import abnormal_pool
from stores.models import Store
from tests.evidence.files import pdf
from tests.orders.build import DAY, HOUR, NOW, derive, make_order, scan
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.usefixtures("travelled")]


@pytest.fixture
def travelled() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def store() -> Store:
    return make_store(mode="governed")


@pytest.fixture
def seller(store: Store) -> Client:
    return client_of(make_person("seller", store.company))


def shipped(store: Store, at: datetime = NOW - 3 * DAY, **more: Any) -> Order:
    return make_order(
        store, **{"paid_at": at, "created_at": at, "shipped_at": at, "carrier": "YANWEN", "tracking_no": "UB1", **more}
    )


@pytest.mark.rule("TM-03")
def test_pool_shows_the_longest_silent_first(store: Store, seller: Client) -> None:
    silent, unscanned, fresh = shipped(store), shipped(store, NOW - 4 * DAY), shipped(store)
    scan(silent, NOW - 50 * HOUR, place="SZX")
    scan(fresh, NOW - HOUR)
    derive(silent, fresh)
    shipped(make_store("S2"))
    pool = abnormal_pool(store, NOW)
    assert [(row.order, row.silent_since) for row in pool.rows] == [
        (unscanned, NOW - 4 * DAY),
        (silent, NOW - 50 * HOUR),
    ]
    page = seller.get(reverse("orders:logistics", args=[store.store_no])).content.decode()
    assert page.index(unscanned.order_no) < page.index(silent.order_no)
    assert (fresh.order_no in page, "SZX" in page) == (False, True)


def page_of(order: Order) -> str:
    return reverse("orders:order_logistics", args=[order.store.store_no, order.order_no])


@pytest.mark.rule("TM-03")
def test_order_keeps_that_it_was_in_the_pool(store: Store, seller: Client) -> None:
    order = shipped(store)
    entered, left = "2026-11-18 12:00", "2026-11-20 11:00"
    held = seller.get(page_of(order)).content.decode().partition('class="stays"')[2].partition("</ul>")[0]
    assert (entered in held, left in held) == (True, False)
    scan(order, NOW - HOUR)
    derive(order)
    past = seller.get(page_of(order)).content.decode().partition('class="stays"')[2].partition("</ul>")[0]
    assert (entered in past, left in past) == (True, True)


@pytest.mark.rule("TM-11")
def test_proof_is_handed_in_withdrawn_and_handed_in_again(store: Store, seller: Client) -> None:
    order = shipped(store)
    sent = {"do": "hand_in", "kind": "pickup", "tracking_no": "UB1", "happened_at": "2026-11-18T10:00"}
    for _time in range(2):
        file = SimpleUploadedFile("receipt.pdf", pdf("receipt"), "application/pdf")
        answer = seller.post(page_of(order), {**sent, "files": file}, follow=True)
        row = LogisticsClaim.objects.latest("pk")
        assert (answer.status_code, row.state, row.files.get().name) == (200, "open", "receipt.pdf")
        assert "receipt.pdf" in answer.content.decode()
        assert seller.post(page_of(order), {"do": "withdraw", "claim": row.pk}).status_code == 302
    again = seller.post(page_of(order), {"do": "withdraw", "claim": row.pk})
    assert (again.status_code, LogisticsClaim.objects.filter(state="withdrawn").count()) == (409, 2)


@pytest.mark.rule("TM-11")
def test_what_is_refused_says_why_and_keeps_the_form(store: Store, seller: Client) -> None:
    order = shipped(store)
    sent = {"do": "hand_in", "kind": "pickup", "tracking_no": "UB1", "happened_at": "2026-11-30T10:00"}
    answer = seller.post(page_of(order), {**sent, "statement": "Kept words"})
    text = answer.content.decode()
    assert (answer.status_code, "Kept words" in text) == (422, True)
    assert not LogisticsClaim.objects.exists()


def test_mirrored_store_is_told_where_to_do_it(seller: Client, store: Store) -> None:
    order = shipped(store)
    Store.objects.update(mode="mirrored")
    text = seller.get(page_of(order)).content.decode()
    assert ("UB1" in text, 'name="files"' in text) == (True, False)
