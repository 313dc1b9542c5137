"""Files with a row per item or parcel become orders and lines, and corrections stay corrections (IX-06b, DM-17)."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from intake.profiles.items import numbers_in
from orders.models import Order, OrderLine, Shipment
from tests.cases import CASES
from tests.intake.helpers import STORES, counts, take, write

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-06b", "DM-17")]
HEADER = "store_no,order_no,created_at,sku,shipped_at,carrier,tracking_no,delivered_at,total_amount,currency"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def row(number: str, sku: str, shipped: str, parcel: str, delivered: str, amount: str) -> str:
    shipped, delivered = (f"2026-05-{day}T09:00:00Z" if day else "" for day in (shipped, delivered))
    return f"S1,{number},2026-05-01T10:00:00Z,{sku},{shipped},YANWEN,{parcel},{delivered},{amount},USD"


def taken(folder: Path, *rows: str, **files: str):
    return take(write(folder, stores=STORES, orders="\n".join([HEADER, *rows]) + "\n", **files))


def said(job) -> str:
    return " ".join(str(remark["text"]) for remark in job.remarks)


def test_items_are_added_up_and_the_first_parcel_is_the_order_s(tmp_path):
    rows = (
        row("1", "LAMP", "06", "LP2", "20", "15.00"),
        row("1", "BULB", "02", "LP1", "18", "10.50"),
        row("2", "LAMP", "03", "LP3", "", "15.00"),
    )
    job, report = taken(tmp_path, *rows)
    assert counts(report, "orders") == {"new": 2}
    first, second = Order.objects.order_by("order_no")
    assert (first.total_usd, first.tracking_no, first.sku) == (25.5, "LP1", "LAMP")
    assert first.shipped_at == datetime(2026, 5, 2, 9, tzinfo=UTC)
    assert first.delivered_at == datetime(2026, 5, 20, 9, tzinfo=UTC)
    assert (second.total_usd, second.sku) == (15, "LAMP")
    assert list(OrderLine.objects.order_by("line_no").values_list("order__order_no", "line_no", "sku", "amount")) == [
        ("1", 1, "LAMP", 15),
        ("1", 2, "BULB", 10.5),
    ]
    assert list(
        Shipment.objects.values_list("order__order_no", "tracking_no", "carrier", "shipped_at", "parcel_no")
    ) == [("1", "LP2", "YANWEN", datetime(2026, 5, 6, 9, tzinfo=UTC), 2)]
    assert "orders.csv: has a row per item: 2 rows were summed into 1 orders" in said(job)
    assert "the amounts of an order's rows were added up" in said(job)


def test_an_order_is_delivered_when_its_last_parcel_is(tmp_path):
    taken(tmp_path, row("1", "LAMP", "06", "LP2", "", "15"), row("1", "BULB", "02", "LP1", "18", "10"))
    assert Order.objects.get().delivered_at is None


def test_an_amount_that_repeats_is_taken_once(tmp_path):
    rows = (row("1", "LAMP", "02", "LP1", "", "25"), row("1", "BULB", "02", "LP1", "", "25"))
    job, _report = taken(tmp_path, *rows)
    assert Order.objects.get().total_usd == 25
    assert list(OrderLine.objects.order_by("line_no").values_list("sku", "amount")) == [("LAMP", None), ("BULB", None)]
    assert "the rows of an order repeat its amount, which was taken once" in said(job)


@pytest.mark.rule("IX-03")
def test_corrections_are_no_items(tmp_path):
    # The same item again, or another time of creation: the later row wins, and it is reported.
    rows = (
        row("1", "LAMP", "02", "LP1", "", "15"),
        row("1", "LAMP", "02", "LP1", "", "16"),
        row("2", "LAMP", "02", "LP2", "", "15"),
        row("2", "BULB", "02", "LP3", "", "10").replace("2026-05-01", "2026-04-30"),
    )
    job, report = taken(tmp_path, *rows)
    assert list(Order.objects.order_by("order_no").values_list("total_usd", flat=True)) == [16, 10]
    assert report.counts["orders"]["duplicates"] == 2
    assert "row per item" not in said(job)


def test_lines_that_stand_in_a_file_of_their_own_stay(tmp_path):
    rows = (row("1", "LAMP", "02", "LP1", "", "15"), row("1", "BULB", "02", "LP1", "", "10"))
    lines = "store_no,order_no,line_no,sku\nS1,1,7,CHAIR\n"
    taken(tmp_path, *rows, order_lines=lines)
    assert list(OrderLine.objects.values_list("line_no", "sku")) == [(7, "CHAIR")]


def test_items_whose_amount_can_not_be_read_are_rejected_one_by_one(tmp_path):
    rows = (row("1", "LAMP", "02", "LP1", "", "15"), row("1", "BULB", "02", "LP1", "", "ten"))
    _job, report = taken(tmp_path, *rows)
    assert counts(report, "orders") == {"new": 1, "refused": 1}


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("LP3\nLP4", ["LP3", "LP4"]),
        ("LP5;LP6", ["LP5", "LP6"]),
        ("LP7，LP8", ["LP7", "LP8"]),
        ("Cainiao:LP9", ["LP9"]),
        ("LP9", ["LP9"]),
        ("", []),
    ],
)
def test_numbers_of_a_cell(cell, numbers):
    assert numbers_in(cell) == numbers


# ── Cases ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pc_10_items_and_parcels():
    job, report = take(CASES / "PC-10" / "bundle")
    assert counts(report, "orders") == {"new": 5}
    orders = Order.objects.order_by("order_no").values_list("order_no", "total_usd", "carrier", "tracking_no")
    assert list(orders) == [
        ("7001", 25, "YANWEN", "LP1"),
        ("7002", Decimal("24.9"), "YANWEN", "LP3"),
        ("7003", Decimal("24.9"), "YANWEN", "LP5"),
        ("7004", Decimal("24.9"), "YANWEN", "LP7"),
        ("7005", Decimal("24.9"), "YANWEN", "LP9"),
    ]
    # The first parcel left in time; the second four days later.
    assert Order.objects.get(order_no="7001").shipped_at == datetime(2026, 5, 2, 9, tzinfo=UTC)
    assert "2 rows were summed into 1 orders" in said(job)
    assert "4 orders have several parcels" in said(job)
    further = Shipment.objects.order_by("order__order_no").values_list("order__order_no", "tracking_no", "parcel_no")
    assert list(further) == [("7001", "LP2", 2), ("7002", "LP4", 2), ("7003", "LP6", 2), ("7004", "LP8", 2)]


def test_pc_10_merged_cells():
    _job, report = take(CASES / "PC-10" / "merged_cells", zone="Asia/Shanghai")
    assert counts(report, "orders") == {"new": 1}
    order = Order.objects.get()
    assert (order.order_no, order.total_usd, order.tracking_no) == ("8199633578334501", 25, "LP1")
    assert order.shipped_at == datetime(2026, 5, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["order_no", "tracking_no"])
def test_items_are_found_whatever_column_is_the_last(tmp_path, last, ending):
    columns = [*(name for name in ("store_no", "order_no", "tracking_no") if name != last), "created_at", "sku"]
    columns += ["total_amount", "currency", last]
    rows = [
        {"order_no": "1", "sku": "LAMP", "tracking_no": "LP1"},
        {"order_no": "1", "sku": "BULB", "tracking_no": "LP1"},
        {"order_no": "2", "sku": "LAMP", "tracking_no": "LP2"},
    ]
    shared = {"store_no": "S1", "created_at": "2026-05-01T10:00:00Z", "total_amount": "5.00", "currency": "USD"}
    lines = [",".join((shared | row)[name] for name in columns) for row in rows]
    text = ending.join([",".join(columns), *lines, ""])
    _job, report = take(write(tmp_path / "items", stores=STORES, orders=text))
    assert (counts(report, "orders"), counts(report, "order_lines")) == ({"new": 2}, {"new": 2})
    plain = ending.join([",".join(columns), *lines[1:], ""])
    _job, report = take(write(tmp_path / "plain", stores=STORES, orders=plain))
    assert "order_lines" not in report.counts
