"""The order list: tabs, filters, search, keyset paging over ties, file, tenancy (PG-06, RL-08, RL-12, RL-14)."""

import csv
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from dashboard.queries.order_tabs import BY_CODE, TABS
from disputes.models import Dispute
from orders.models import Order, RaisedFlag, ReturnParcel
from orders.queries import EVERY, Cursor, Filters, Question, listing, page_of, search
from stores.models import Carrier, Store
from tests.orders.build import DAY, HOUR, NOW, derive, make_order
from tests.stores.people import client_of, make_person, make_store

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def seller(store: Store) -> Client:
    return english(client_of(make_person("owner", store.company)))


@pytest.fixture(autouse=True)
def frozen() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def english(client: Client) -> Client:
    client.cookies["language"] = "en"
    return client


def shown(client: Client, store: Store, **asked: str) -> list[str]:
    """The order numbers of the page, in order."""
    response = client.get(reverse("dashboard:orders", args=[store.store_no]), asked)
    assert response.status_code == 200
    return [row.number for row in response.context["rows"]]


def numbers(*orders: Order) -> list[str]:
    return [order.order_no for order in orders]


# ── Filters and search ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("PG-06")
def test_filters_narrow_by_what_the_address_says(store: Store, seller: Client) -> None:
    Carrier.objects.create(code="AE", name="AliExpress Standard")
    wanted = make_order(
        store, carrier="AE", site="ES", source="external", created_at=NOW - DAY, paid_at=NOW - DAY, shipped_at=NOW
    )
    make_order(store, carrier="OTHER", site="FR", created_at=NOW - 9 * DAY)
    today = (NOW - DAY).date().isoformat()
    for asked in (
        {"carrier": "AE"},
        {"site": "ES"},
        {"source": "external"},
        {"state": "shipped"},
        {"created_from": today},
        {"created_from": today, "created_to": today, "carrier": "AE", "site": "ES"},
    ):
        assert shown(seller, store, **asked) == numbers(wanted), asked
    assert shown(seller, store, created_to=today, carrier="AE", site="FR") == []
    assert len(shown(seller, store, source="nonsense", created_from="yesterday", tab="nowhere")) == 2


@pytest.mark.rule("DM-28")
def test_created_days_are_the_viewers(store: Store, seller: Client) -> None:
    late = make_order(store, created_at=NOW.replace(day=18, hour=16))
    make_order(store, created_at=NOW.replace(day=18, hour=15, minute=59, second=59))
    assert shown(seller, store, created_from="2026-11-19", created_to="2026-11-19") == numbers(late)


@pytest.mark.rule("PG-06")
def test_numbers_are_found_by_their_beginning_in_any_tab(store: Store, seller: Client) -> None:
    first = make_order(store, order_no="AB-100", tracking_no="LP999")
    second = make_order(store, order_no="AB-101", created_at=NOW - DAY)
    make_order(store, order_no="ab-102")
    make_order(make_store("S2"), order_no="AB-103")
    assert shown(seller, store, number="AB-", tab="ship") == numbers(second, first)
    assert shown(seller, store, number=" AB-101 ") == numbers(second)
    assert shown(seller, store, number="LP99") == numbers(first)
    assert shown(seller, store, number="B-1") == shown(seller, store, number="AB-1%") == []
    assert shown(seller, store, number="AB-", state="paid") == []


def test_a_search_with_too_many_answers_says_so(store: Store, seller: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    for _ in range(3):
        make_order(store)
    response = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"number": "N"})
    assert len(response.context["rows"]) == 2
    assert "enter more of the number" in response.content.decode()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "query",
    [
        "?earlier=x",
        "?later=99999999999999.1",
        "?earlier=1.2.3",
        "?earlier=-1.1",
        "?number=%00",
        "?carrier=%00",
        "?site=%F0%9F%98%80",
        "?sort=-nonsense",
        "?created_from=0001-01-01&created_to=9999-12-31",
        "?tab=%00",
    ],
)
def test_nonsense_in_the_address_is_a_page(store: Store, seller: Client, query: str) -> None:
    make_order(store)
    assert seller.get(reverse("dashboard:orders", args=[store.store_no]) + query).status_code == 200


