"""Rows without a file, as the API and connectors bring them, go in as those of a file do (IX-03, IX-21)."""

import random
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from intake.canonical import FILES
from intake.models import WaitingRow
from intake.pipeline.batch import Verdict
from intake.pipeline.context import IntakeContext
from intake.pipeline.rows import RowResult, take_rows
from orders.models import Order
from stores.models import Company, Feed, Store
from tests.examples import costly
from tests.intake.helpers import AS_OF, STORES, dirty_orders, tables, take, undone, write
from tests.oracle.bundle import Bundle, write_bundle
from tests.oracle.strategies import bundles, bundles_with_corrections

pytestmark = [pytest.mark.django_db, pytest.mark.clock, pytest.mark.rule("IX-03")]
NEW, CHANGED, SAME, OLDER, WAITING, DUPLICATE = (
    RowResult(verdict)
    for verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.SAME, Verdict.OLDER, Verdict.WAITING, Verdict.DUPLICATE)
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def context(at: datetime = AS_OF, **options: Any) -> IntakeContext:
    return IntakeContext(at=at, now=timezone.now(), **options)


def order(number: str, **columns: Any) -> dict[str, Any]:
    return {
        "store_no": "S1",
        "order_no": number,
        "created_at": "2024-05-01T10:00:00Z",
        "total_amount": "10.00",
        "currency": "USD",
    } | columns


def refused(column: str, value: str, reason: str) -> RowResult:
    return RowResult(Verdict.REJECTED, column, value, reason)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    take(write(tmp_path / "stores", stores=STORES))
    return Store.objects.get(store_no="S1")


# ── Verdicts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_row_has_its_verdict(store):
    take_rows(context(AS_OF + timedelta(days=2)), "orders", [order("later")])
    take_rows(context(), "orders", [order("known", site="RU"), order("other", site="RU")])
    rows = [order("later"), order("known", site="US"), order("other", site="RU"), order("fresh", site=""), order("far")]
    rows[-1]["store_no"] = "S9"
    assert take_rows(context(), "orders", rows) == [OLDER, CHANGED, SAME, NEW, WAITING]
    assert dict(Order.objects.values_list("order_no", "site")) == {
        "later": "",
        "known": "US",
        "other": "RU",
        "fresh": "",
    }
    assert WaitingRow.objects.filter(kind="orders").values_list("store_no", "order_no").get() == ("S9", "far")


@pytest.mark.rule("IX-21", "IX-04")
def test_a_bad_row_is_rejected_with_its_place_and_reason_and_others_go_in(store):
    rows = [
        order("1"),
        order("2", total_amount="ten"),
        order("3", currency="XXX"),
        order("4", created_at=None),
        order("5", buyer_ref={"name": "x"}),
        order("6"),
    ]
    del rows[5]["currency"]
    results = take_rows(context(), "orders", [*rows, order("7")])
    assert results == [
        NEW,
        refused("total_amount", "ten", "is not a number: write it in plain digits with a point, such as 1234.50"),
        refused("currency", "XXX", "there is no rate for XXX: fill usd_rate, or bring fx_rates.csv"),
        refused("created_at", "", "is required"),
        refused("buyer_ref", "{'name': 'x'}", "must be a single value"),
        refused("currency", "", "is required"),
        NEW,
    ]
    assert set(Order.objects.values_list("order_no", flat=True)) == {"1", "7"} == dirty_orders()


def test_a_row_keeps_what_it_does_not_name_and_clears_what_is_empty(store):
    take_rows(context(), "orders", [order("1", site="RU", carrier="DHL"), order("2", site="RU", carrier="DHL")])
    later = context(AS_OF + timedelta(days=1))
    assert take_rows(later, "orders", [order("1", carrier=None), order("2", site="US")]) == [CHANGED, CHANGED]
    found = Order.objects.order_by("order_no").values_list("order_no", "site", "carrier")
    assert list(found) == [("1", "RU", ""), ("2", "US", "DHL")]


