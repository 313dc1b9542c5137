"""Error rows name the right column and hold the whole original row (IX-04): the case PC-13, and others like it."""

import csv
import shutil
from pathlib import Path

import pytest
from django.utils import translation

from intake.models import Import
from orders.models import Order, OrderLine
from tests.cases.helpers import FOLDER, take_case
from tests.intake.helpers import AS_OF, HEADER_OF_ORDERS, STORES, counts, errors, take, write

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-04")]
ORIGINAL = FOLDER / "PC-13" / "bundle"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def said(job: Import, name: str) -> list[tuple[str, ...]]:
    return [tuple(row[part] for part in ("file", "line", "column", "value")) for row in errors(job, name)]


def original(name: str) -> list[dict[str, str]]:
    with (ORIGINAL / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_cell_that_can_not_be_read_is_named() -> None:
    job, report = take_case("PC-13/bundle", profile="olist")
    assert counts(report, "orders") == {"new": 1, "refused": 2}
    assert said(job, "orders") == [
        ("olist_orders_dataset.csv", "2", "order_purchase_timestamp", "02-10-2017 10:56"),
        ("olist_orders_dataset.csv", "4", "order_purchase_timestamp", "24/07/2018 20:41"),
    ]
    assert said(job, "order_lines") == [
        ("olist_order_items_dataset.csv", "2", "shipping_limit_date", "06-10-2017 11:07"),
        ("olist_order_items_dataset.csv", "4", "shipping_limit_date", "30/07/2018 03:24"),
    ]


@pytest.mark.parametrize(
    ("name", "source"), [("orders", "olist_orders_dataset"), ("order_lines", "olist_order_items_dataset")]
)
def test_the_whole_original_row_is_kept(name: str, source: str) -> None:
    job, _report = take_case("PC-13/bundle", profile="olist")
    bad = [row for row in original(source) if row["order_id"] != "aa02"]
    assert [{column: row[column] for column in bad[0]} for row in errors(job, name)] == bad


def test_what_could_be_read_stands_in_the_canonical_columns_and_goes_in_once_it_is_corrected() -> None:
    job, _report = take_case("PC-13/bundle", profile="olist")
    rows = {row["order_no"]: row for row in errors(job, "orders")}
    assert (rows["aa01"]["store_no"], rows["aa01"]["buyer_ref"], rows["aa01"]["site"]) == ("s1", "c1", "BR")
    assert rows["aa01"]["created_at"] == "02-10-2017 10:56"
    (job.errors_folder / "orders.csv").unlink()
    _job, report = take(job.errors_folder)
    assert (counts(report, "order_lines"), list(report.rejected_files)) == ({"waiting": 2}, [])
    assert OrderLine.objects.count() == 1


def test_an_order_with_an_item_that_can_not_be_read_is_not_taken_for_less(tmp_path: Path) -> None:
    shutil.copytree(ORIGINAL, tmp_path / "b")
    items = tmp_path / "b" / "olist_order_items_dataset.csv"
    items.write_text(items.read_text() + "aa02,2,p9,s1,2017-10-06 11:07:15,?,1.00\n")
    job, report = take(tmp_path / "b", profile="olist")
    assert counts(report, "orders") == {"refused": 3}
    [row] = [row for row in errors(job, "orders") if row["order_id"] == "aa02"]
    assert (row["column"], row["value"]) == ("order_id", "aa02")
    assert row["reason"] == "an item of the order can't be read: olist_order_items_dataset.csv, line 5, price ?"


def test_numbers_of_an_order_s_parts_stay_when_an_item_is_corrected(tmp_path: Path) -> None:
    shutil.copytree(ORIGINAL, tmp_path / "b")
    items, sellers = tmp_path / "b" / "olist_order_items_dataset.csv", tmp_path / "b" / "olist_sellers_dataset.csv"
    sellers.write_text("seller_id\ns1\ns0\n")
    items.write_text(items.read_text() + "aa02,2,p9,s0,never,5.00,1.00\n")
    take(tmp_path / "b", profile="olist")
    assert list(Order.objects.values_list("order_no", "store__store_no")) == [("aa02-2", "s1")]
    items.write_text(items.read_text().replace("never", "2017-10-06 11:07:15"))
    take(tmp_path / "b", profile="olist")
    assert set(Order.objects.values_list("order_no", "store__store_no")) == {("aa02-2", "s1"), ("aa02", "s0")}


def test_a_file_s_own_column_called_reason_is_kept(tmp_path: Path) -> None:
    job, _report = take(write(tmp_path, stores=STORES, orders=f"{HEADER_OF_ORDERS},Reason\nS1,1,never,1,USD,late\n"))
    [row] = errors(job, "orders")
    assert (row["original: reason"], row["column"], row["value"]) == ("late", "created_at", "never")


CELLS = ("=cmd|x", "'=cmd|x", "''x", "@7", "=5", "+1+2", "-x", "\tx", "\uff1dx", "'00123", "plain", "12E3")


@pytest.mark.rule("RL-12")
@pytest.mark.parametrize("cell", CELLS)
def test_cells_are_neutral_and_come_back_as_they_were(tmp_path: Path, cell: str) -> None:
    header = "store_no,order_no,created_at,total_amount,currency,cancel_reason"
    quoted = cell.replace('"', '""')
    job, _report = take(write(tmp_path, stores=STORES, orders=f'{header}\nS1,1,never,1,USD,"{quoted}"\n'))
    path = job.errors_folder / "orders.csv"
    for _again in range(2):
        [row] = errors(job, "orders")
        assert not row["cancel_reason"].startswith(("=", "+", "-", "@", "\t", "\uff1d"))
        job, _report = take(job.errors_folder, as_of=AS_OF)
    path = job.errors_folder / "orders.csv"
    path.write_text(path.read_text().replace("never", "2024-05-01T10:00:00Z", 1))
    take(job.errors_folder)
    assert Order.objects.get().cancel_reason == cell.strip()


@pytest.mark.rule("RL-12")
def test_headings_are_neutral_too(tmp_path: Path) -> None:
    job, _report = take(write(tmp_path, stores=STORES, orders=f"{HEADER_OF_ORDERS},=1+1,@x\nS1,1,never,1,USD,a,b\n"))
    heading = (job.errors_folder / "orders.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert heading.split(",")[5:7] == ["'=1+1", "'@x"]


def saved_by_a_spreadsheet(path: Path) -> None:
    """What a spreadsheet program makes of a CSV file that is opened and saved: numbers of 15 digits, shown with 11,
    without zeros in front, its own dates, marks where it sees text."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))

    def as_saved(cell: str) -> str:
        if cell.isdigit():
            return f"{float(cell):.5E}" if len(cell) > 11 else str(int(cell))
        if cell[:4].isdigit() and cell[4:5] == "-" and "T" not in cell and len(cell) >= 16:
            day, clock = cell.split(" ")
            year, month, last = map(int, day.split("-"))
            return f"{year}/{month}/{last} {int(clock[:2])}:{clock[3:5]}"
        return cell

    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([as_saved(cell) for cell in row] for row in rows)


@pytest.mark.rule("IX-05b")
def test_a_report_goes_in_after_a_spreadsheet_program_saved_it(tmp_path: Path) -> None:
    header = "store_no,order_no,created_at,total_amount,currency,tracking_no"
    row = "S1,8199633578334501,2024-05-01 10:00,?,USD,000123"
    job, _report = take(write(tmp_path, stores=STORES, orders=f"{header}\n{row}\n"), zone="Asia/Shanghai")
    path = job.errors_folder / "orders.csv"
    saved_by_a_spreadsheet(path)
    path.write_text(path.read_text(encoding="utf-8-sig").replace("?", "24.90", 1))
    _job, report = take(job.errors_folder)
    assert counts(report, "orders") == {"new": 1}
    order = Order.objects.get()
    assert (order.order_no, order.tracking_no) == ("8199633578334501", "000123")
    assert order.created_at.isoformat() == "2024-05-01T02:00:00+00:00"