# ── Paging ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def walk(question: Question, onward: str) -> list[list[str]]:
    """Every page from the first on, following the cursor of that name."""
    pages = []
    while True:
        page = page_of(question)
        pages.append([row.order.order_no for row in page.rows])
        cursor = getattr(page, onward)
        if not cursor:
            return pages
        read = Cursor.parse(cursor, None) if onward == "earlier" else Cursor.parse(None, cursor)
        question = Question(question.store, question.tab, question.at, question.filters, question.descending, read)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("tab", ["all", "ship", "transit", "dispute"])
def test_pages_over_ties_show_every_order_once_both_ways(
    store: Store, monkeypatch: pytest.MonkeyPatch, tab: str, descending: bool
) -> None:
    monkeypatch.setattr(listing, "PAGE", 3)
    made = []
    for number in range(11):
        moment = NOW - 3 * DAY + (number // 4) * HOUR
        shipped = moment if tab == "transit" else None
        order = make_order(store, created_at=moment, paid_at=moment, shipped_at=shipped)
        Dispute.objects.create(store=store, order=order, dispute_no=f"D{number}", kind="quality", opened_at=moment)
        made.append(order)
    expected = [order.order_no for order in (reversed(made) if descending else made)]
    question = Question(store, BY_CODE[tab], NOW, Filters(), descending)
    pages = walk(question, "earlier" if descending else "later")
    assert [len(page) for page in pages] == [3, 3, 3, 2]
    assert [number for page in pages for number in page] == expected
    last = page_of(question)
    for _ in pages[1:]:
        name = "earlier" if descending else "later"
        cursor = Cursor.parse(**{"earlier": None, "later": None, name: getattr(last, name)})
        last = page_of(Question(store, BY_CODE[tab], NOW, Filters(), descending, cursor))
    seen = [[row.order.order_no for row in last.rows]]
    back = "later" if descending else "earlier"
    while getattr(last, back):
        cursor = Cursor.parse(**{"earlier": None, "later": None, back: getattr(last, back)})
        last = page_of(Question(store, BY_CODE[tab], NOW, Filters(), descending, cursor))
        seen.append([row.order.order_no for row in last.rows])
    assert [page for page in seen if page] == list(reversed(pages))


def test_a_filter_no_index_serves_looks_so_far_and_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_SIFTED", 4)
    made = [make_order(store, created_at=NOW - DAY, site="CL" if number in {0, 9} else "ES") for number in range(10)]
    question = Question(store, EVERY, NOW, Filters(site="CL"), True)
    assert page_of(question).sifted_to == NOW - DAY
    pages = walk(question, "earlier")
    assert [number for page in pages for number in page] == numbers(made[9], made[0])


@given(key=st.integers(0, 2**33), tie=st.integers(0, 10**9), later=st.booleans())
def test_cursors_read_what_they_write(key: int, tie: int, later: bool) -> None:
    text = f"{key}.{tie}"
    cursor = Cursor.parse(None, text) if later else Cursor.parse(text, None)
    assert cursor is not None
    assert (listing._place(cursor.key, cursor.tie), cursor.later) == (text, later)


# ── Fragment, file, cost, tenancy ──────────────────────────────────────────────────────────────────────────────────


def test_the_same_address_gives_htmx_the_fragment(store: Store, seller: Client) -> None:
    address = reverse("dashboard:orders", args=[store.store_no])
    make_order(store)
    fragment = seller.get(address, headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert 'id="orders"' in fragment.content.decode()
    assert "HX-Request" in fragment["Vary"]
    assert (
        "<html"
        in seller.get(address, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}).content.decode()
    )


@pytest.mark.rule("RL-12", "RL-14")
def test_the_file_holds_the_shown_list_without_addresses(store: Store, seller: Client) -> None:
    make_order(store, order_no="=1+1", ship_address="Calle Secreta 1", buyer_ip_hash="hash", site="ES")
    make_order(store, order_no="plain", ship_address="Calle Secreta 2", site="FR", created_at=NOW - DAY)
    response = seller.get(
        reverse("dashboard:orders_file", args=[store.store_no, "csv"]), {"site": "ES", "form": "machine"}
    )
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    assert [(row["order_no"], row["total_amount"], row["created_at"]) for row in rows] == [
        ("'=1+1", "20.0000", "2026-11-18T12:00:00+08:00")
    ]
    assert "Secreta" not in text
    assert "hash" not in text
    assert response["Content-Disposition"] == 'attachment; filename="orders-all-20261120.csv"'


@pytest.mark.sqlite_only
@pytest.mark.parametrize("tab", [tab.code for tab in TABS])
def test_a_page_costs_the_same_queries_for_one_and_three_orders(store: Store, seller: Client, tab: str) -> None:
    def add() -> None:
        order = make_order(store, paid_at=NOW - HOUR, created_at=NOW - HOUR)
        gone = make_order(store, paid_at=NOW - 9 * DAY, shipped_at=NOW - 5 * DAY, confirmed_at=None)
        Order.objects.filter(pk=gone.pk).update(created_at=NOW - DAY)
        derive(gone)
        for number, each in enumerate((order, gone)):
            key = f"{each.order_no}-{number}"
            Dispute.objects.create(store=store, order=each, dispute_no=key, kind="quality", opened_at=NOW)
            ReturnParcel.objects.create(store=store, order=each, return_no=key, received_at=NOW - HOUR)
        RaisedFlag.objects.create(store=store, order=gone, code="stalled_72h", since=NOW - DAY, raised_at=NOW)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert shown(seller, store, tab=tab)
        return len(queries)

    add()
    shown(seller, store, tab=tab)
    one = cost()
    add()
    add()
    assert cost() == one
    assert one <= 40


@pytest.mark.rule("RL-08")
@pytest.mark.parametrize("name", ["orders", "orders_file"])
def test_lists_are_the_stores_peoples_alone(store: Store, name: str) -> None:
    stranger = client_of(make_person("stranger", make_store("S2").company))
    suffix = ["csv"] if name == "orders_file" else []
    address = reverse(f"dashboard:{name}", args=[store.store_no, *suffix])
    missing = reverse(f"dashboard:{name}", args=["nowhere", *suffix])
    assert stranger.get(address).status_code == stranger.get(missing).status_code == 404
    assert client_of(None).get(address).status_code == 302
    assert client_of(make_person("analyst", store.company, "analyst")).get(address).status_code == 200
    assert client_of(make_person("owner", store.company)).post(address).status_code == 405


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-22")
@pytest.mark.parametrize("tab", [*BY_CODE])
def test_empty_tabs_say_what_would_stand_there(store: Store, seller: Client, tab: str) -> None:
    response = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": tab})
    assert 'class="empty"' in response.content.decode()
    filtered = seller.get(reverse("dashboard:orders", args=[store.store_no]), {"tab": tab, "site": "ES"})
    assert "Clear the filters" in filtered.content.decode()


@pytest.mark.parametrize(
    ("asked", "tab"),
    [
        ({}, "ship"),
        ({"sort": "-ship"}, "ship"),
        ({"tab": "all"}, "all"),
        ({"site": "ES"}, "all"),
        ({"tab": "ship", "number": "N"}, "all"),
        ({"tab": "gone"}, "ship"),
    ],
)
def test_the_list_opens_on_what_is_to_be_shipped(store: Store, seller: Client, asked: dict[str, str], tab: str) -> None:
    shown = seller.get(reverse("dashboard:orders", args=[store.store_no]), asked).context
    assert shown["tab"].code == tab
