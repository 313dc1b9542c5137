"""Programs read orders page by page, one order with all of it, and problem orders with reasons (IX-22)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from api.queries import orders as order_queries
from metrics.services.refresh import refresh_figures
from orders.models import Order
from tests.api.programs import api_client, token_for
from tests.api.pushing import NOW, order, put, verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("day_of_pushes"), pytest.mark.rule("IX-22")]


def get(client: Client, address: str, **query: Any) -> Any:
    response = client.get(f"/api/v1/stores/S1/{address}", query)
    assert response.status_code == 200, response.content
    return response.json()


def numbers(page: Any) -> list[str]:
    return [item["order_no"] for item in page["items"]]


def walk(client: Client, **query: Any) -> list[list[str]]:
    """The numbers on each page."""
    pages, cursor = [], ""
    while cursor is not None:
        page = get(client, "orders", cursor=cursor, **query)
        pages.append(numbers(page))
        cursor = page["next_cursor"]
    return pages


def at_hour(hour: int) -> str:
    return (datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hour)).isoformat()


def test_pages_follow_creation_and_stay_where_they_are_while_orders_come_in(client):
    put(client, "S1", "orders", *(order(str(hour), created_at=at_hour(hour)) for hour in range(1, 6)))
    put(client, "S1", "orders", order("6", created_at=at_hour(5)))
    first = get(client, "orders", limit=2)
    put(client, "S1", "orders", order("0", created_at=at_hour(0)), order("7", created_at=at_hour(7)))
    second = get(client, "orders", limit=4, cursor=first["next_cursor"])
    third = get(client, "orders", limit=4, cursor=second["next_cursor"])
    assert [numbers(page) for page in (first, second, third)] == [["1", "2"], ["3", "4", "5", "6"], ["7"]]
    assert third["next_cursor"] is None
    within = {"created_from": at_hour(2), "created_to": at_hour(5)}
    assert walk(client, **within) == [["2", "3", "4"]]


@pytest.mark.rule("RL-18")
def test_a_rare_state_is_looked_for_part_by_part(client, monkeypatch):
    monkeypatch.setattr(order_queries, "SIFTED", 3)
    late = {"cancelled_at": "2026-11-29T10:00:00Z"}
    put(client, "S1", "orders", *(order(str(hour), created_at=at_hour(hour)) for hour in range(1, 8)))
    put(client, "S1", "orders", order("5", created_at=at_hour(5), **late), order("7", created_at=at_hour(7), **late))
    assert walk(client, state="cancelled") == [[], ["5"], ["7"]]
    assert walk(client, state="cancelled", limit=1) == [[], ["5"], ["7"]]
    assert walk(client, state="created", limit=2) == [["1", "2"], ["3", "4"], ["6"]]


@pytest.mark.rule("RL-14")
def test_a_list_tells_what_pages_show(client):
    hidden = {"ship_address": "Rua 1", "buyer_ref": "buyer-0001-ABC", "buyer_ip_hash": "f00", "currency": "BRL"}
    put(client, "S1", "orders", order("1", **hidden, usd_rate="0.2", paid_at="2026-11-20T09:00:00Z"))
    [item] = get(client, "orders")["items"]
    assert item == {
        "order_no": "1",
        "state": "paid",
        "source": "platform",
        "fulfilled_by": "seller",
        "sku": None,
        "category": None,
        "site": None,
        "buyer": "buyer-00…",
        "is_presale": False,
        "created_at": "2026-11-20T10:00:00Z",
        "paid_at": "2026-11-20T09:00:00Z",
        "dispatch_confirmed_at": None,
        "ship_by": item["ship_by"],
        "shipped_at": None,
        "carrier": None,
        "tracking_no": None,
        "first_scan_at": None,
        "estimated_delivery_at": None,
        "delivered_at": None,
        "confirmed_at": None,
        "confirmed_by": None,
        "cancelled_at": None,
        "cancelled_by": None,
        "refunded_at": None,
        "closed_at": None,
        "updated_at": item["updated_at"],
        "total_amount": "10.00",
        "currency": "BRL",
        "total_usd": "2.00",
        "data_issues": ["paid before it was created"],
    }


@pytest.mark.rule("PG-06")
def test_an_order_comes_with_its_rows_and_where_it_counts(client):
    parcel = {"paid_at": "2026-11-20T11:00:00Z", "shipped_at": "2026-11-21T09:00:00Z", "tracking_no": "LP7"}
    put(client, "S1", "orders", order("1", **parcel, carrier="YANWEN", ship_by="2026-11-21T00:00:00Z"))
    put(client, "S1", "order-lines", {"order_no": "1", "line_no": 1, "sku": "LAMP", "quantity": 2, "amount": 10})
    scan = {"order_no": "1", "tracking_no": "LP7", "at": "2026-11-21T10:00:00Z", "kind": "pickup", "place": "Yiwu"}
    put(client, "S1", "tracking-events", scan)
    put(client, "S1", "reviews", {"order_no": "1", "created_at": "2026-11-28T10:00:00Z", "described": 2})
    dispute = {"order_no": "1", "dispute_no": "D1", "kind": "not_received", "opened_at": "2026-11-28T10:00:00Z"}
    put(client, "S1", "disputes", dispute | {"claimed_usd": "5.5"})
    put(client, "S1", "refunds", {"order_no": "1", "refund_no": "R1", "requested_at": "2026-11-28T10:00:00Z"})
    put(client, "S1", "returns", {"order_no": "1", "return_no": "B1"})
    found = get(client, "orders/1")
    assert (found["order_no"], found["state"], "ship_address" in found) == ("1", "shipped", False)
    assert found["lines"] == [{"line_no": 1, "sku": "LAMP", "quantity": 2, "amount": "10.00"}]
    assert [(one["number"], one["tracking_no"], one["carrier"]) for one in found["parcels"]] == [(1, "LP7", "YANWEN")]
    assert [(one["kind"], one["place"]) for one in found["tracking_events"]] == [("pickup", "Yiwu")]
    assert [(one["described"], one["text"]) for one in found["reviews"]] == [(2, None)]
    assert [(one["dispute_no"], one["state"], one["claimed_usd"]) for one in found["disputes"]] == [
        ("D1", "open", "5.50")
    ]
    assert ([one["refund_no"] for one in found["refunds"]], [one["return_no"] for one in found["returns"]]) == (
        ["R1"],
        ["B1"],
    )
    fails = {one["metric"]: one["reason"]["code"] for one in found["counts_in"] if one["outcome"] == "fails"}
    assert fails["late_dispatch"] == "shipped_late"
    assert client.get("/api/v1/stores/S1/orders/2").status_code == 404
    assert client.get("/api/v1/stores/S1/orders/%00").status_code == 404


@pytest.mark.rule("PG-04")
def test_problem_orders_come_with_reasons_in_words_and_code(client, store):
    late = {"paid_at": "2026-11-20T11:00:00Z", "ship_by": "2026-11-21T00:00:00Z"}
    put(client, "S1", "orders", *(order(str(n), **late, shipped_at=f"2026-11-2{n}T05:00:00Z") for n in range(1, 4)))
    put(client, "S1", "orders", order("9", **late, shipped_at="2026-11-20T12:00:00Z"))
    refresh_figures(at=NOW)
    page = get(client, "problem-orders", metric="late_dispatch", limit=2)
    assert (page["total"], page["last"], len(page["items"])) == (3, "2026-11-29", 2)
    rest = get(client, "problem-orders", metric="late_dispatch", limit=2, cursor=page["next_cursor"])
    assert sorted(numbers(page) + numbers(rest)) == ["1", "2", "3"]
    assert rest["next_cursor"] is None
    [first] = [item for item in page["items"] + rest["items"] if item["order_no"] == "1"]
    assert first == {
        "order_no": "1",
        "complaint_no": None,
        "day": first["day"],
        "counter": "dispatch_late",
        "reason": {
            "code": "shipped_late",
            "text": "shipped 5 h late",
            "at": first["reason"]["at"],
            "since": "2026-11-21T00:00:00Z",
            "until": "2026-11-21T05:00:00Z",
            "also": [],
        },
    }
    outside = get(client, "problem-orders", metric="late_dispatch", to="2026-11-19")
    assert (outside["items"], outside["total"]) == ([], 0)
    reader = api_client(token_for(store, scopes=["orders:read"]))
    assert reader.get("/api/v1/stores/S1/problem-orders", {"metric": "odr"}).status_code == 403


@pytest.mark.rule("IX-24")
@pytest.mark.parametrize(
    ("address", "query", "parameter"),
    [
        ("orders", {"cursor": "x"}, "cursor"),
        ("orders", {"limit": 201}, "limit"),
        ("orders", {"state": "lost"}, "state"),
        ("orders", {"created_from": "2026-11-20T10:00:00"}, "created_from"),
        ("orders", {"created_from": "0001-01-01T00:00:00+14:00"}, "created_from"),
        ("problem-orders", {}, "metric"),
        ("problem-orders", {"metric": "shs"}, "metric"),
        ("problem-orders", {"metric": "odr", "cursor": "WzFd"}, "cursor"),
        ("problem-orders", {"metric": "odr", "to": "0001-01-01"}, "to"),
        ("problem-orders", {"metric": "odr", "from": "2026-11-02", "to": "2026-11-01"}, "from"),
    ],
)
def test_parameters_that_make_no_sense_are_named(client, address, query, parameter):
    response = client.get(f"/api/v1/stores/S1/{address}", query)
    assert (response.status_code, response.json()["errors"][0]["parameter"]) == (422, parameter)


@pytest.mark.rule("RL-18")
def test_queries_do_not_grow_with_the_page(client, django_assert_max_num_queries):
    items = [order(str(number), created_at=at_hour(number)) for number in range(200)]
    assert set(verdicts(put(client, "S1", "orders", *items))) == {"new"}
    with django_assert_max_num_queries(8):
        assert len(get(client, "orders", limit=200)["items"]) == Order.objects.count() == 200
