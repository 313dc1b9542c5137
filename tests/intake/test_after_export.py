"""Nothing is known after the export (IX-05a): which facts each kind of row may have, and what corrects the others."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone, translation

from intake.canonical import FILES, Parent
from intake.canonical.columns import Kind
from intake.models import Import
from intake.pipeline.after_export import facts_of
from orders.data_issues import AFTER_EXPORT
from orders.models import Order, TrackingEvent
from stores.models import Feed, Store
from tests.intake.helpers import AS_OF, STORES, take, write

pytestmark = [pytest.mark.django_db, pytest.mark.clock, pytest.mark.rule("IX-05a")]
BEFORE = "2024-05-01T10:00:00Z"
LATER = AS_OF + timedelta(days=2)
ORDER = f"S1,1,{BEFORE},10,USD"
HEAD = "store_no,order_no,created_at,total_amount,currency"
# A row of each file that hangs on an order, all of whose facts are given.
ROWS = {
    "shipments": {"tracking_no": "T"},
    "tracking_events": {"kind": "transit"},
    "reviews": {"described": "5"},
    "disputes": {"dispute_no": "D", "kind": "quality"},
    "refunds": {"refund_no": "R"},
    "returns": {"return_no": "B"},
    "settlements": {},
    "messages": {"message_no": "M", "sender": "buyer", "text": "Where is it?"},
}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def orders(folder: Path, *rows: str, columns: str = "", as_of: datetime = AS_OF, **files: str) -> Import:
    body = "\n".join([HEAD + columns, *rows]) + "\n"
    return take(write(folder, stores=STORES, orders=body, **files), as_of=as_of)[0]


def is_flagged() -> bool:
    return Order.objects.get(order_no="1").data_issues & AFTER_EXPORT != 0


def known() -> dict[str, str]:
    return {feed.kind: iso(feed.known_until) for feed in Feed.objects.filter(store__store_no="S1")}


def facts() -> list[tuple[str, str]]:
    specs = [FILES["orders"], *(spec for spec in FILES.values() if spec.parent is Parent.ORDER)]
    return [(spec.name, name) for spec in specs for name in facts_of(spec)]


def bundle_of(at: datetime) -> dict[str, str]:
    """An order for each fact that a row can tell, with that one at an instant and all others long before."""
    rows: dict[str, list[dict[str, str]]] = {"orders": []}
    for file, column in facts():
        key = {"store_no": "S1", "order_no": f"{file}.{column}"}
        own = dict.fromkeys(facts_of(FILES[file]), BEFORE) | {column: iso(at)}
        plain = dict.fromkeys(facts_of(FILES["orders"]), BEFORE)
        amount = {"total_amount": "10", "currency": "USD"}
        rows["orders"].append(key | amount | (own if file == "orders" else plain))
        if file != "orders":
            numbers = {name: f"{file}.{column}" for name in ROWS[file] if name.endswith("_no")}
            rows.setdefault(file, []).append(key | ROWS[file] | numbers | own)
    return {
        file: "\n".join([",".join(of_file[0]), *(",".join(row[name] for name in of_file[0]) for row in of_file)])
        for file, of_file in rows.items()
    }


@pytest.mark.parametrize(("seconds", "flagged"), [(600, False), (601, True)])
def test_every_fact_is_flagged_when_it_is_later_than_its_export(tmp_path, seconds: int, flagged: bool) -> None:
    at = AS_OF + timedelta(seconds=seconds)
    job, report = take(write(tmp_path, stores=STORES, **bundle_of(at)), as_of=AS_OF)
    assert report.total("refused") == 0
    found = dict(Order.objects.values_list("order_no", "data_issues"))
    assert {number: bool(bits & AFTER_EXPORT) for number, bits in found.items()} == {
        f"{file}.{column}": flagged for file, column in facts()
    }
    said = {
        (remark["file"], remark["text"].split()[0]) for remark in job.remarks if "after the export" in remark["text"]
    }
    assert said == ({(f"{file}.csv", column) for file, column in facts()} if flagged else set())
    # What is within the clocks' difference is known at the export, what is not tells of nothing.
    assert set(known().values()) == {BEFORE if flagged else iso(AS_OF)}


def test_plans_may_lie_ahead_and_are_known_at_the_export(tmp_path) -> None:
    orders(tmp_path, f"{ORDER},2030-01-01T00:00:00Z,2030-02-01T00:00:00Z", columns=",ship_by,estimated_delivery_at")
    assert not is_flagged()
    assert known() == {"orders": iso(AS_OF)}


def test_what_is_declared_reaches_to_the_export_at_most(tmp_path) -> None:
    manifest = '{"exported_at": "2024-06-01T00:00:00Z", "known_until": {"orders": "2062-01-01T00:00:00Z"}}'
    orders(tmp_path, ORDER, manifest=manifest)
    assert known() == {"orders": "2024-06-01T00:00:00Z"}


def test_a_manifest_of_the_future_is_rejected(tmp_path) -> None:
    ahead = timezone.now() + timedelta(minutes=11)
    job = orders(tmp_path, ORDER, manifest=f'{{"exported_at": "{iso(ahead)}"}}')
    assert job.state == Import.State.FAILED
    assert "lies in the future" in job.error
    assert not Order.objects.exists()
    assert not Feed.objects.exists()


def test_a_later_export_of_the_same_row_takes_the_data_issue_back(tmp_path) -> None:
    shipped = iso(AS_OF + timedelta(days=1))
    orders(tmp_path / "1", f"{ORDER},{shipped}", columns=",shipped_at")
    assert is_flagged()
    orders(tmp_path / "2", f"{ORDER},{shipped}", columns=",shipped_at", as_of=LATER)
    assert not is_flagged()
    assert known() == {"orders": shipped}
    orders(tmp_path / "1", f"{ORDER},{shipped}", columns=",shipped_at")
    assert not is_flagged()


def test_an_order_keeps_the_data_issue_until_all_its_rows_are_mended(tmp_path) -> None:
    scan = "store_no,order_no,tracking_no,at,kind\nS1,1,T,{at},transit\n"
    orders(
        tmp_path / "1",
        f"{ORDER},2062-01-01T00:00:00Z",
        columns=",paid_at",
        tracking_events=scan.format(at="2062-02-02T00:00:00Z"),
    )
    assert is_flagged()
    orders(tmp_path / "2", f"{ORDER},{BEFORE}", columns=",paid_at", as_of=LATER)
    assert is_flagged()
    manifest = f'{{"exported_at": "{iso(LATER)}", "complete": true}}'
    orders(
        tmp_path / "3",
        f"{ORDER},{BEFORE}",
        columns=",paid_at",
        tracking_events=scan.format(at=BEFORE),
        manifest=manifest,
    )
    assert TrackingEvent.objects.count() == 1
    assert not is_flagged()


def test_rows_that_waited_are_judged_by_their_own_export(tmp_path) -> None:
    scan = f"store_no,order_no,tracking_no,at,kind\nS1,1,T,{iso(AS_OF + timedelta(days=1))},transit\n"
    take(write(tmp_path / "1", tracking_events=scan), as_of=AS_OF)
    orders(tmp_path / "2", ORDER, as_of=LATER)
    assert is_flagged()
    assert known()["tracking"] == iso(AS_OF)


def test_migrating_flags_what_came_in_before_and_takes_back_what_feeds_claimed(tmp_path) -> None:
    scan = "store_no,order_no,tracking_no,at,kind\nS1,2,T,2062-02-02T00:00:00Z,transit\n"
    rows = [
        f"S1,{number},{BEFORE},10,USD,{paid}" for number, paid in ((1, "2062-01-01T00:00:00Z"), (2, ""), (3, BEFORE))
    ]
    orders(tmp_path, *rows, columns=",paid_at", tracking_events=scan)
    issues = Order.objects.order_by("order_no").values_list("data_issues", flat=True)
    assert [bits & AFTER_EXPORT != 0 for bits in issues] == [True, True, False]
    Order.objects.filter(data_issues__gte=AFTER_EXPORT).update(data_issues=0)
    Feed.objects.update(known_until=datetime(2062, 1, 1, tzinfo=UTC))
    Store.objects.filter(store_no="S2").update(source_at=datetime(2062, 1, 1, tzinfo=UTC))
    migration = import_module("intake.migrations.0003_nothing_after_the_export")
    migration.bring_up_to_date(apps, connection.schema_editor())
    assert [bits & AFTER_EXPORT for bits in issues.all()] == [AFTER_EXPORT, AFTER_EXPORT, 0]
    assert known() == {"orders": BEFORE, "tracking": BEFORE}
    assert Store.objects.get(store_no="S2").source_at <= timezone.now()


def test_every_instant_of_a_file_is_a_fact_or_a_plan() -> None:
    planned = {(spec.name, column.name) for spec in FILES.values() for column in spec.columns if column.planned}
    assert planned == {("orders", "ship_by"), ("orders", "estimated_delivery_at")}
    assert all(column.kind is Kind.INSTANT for spec in FILES.values() for column in spec.columns if column.planned)
