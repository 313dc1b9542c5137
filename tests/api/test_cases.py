"""Inputs that were handled wrongly once, through the API: the cases of tests/cases that are rows, and the catalogue of
bad input as far as JSON can hold it (IX-04, IX-05b, IX-21)."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction

from intake.reading.lines import CSV_LIMIT
from orders.data_issues import AFTER_EXPORT
from orders.models import Order
from stores.models import Feed, Store
from tests.api.pushing import make_store, order, put, put_body, writer
from tests.cases.helpers import FOLDER, on_the_day
from tests.intake.killing import KilledError, Killer
from tests.intake.test_catalogue import BAD_ROWS as BAD_LINES

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-21", "IX-05b")]


@pytest.fixture(autouse=True)
def _day() -> Iterator[None]:
    with on_the_day():
        yield


def push_case(case: str, resource: str = "orders", **envelope: Any) -> list[dict[str, Any]]:
    """Push the rows of a case's file as texts, in the store of the case; returns the results."""
    store = Store.objects.filter(store_no="S1").first() or make_store()
    with (FOLDER / case / f"{resource}.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = [{name: cell for name, cell in row.items() if name} for row in csv.DictReader(stream)]
    response = put(writer(store), "S1", resource, *rows, **envelope)
    assert response.status_code == 200, response.content
    return list(response.json()["results"])


def counted(results: list[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for result in results:
        found[result["verdict"]] = found.get(result["verdict"], 0) + 1
    return found


# ── Cases ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-05a", "MX-07")
def test_a_fact_of_the_future_is_flagged_and_known_by_nobody() -> None:
    exported_at = "2026-11-26T00:00:00Z"
    push_case("PC-01/poisoned", exported_at=exported_at)
    known = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert Feed.objects.get(kind="orders").known_until == known
    assert Order.objects.get(order_no="F99").data_issues == AFTER_EXPORT
    push_case("PC-01/corrected", exported_at=exported_at)
    assert (Order.objects.get(order_no="F99").data_issues, Feed.objects.get(kind="orders").known_until) == (0, known)


def test_orders_in_spreadsheet_dress_are_the_same_orders() -> None:
    assert counted(push_case("PC-02/first")) == {"new": 5}
    assert counted(push_case("PC-02/again")) == {"same": 5}


@pytest.mark.rule("DM-20")
def test_orders_whose_money_went_back_are_refunded() -> None:
    push_case("PC-05/bundle")
    push_case("PC-05/bundle", "refunds")
    assert set(Order.objects.filter(order_no__startswith="X").values_list("state", flat=True)) == {"refunded"}


def test_words_for_nothing_are_no_carriers() -> None:
    assert counted(push_case("PC-07/bundle")) == {"new": 12}
    assert set(Order.objects.values_list("carrier", "tracking_no")) == {("", "")}
    push_case("PC-07/then1")
    push_case("PC-07/then2")
    assert Order.objects.get(order_no="T1").tracking_no == "LP77"


def test_dates_need_an_offset_and_zeros_are_none() -> None:
    results = push_case("PC-08/bundle")
    reasons = {result["reason"] for result in results if result["verdict"] == "rejected"}
    assert any("no offset" in reason for reason in reasons)
    taken = Order.objects.values_list("order_no", flat=True)
    assert "9218" not in taken
    Order.objects.all().delete()
    assert counted(push_case("PC-08/empty_marks")) == {"new": 10, "rejected": 1}


def test_sites_are_mapped_or_rejected() -> None:
    rejected = [result for result in push_case("PC-11/site") if result["verdict"] == "rejected"]
    assert [(result["column"], result["value"]) for result in rejected] == [("site", "EU")]
    assert set(Order.objects.values_list("site", flat=True)) == {"GB", "RU", "BR", "ES", "US", "RS", ""}
    for spelling in ("siteA", "siteB", "siteC"):
        Order.objects.all().delete()
        push_case(f"PC-11/{spelling}")
        assert set(Order.objects.values_list("site", flat=True)) == {"BR"}


@pytest.mark.rule("IX-03")
def test_of_a_row_per_item_all_but_the_last_are_named_duplicates() -> None:
    results = push_case("PC-10/bundle")
    assert counted(results)["duplicate"] > 0
    assert Order.objects.get(order_no="7001").total_amount == 15


def test_bodies_in_other_encodings_are_not_taken() -> None:
    client = writer(make_store())
    for encoding in ("gb18030", "big5", "shift-jis", "utf-16"):
        body = json.dumps({"items": [order("1", ship_address="上海")]}, ensure_ascii=False).encode(encoding)
        assert put_body(client, "S1", "orders", body).status_code == 400
    body = json.dumps({"items": [order("1", ship_address="上海")]}, ensure_ascii=False)
    assert put_body(client, "S1", "orders", "\ufeff" + body).json()["counts"] == {"new": 1}


# ── The catalogue ──────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = ("store_no", "order_no", "created_at", "total_amount", "currency")
# The rows of files that have as many cells as columns.
BAD_ROWS = [
    (dict(zip(NAMES, next(csv.reader([row])), strict=True)), column, reason)
    for row, column, reason in BAD_LINES
    if column
]


@pytest.mark.rule("IX-04")
def test_what_files_reject_is_rejected_alone_for_the_same_reason() -> None:
    client = writer(make_store())
    items = [order("first"), *(row for row, _column, _reason in BAD_ROWS), order("last")]
    results = put(client, "S1", "orders", *items).json()["results"]
    assert [result["verdict"] for result in results] == ["new", *["rejected"] * len(BAD_ROWS), "new"]
    for result, (row, column, reason) in zip(results[1:-1], BAD_ROWS, strict=True):
        assert result["column"] == column, row
        assert reason in result["reason"], row


def test_json_s_own_ways_of_damage_are_rejected() -> None:
    client = writer(make_store())
    good = '"created_at": "2026-11-20T10:00:00Z", "total_amount": 1, "currency": "USD"'
    items = [
        f'{{"order_no": 1.23E+17, {good}}}',
        f'{{"order_no": "a\\u0000b", {good}}}',
        f'{{"order_no": "a\\ud800b", {good}}}',
        f'{{"order_no": "2", "currency": "EUR", {good}}}',
        f'{{"order_no": "3", "cancel_reason": "{"x" * CSV_LIMIT}", {good}}}',
        f'{{"order_no": "4", {good.replace(": 1,", ": 1e3,")}}}',
        f'{{"order_no": "5", {good.replace(": 1,", ": {},")}}}',
        f'{{"order_no": 8199633578334501, {good.replace(": 1,", ": 10.10,")}}}',
        f'{{"order_no": "007", "cancel_reason": "=1+1", {good.replace(": 1,", ": -0.00,")}}}',
    ]
    response = put_body(client, "S1", "orders", f'{{"items": [{", ".join(items)}]}}')
    results = response.json()["results"]
    assert [result.get("column") for result in results] == [
        "order_no", "order_no", "order_no", "currency", "cancel_reason", "total_amount", "total_amount", None, None,
    ]  # fmt: skip
    found = {row.order_no: (str(row.total_amount.normalize()), row.cancel_reason) for row in Order.objects.all()}
    assert found == {"8199633578334501": ("10.1", ""), "007": ("0", "=1+1")}


def test_of_a_thousand_items_one_near_the_end_is_rejected_alone() -> None:
    items = [order(str(number)) for number in range(1_000)]
    items[998]["total_amount"] = "?"
    body = put(writer(make_store()), "S1", "orders", *items).json()
    assert body["counts"] == {"new": 999, "rejected": 1}
    assert [result["index"] for result in body["results"] if result["verdict"] == "rejected"] == [998]


def test_items_without_anything_and_times_without_an_offset_are_rejected_alone() -> None:
    client = writer(make_store())
    skipped = order("1", created_at="2024-03-31T02:30:00")
    results = put(client, "S1", "orders", {}, {"order_no": None}, skipped, order("2")).json()["results"]
    assert [result["verdict"] for result in results] == ["rejected"] * 3 + ["new"]
    assert put(client, "S1", "orders").json()["results"] == []


@pytest.mark.rule("RL-01", "IX-03")
def test_a_push_that_is_killed_leaves_nothing_of_itself_and_goes_in_when_it_is_sent_again() -> None:
    client, items = writer(make_store()), [order(str(number)) for number in range(20)]
    for statement in (10, 25, 40):
        with transaction.atomic(), pytest.raises(KilledError), database.execute_wrapper(Killer(statement)):
            put(client, "S1", "orders", *items, key="same-key")
        assert not Order.objects.exists()
    assert put(client, "S1", "orders", *items, key="same-key").json()["counts"] == {"new": 20}
