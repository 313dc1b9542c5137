"""Batches of items go in through the API as rows of files do, each with a verdict (IX-21, IX-24)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from api.batches import MOST_OBJECTS
from api.resources import MOST_ITEMS, RESOURCES
from core.models import Event
from orders.models import Message, Order
from stores.models import Feed
from tests.api.programs import READ_ALL, api_client, token_for
from tests.api.pushing import NOW, make_store, order, put, put_body, verdicts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("day_of_pushes"), pytest.mark.rule("IX-21")]
OWN_SCAN = {"order_no": "1", "at": "2026-11-21T10:00:00Z", "kind": "pickup", "tracking_no": "LP7"}
# One item of each resource, of order 1.
ITEMS: dict[str, dict[str, Any]] = {
    "orders": order("1"),
    "order-lines": {"order_no": "1", "line_no": 1, "sku": "LAMP", "quantity": 2, "amount": "10.00"},
    "shipments": {"order_no": "1", "tracking_no": "LP8", "carrier": "YANWEN"},
    "tracking-events": OWN_SCAN,
    "reviews": {"order_no": "1", "created_at": "2026-11-25T10:00:00Z", "described": 5},
    "disputes": {"dispute_no": "D1", "order_no": "1", "kind": "not_received", "opened_at": "2026-11-25T10:00:00Z"},
    "refunds": {"refund_no": "R1", "order_no": "1", "requested_at": "2026-11-25T10:00:00Z"},
    "returns": {"return_no": "B1", "order_no": "1"},
    "settlements": {"order_no": "1", "amount": "9.20", "currency": "USD"},
    "messages": {
        "message_no": "M1",
        "order_no": "1",
        "sent_at": "2026-11-25T10:00:00Z",
        "sender": "buyer",
        "text": "Where is it?",
    },
    "listings": {"sku": "LAMP", "title": "Lamp"},
    "copyright-complaints": {"complaint_no": "C1", "sku": "LAMP", "opened_at": "2026-11-25T10:00:00Z"},
}


def errors(response: Any, status: int = 422) -> list[dict[str, str]]:
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    return list(response.json().get("errors", []))


# ── Verdicts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_resource_takes_its_items_and_knows_them_again(client):
    assert set(ITEMS) == {resource.name for resource in RESOURCES}
    for name in (resource.name for resource in RESOURCES):
        assert verdicts(put(client, "S1", name, ITEMS[name])) == ["new"], name
        assert verdicts(put(client, "S1", name, ITEMS[name])) == ["same"], name
    assert set(Feed.objects.values_list("kind", flat=True)) == {
        "orders", "tracking", "reviews", "disputes", "refunds", "settlements", "messages", "copyright",
    }  # fmt: skip


def test_each_item_has_its_result_and_a_bad_one_is_rejected_alone(client):
    put(client, "S1", "orders", order("known"), order("moved", site="US"))
    response = put(
        client,
        "S1",
        "orders",
        order("known"),
        order("bad", total_amount="ten"),
        "text",
        order("moved", site="RU", colour="red"),
        order("fresh"),
        order("foreign", store_no="S2"),
        order("fresh", site="BR"),
        order("nested", site={"code": "BR"}),
    )
    rejected = {"verdict": "rejected"}
    assert response.json() == {
        "counts": {"same": 1, "rejected": 4, "changed": 1, "duplicate": 1, "new": 1},
        "ignored": ["colour"],
        "results": [
            {"index": 0, "verdict": "same"},
            {
                "index": 1,
                **rejected,
                "column": "total_amount",
                "value": "ten",
                "reason": "is not a number: write it in plain digits with a point, such as 1234.50",
            },
            {"index": 2, **rejected, "column": "", "value": '"text"', "reason": "must be an object"},
            {"index": 3, "verdict": "changed"},
            {"index": 4, "verdict": "duplicate"},
            {
                "index": 5,
                **rejected,
                "column": "store_no",
                "value": "S2",
                "reason": "is another store than S1, whose rows are pushed here",
            },
            {"index": 6, "verdict": "new"},
            {"index": 7, **rejected, "column": "site", "value": "{'code': 'BR'}", "reason": "must be a single value"},
        ],
    }
    found = dict(Order.objects.values_list("order_no", "site"))
    assert found == {"known": "", "moved": "RU", "fresh": "BR"}
    assert Event.objects.filter(kind="rows.pushed").count() == 2


def test_reasons_are_in_the_language_of_the_program(client):
    response = put_body(client, "S1", "orders", json.dumps({"items": [{}]}), headers={"Accept-Language": "zh-hans"})
    assert response.json()["results"][0]["reason"] == "必填"


@pytest.mark.rule("IX-03")
def test_children_wait_for_their_order(client):
    assert verdicts(put(client, "S1", "messages", ITEMS["messages"])) == ["waiting"]
    put(client, "S1", "orders", order("1"))
    assert Message.objects.get().order.order_no == "1"


@pytest.mark.rule("IX-03", "MX-07")
def test_the_instant_of_the_export_and_what_it_knows_are_said_in_the_envelope(client):
    put(client, "S1", "orders", order("1", site="US"), exported_at="2026-11-30T11:00:00Z")
    late = put(client, "S1", "orders", order("1", site="RU"), exported_at="2026-11-30T18:59:59+08:00")
    assert verdicts(late) == ["older"]
    until = NOW - timedelta(minutes=10)
    put(client, "S1", "disputes", known_until=until.isoformat())
    assert Feed.objects.get(kind="disputes").known_until == until


# ── Envelopes ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-24")
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("[]", ("#", "must be an object with the list items")),
        ("{}", ("#/items", "must be a list of items")),
        ('{"items": {}}', ("#/items", "must be a list of items")),
        ('{"items": [], "a/b": 1}', ("#/a~1b", "There is no such field.")),
        ('{"items": [], "items": []}', ("#/items", "stands there twice")),
        ('{"items": [], "exported_at": "2026-11-30T10:00:00"}', ("#/exported_at", "has no offset")),
        ('{"items": [], "exported_at": "2026-11-30T12:10:01Z"}', ("#/exported_at", "lies in the future")),
        ('{"items": [], "known_until": [1]}', ("#/known_until", "is not an instant")),
        (json.dumps({"items": [{}] * (MOST_ITEMS + 1)}), ("#/items", "must be at most 1000 items")),
        (json.dumps({"items": [[{}] * MOST_OBJECTS]}), ("#/items", "must be at most 1000 items")),
    ],
)
def test_an_envelope_that_is_none_is_a_problem_of_its_place(client, body, error):
    [found] = errors(put_body(client, "S1", "orders", body))
    assert found["pointer"] == error[0]
    assert error[1] in found["detail"]


@pytest.mark.rule("IX-24")
@pytest.mark.parametrize(
    "body",
    [" ", "{", '{"items": [NaN]}', "[" * 100_000, b'{"items": ["\xff"]}', '{"items": []}'.encode("utf-16"), "\x00"],
)
def test_a_body_that_is_no_json_is_malformed(client, body):
    response = put_body(client, "S1", "orders", body)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


@pytest.mark.rule("IX-24")
@pytest.mark.parametrize("options", [{"content_type": "text/csv"}, {"headers": {"Content-Encoding": "gzip"}}])
def test_only_plain_json_is_read(client, options):
    response = put_body(client, "S1", "orders", '{"items": []}', **options)
    assert response.status_code == 415


@pytest.mark.rule("RL-18")
def test_a_body_over_the_limit_is_not_read_to_its_end(client, settings):
    settings.API_BODY_BYTES = 200
    assert put_body(client, "S1", "orders", '{"items": []}' + " " * 187).status_code == 200
    assert put_body(client, "S1", "orders", '{"items": []}' + " " * 188).status_code == 413


# ── Access ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-20", "RL-08")
def test_writing_needs_the_scope_and_the_store(store, client):
    other = make_store("S2", company="C2")
    reader = api_client(token_for(store, scopes=READ_ALL))
    assert put(reader, "S1", "orders", order("1")).status_code == 403
    foreign, missing = put(client, other.store_no, "orders", order("1")), put(client, "S9", "orders", order("1"))
    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content) == (404, missing.content)
    assert not Order.objects.exists()


@pytest.mark.rule("RL-18")
def test_items_that_each_name_other_columns_are_few_queries(client, django_assert_max_num_queries):
    items = [order(str(n), **dict.fromkeys(_some(n))) for n in range(64)]
    with django_assert_max_num_queries(120):
        assert verdicts(put(client, "S1", "orders", *items)) == ["new"] * 64


def _some(number: int) -> list[str]:
    names = ("site", "carrier", "sku", "paid_at", "category", "buyer_ref")
    return [name for place, name in enumerate(names) if number >> place & 1]