def test_rows_that_wait_remember_which_columns_they_named():
    review = {"store_no": "S1", "order_no": "1", "created_at": "2024-05-20T10:00:00Z"}
    rows = [review | {"described": 5, "text": "Fine"}, review | {"order_no": "2", "described": 4, "has_photo": True}]
    take_rows(context(), "reviews", rows)
    later = [review | {"described": 3}, review | {"order_no": "2", "described": 4, "text": "Good"}]
    take_rows(context(AS_OF + timedelta(days=1)), "reviews", later)
    waiting = WaitingRow.objects.filter(kind="reviews").order_by("order_no")
    assert [sorted(row.data.keys() - review.keys() - {"kind"}) for row in waiting] == [
        ["described", "text"],
        ["described", "has_photo", "text"],
    ]
    take_rows(context(), "stores", [{"store_no": "S1", "name": "First"}])
    take_rows(context(), "orders", [order("1"), order("2")])
    found = Order.objects.order_by("order_no").values_list("reviews__described", "reviews__text", "reviews__has_photo")
    assert list(found) == [(3, "Fine", False), (4, "Good", True)]


def test_of_rows_with_one_key_the_last_that_is_good_wins_whatever_columns_they_name(store):
    rows = [order("1", site="RU"), order("1", carrier="DHL"), order("1", site="US"), order("1", site="nowhere")]
    results = take_rows(context(), "orders", rows)
    assert [result.verdict for result in results] == ["duplicate", "duplicate", "new", "rejected"]
    assert Order.objects.values_list("site", "carrier").get() == ("US", "")


def test_values_are_read_as_the_text_that_a_file_has_for_them(store):
    at = datetime(2024, 5, 1, 10, tzinfo=UTC)
    given = order("1", total_amount=Decimal("10.00"), created_at=at, is_presale=True, carrier=0, tracking_no=123)
    assert take_rows(context(), "orders", [given]) == [NEW]
    texts = order("1", is_presale="true", carrier="0", tracking_no="123")
    assert take_rows(context(), "orders", [texts]) == [SAME]
    line = {"store_no": "S1", "order_no": "1", "line_no": 1, "sku": "LAMP", "quantity": 2.0, "amount": 0.1}
    assert take_rows(context(), "order_lines", [line]) == [NEW]
    texts = {name: str(value) for name, value in line.items()} | {"quantity": "2"}
    assert take_rows(context(), "order_lines", [texts]) == [SAME]


# ── What follows ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_rows_that_waited_go_in_with_their_parents(tmp_path):
    review = {"store_no": "S1", "order_no": "1", "created_at": "2024-05-20T10:00:00Z", "described": 5}
    assert take_rows(context(), "reviews", [review]) == [WAITING]
    assert take_rows(context(), "orders", [order("1")]) == [WAITING]
    assert take_rows(context(), "stores", [{"store_no": "S1", "name": "First"}]) == [NEW]
    assert Order.objects.get().reviews.get().described == 5
    assert not WaitingRow.objects.exists()
    known = dict(Feed.objects.values_list("kind", "known_until"))
    assert known == {
        "orders": datetime(2024, 5, 1, 10, tzinfo=UTC),
        "reviews": datetime(2024, 5, 20, 10, tzinfo=UTC),
    }


@pytest.mark.rule("IX-05")
def test_new_rates_price_orders_again(store):
    take_rows(context(), "fx_rates", [{"currency": "BRL", "day": "2024-01-01", "usd_rate": "0.20"}])
    assert take_rows(context(), "orders", [order("1", currency="BRL")]) == [NEW]
    rates = [{"currency": "BRL", "day": "2024-01-01", "usd_rate": Decimal("0.25")}]
    assert take_rows(context(AS_OF + timedelta(days=1)), "fx_rates", rates) == [CHANGED]
    assert Order.objects.get().total_usd == Decimal("2.5")


