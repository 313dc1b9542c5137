"""Rows that programs push go into one store, as those of a file do, and leave an event (IX-21)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import translation

from core.models import Event
from intake.models import Source, WaitingRow
from intake.pipeline.batch import Verdict
from intake.pipeline.rows import RowResult
from intake.pushing import PUSHABLE, push_rows
from intake.reading import ManifestError
from orders.models import Order
from stores.models import Feed, Store
from stores.principals import Program, Scope, System
from tests.intake.helpers import STORES, take, write

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-21")]
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
NEW, CHANGED, SAME, OLDER, WAITING = (
    RowResult(verdict) for verdict in (Verdict.NEW, Verdict.CHANGED, Verdict.SAME, Verdict.OLDER, Verdict.WAITING)
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


@pytest.fixture
def store(tmp_path: Path) -> Store:
    take(write(tmp_path / "stores", stores=STORES))
    return Store.objects.select_related("company").get(store_no="S1")


def order(number: str, **columns: Any) -> dict[str, Any]:
    return {
        "order_no": number,
        "created_at": "2024-05-01T10:00:00Z",
        "total_amount": "10.00",
        "currency": "USD",
    } | columns


def erp(store: Store) -> Program:
    scopes = frozenset({Scope.parse("orders:write")})
    return Program("erp-1", store.company_id, frozenset({store.pk}), scopes)


def push(store: Store, file: str, *rows: dict[str, Any], at: datetime = NOW, **options: Any) -> list[RowResult]:
    return push_rows(store=store, file=file, rows=rows, principal=erp(store), at=at, **options)


def events() -> list[tuple[str, str, str, dict[str, Any]]]:
    found = Event.objects.filter(kind="rows.pushed").order_by("pk")
    return list(found.values_list("actor", "store_no", "company_no", "after"))


def test_rows_go_into_the_store_and_those_of_another_are_rejected_alone(store):
    rows = [order("1"), order("2", store_no="S2"), order("3", store_no=" s1"), order("4", store_no="'S1")]
    reason = "is another store than S1, whose rows are pushed here"
    assert push(store, "orders", *rows, order("5", store_no={"a": 1})) == [
        NEW,
        RowResult(Verdict.REJECTED, "store_no", "S2", reason),
        RowResult(Verdict.REJECTED, "store_no", " s1", reason),
        NEW,
        RowResult(Verdict.REJECTED, "store_no", "{'a': 1}", reason),
    ]
    assert set(Order.objects.values_list("store__store_no", "order_no")) == {("S1", "1"), ("S1", "4")}


@pytest.mark.rule("DM-33")
def test_a_push_that_did_something_is_one_event_and_a_repeated_one_none(store):
    rows = [order("1"), order("2"), order("3", total_amount="?")]
    push(store, "orders", *rows[:2])
    assert push(store, "orders", *rows[:2]) == [SAME, SAME]
    push(store, "orders", rows[0] | {"site": "US"}, rows[2], at=NOW + timedelta(hours=1))
    assert events() == [
        (
            "program:erp-1",
            "S1",
            "C1",
            {"file": "orders", "counts": {"new": 2}, "exported_at": "2024-06-01T12:00:00+00:00"},
        ),
        (
            "program:erp-1",
            "S1",
            "C1",
            {"file": "orders", "counts": {"changed": 1, "rejected": 1}, "exported_at": "2024-06-01T13:00:00+00:00"},
        ),
    ]


@pytest.mark.rule("IX-03", "IX-05a")
def test_the_instant_of_the_export_decides_and_never_lies_in_the_future(store):
    push(store, "orders", order("1", site="US"), exported_at=NOW - timedelta(minutes=5))
    assert push(store, "orders", order("1", site="RU"), exported_at=NOW - timedelta(minutes=6)) == [OLDER]
    assert push(store, "orders", order("1", site="RU"), exported_at=NOW + timedelta(minutes=10)) == [CHANGED]
    with pytest.raises(ManifestError, match="lies in the future"):
        push(store, "orders", order("1", site="CL"), exported_at=NOW + timedelta(minutes=10, seconds=1))
    assert Order.objects.values_list("site", flat=True).get() == "RU"


@pytest.mark.rule("PN-20", "TM-17")
def test_a_tracking_number_that_comes_late_joins_its_order_and_the_scans_that_waited(store):
    scan = {"order_no": "1", "tracking_no": "LP7", "at": "2024-05-03T10:00:00Z", "kind": "pickup"}
    assert push(store, "tracking_events", scan) == [WAITING]
    push(store, "orders", order("1", paid_at="2024-05-01T11:00:00Z"))
    assert Order.objects.get().shipped_at is None
    parcel = {"shipped_at": "2024-05-02T10:00:00Z", "carrier": "YANWEN", "tracking_no": "LP7"}
    assert push(store, "orders", order("1") | parcel, at=NOW + timedelta(hours=5)) == [CHANGED]
    found = Order.objects.get()
    assert (found.tracking_no, found.paid_at, found.shipped_at) == (
        "LP7",
        datetime(2024, 5, 1, 11, tzinfo=UTC),
        datetime(2024, 5, 2, 10, tzinfo=UTC),
    )
    assert [event.tracking_no for event in found.trackingevents.all()] == ["LP7"]


@pytest.mark.rule("PN-20")
def test_a_program_is_a_source_of_the_store(store):
    push(store, "orders", order("1"), order("2", currency="?"))
    push(store, "orders", order("2", currency="?"), at=NOW + timedelta(minutes=5))
    [source] = Source.objects.filter(kind="api")
    found = (source.store, source.kind, source.name, source.failures, source.last_success_at, source.newest_at)
    assert found == (store, "api", "erp-1", 1, NOW, datetime(2024, 5, 1, 10, tzinfo=UTC))
    assert (source.last_error, dict(source.counts)) == ("rejected", {"new": 1, "refused": 1})
    push_rows(store=store, file="orders", rows=[order("3")], principal=System(), at=NOW)
    assert Source.objects.filter(store=store).exclude(kind="command").count() == 1


@pytest.mark.rule("MX-07")
def test_no_rows_say_that_there_is_nothing_and_known_until_says_up_to_when(store):
    assert push(store, "disputes") == []
    until = NOW - timedelta(minutes=30)
    push(store, "orders", order("1"), known_until=until)
    push(store, "refunds", known_until=NOW + timedelta(days=1))
    known = dict(Feed.objects.filter(store=store).values_list("kind", "known_until"))
    assert known == {"disputes": NOW, "orders": until, "refunds": NOW}
    assert [after["file"] for *_who, after in events()] == ["orders"]


@pytest.mark.rule("RL-18", "RL-19")
def test_orders_bring_in_what_waited_for_their_store_alone(store):
    review = {"order_no": "1", "created_at": "2024-05-20T10:00:00Z", "described": 5}
    other = Store.objects.select_related("company").get(store_no="S2")
    push(store, "reviews", review)
    push(other, "reviews", review)
    Order.objects.create(
        store=other, order_no="1", created_at=NOW, total_amount=1, total_usd=1, currency="USD", source_at=NOW
    )
    push(store, "orders", order("1"))
    assert [row.store_no for row in WaitingRow.objects.all()] == ["S2"]


@pytest.mark.rule("DM-11a")
def test_a_cell_clears_nothing_that_dianwei_set(store):
    Store.objects.update(mode=Store.Mode.GOVERNED)
    push(store, "orders", order("1", paid_at="2024-05-01T11:00:00Z"))
    assert push(store, "orders", order("1", paid_at=""), at=NOW + timedelta(hours=1)) == [SAME]
    assert Order.objects.get().paid_at == datetime(2024, 5, 1, 11, tzinfo=UTC)


def test_the_system_pushes_too_and_only_rows_of_stores(store):
    results = push_rows(store=store, file="orders", rows=[order("1")], principal=System(), at=NOW)
    assert (results, [actor for actor, *_rest in events()]) == ([NEW], ["system"])
    assert not {"stores", "companies", "fx_rates", "categories", "carriers", "benchmarks"} & set(PUSHABLE)
    with pytest.raises(ValueError, match="belong to no store"):
        push(store, "stores", {"store_no": "S1", "name": "Mine"})