@pytest.mark.rule("RL-08", "RL-19")
def test_a_seller_s_rows_reach_its_own_stores_alone(store):
    own = frozenset({Company.objects.get(company_no="C1").pk})
    rows = [order("1"), order("2", store_no="S2"), order("3", store_no="S9")]
    results = take_rows(context(companies=own), "orders", rows)
    reason = "store {} is not one of your stores: bring it in stores.csv first if it is"
    assert results == [
        NEW,
        refused("store_no", "S2", reason.format("S2")),
        refused("store_no", "S9", reason.format("S9")),
    ]
    assert list(Feed.objects.values_list("store__store_no", flat=True)) == ["S1"]


# ── The same as files ──────────────────────────────────────────────────────────────────────────────────────────────


def by_files(*exports: tuple[Bundle, datetime]) -> dict[str, Any]:
    with undone(), tempfile.TemporaryDirectory() as folder:
        for number, (bundle, at) in enumerate(exports):
            take(write_bundle(Bundle(bundle), Path(folder) / str(number)), as_of=at)
        return tables()


def values(name: str, row: Mapping[str, str]) -> dict[str, Any]:
    """The row with numbers and instants as values."""
    columns = FILES[name].by_name
    return {column: VALUES.get(columns[column].kind.value, str)(cell) for column, cell in row.items()}


VALUES = {
    "decimal": lambda cell: Decimal(cell) if cell else None,
    "instant": lambda cell: datetime.fromisoformat(cell) if cell else None,
    "truth": lambda cell: {"true": True, "false": False}.get(cell),
}


def by_rows(rng: random.Random, *exports: tuple[Bundle, datetime]) -> dict[str, Any]:
    """Each export's rows in batches of some, in any order; rates first, as orders without one are rejected."""
    with undone():
        for bundle, at in exports:
            batches = []
            for name, rows in bundle.items():
                mixed = rng.sample(rows, len(rows))
                size = rng.randint(1, 4)
                batches += [(name, mixed[start : start + size]) for start in range(0, len(mixed), size)]
            rng.shuffle(batches)
            for name, rows in sorted(batches, key=lambda batch: batch[0] != "fx_rates"):
                take_rows(context(at), name, [values(name, row) for row in rows])
        return tables()


@pytest.mark.slow
@costly(10)
@given(bundle=bundles(), seed=st.integers(0, 2**16))
def test_batches_of_rows_in_any_order_and_repeated_give_the_tables_of_files(bundle: Bundle, seed: int) -> None:
    export = (bundle, AS_OF)
    assert by_rows(random.Random(seed), export, export) == by_files(export)


@pytest.mark.slow
@costly(10)
@given(pair=bundles_with_corrections(), seed=st.integers(0, 2**16))
def test_an_older_batch_after_a_newer_one_changes_nothing(pair: tuple[Bundle, Bundle], seed: int) -> None:
    first, second = (pair[0], AS_OF), (pair[1], AS_OF + timedelta(days=1))
    assert by_rows(random.Random(seed), first, second, first) == by_files(first, second)


# ── Cost ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_makes_no_tables_once_its_connection_has_them(store):
    take_rows(context(), "orders", [order("1")])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        take_rows(context(), "orders", [order("2"), order("3", site="RU")])
    made = [query["sql"] for query in queries if "CREATE TEMP" in query["sql"]]
    assert all("IF NOT EXISTS" in sql for sql in made)
    assert not [query["sql"] for query in queries if "DROP TABLE" in query["sql"]]


@pytest.mark.rule("RL-18")
def test_rows_that_each_name_other_columns_are_one_batch(store, django_assert_max_num_queries):
    names = ("site", "carrier", "sku", "paid_at", "category", "buyer_ref")
    take_rows(context(), "orders", [order(str(number), site="US", carrier="DHL") for number in range(64)])
    rows = [order(str(n)) | {name: None for place, name in enumerate(names) if n >> place & 1} for n in range(64)]
    with django_assert_max_num_queries(60):
        results = take_rows(context(AS_OF + timedelta(days=1)), "orders", rows)
    assert results == [CHANGED if number & 3 else SAME for number in range(64)]
    cleared = {number: (bool(number & 1), bool(number & 2)) for number in range(64)}
    found = Order.objects.values_list("order_no", "site", "carrier")
    assert {int(number): (site == "", carrier == "") for number, site, carrier in found} == cleared
