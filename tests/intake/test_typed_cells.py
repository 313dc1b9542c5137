"""Cells of workbooks and Parquet files, whose types say less than they seem to (IX-01, IX-05b)."""

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from django.utils import translation

from orders.models import Order
from stores.models import Store
from tests.intake.helpers import STORES, counts, errors, take, write

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.django_db, pytest.mark.rule("IX-01", "IX-05b")]
EIGHT = "2024-05-01T00:05:00+00:00"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def workbook(folder: Path, *rows: tuple[object, ...], dates: tuple[int, ...] = ()) -> Path:
    write(folder, stores=STORES)
    with xlsxwriter.Workbook(str(folder / "orders.xlsx")) as book:
        sheet, as_date = book.add_worksheet("orders"), book.add_format({"num_format": "yyyy/m/d h:mm"})
        names = ("store_no", "order_no", "created_at", "total_amount", "currency", "usd_rate")
        for number, row in enumerate((names, *rows)):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                else:
                    sheet.write(number, place, value, as_date if number and place in dates else None)
    return folder


def parquet(folder: Path, **changed: pa.Array) -> Path:
    write(folder, stores=STORES)
    columns = {
        "store_no": pa.array(["S1"]),
        "order_no": pa.array(["1"]),
        "created_at": pa.array(["2024-05-01T00:05:00Z"]),
        "total_amount": pa.array(["24.90"]),
        "currency": pa.array(["USD"]),
        **changed,
    }
    pq.write_table(pa.table(columns), folder / "orders.parquet")
    return folder


def test_serials_are_rounded_to_the_second(tmp_path):
    # 8:05 is no binary fraction of a day: as a date it reads 8:04:59.999 in one program and 8:05:00 in another.
    serial = 45413 + 8 / 24 + 5 / 1440 - 1e-8
    folder = workbook(tmp_path, ("S1", "1", serial, 1, "USD"), ("S1", "2", serial, 1, "USD"), dates=(2,))
    take(folder, zone="Asia/Shanghai")
    assert {order.created_at.isoformat() for order in Order.objects.all()} == {EIGHT}


def test_a_serial_in_a_cell_without_a_format_is_a_date_too(tmp_path):
    take(workbook(tmp_path, ("S1", "1", 45413.3368055556, 1, "USD")), zone="Asia/Shanghai")
    assert Order.objects.get().created_at.isoformat() == EIGHT


def test_sums_of_binary_numbers_are_what_the_sheet_shows(tmp_path):
    _job, report = take(workbook(tmp_path, ("S1", "1", "2024-05-01T00:05:00Z", 0.1 + 0.2, "USD", 1e-05)))
    assert counts(report, "orders") == {"new": 1}
    order = Order.objects.get()
    assert (order.total_amount, order.usd_rate) == (Decimal("0.3"), Decimal("0.00001"))


def test_a_number_that_a_workbook_rounded_is_rejected(tmp_path):
    job, report = take(workbook(tmp_path, ("S1", 8199633578334501234, "2024-05-01T00:05:00Z", 1, "USD")))
    assert counts(report, "orders") == {"refused": 1}
    assert "rounded number" in errors(job, "orders")[0]["reason"]


def test_an_error_of_a_formula_is_no_number(tmp_path):
    folder = write(tmp_path, stores=STORES)
    rows = "S1,#REF!,2024-05-01T00:05:00Z,1,USD\nS1,####,2024-05-01T00:05:00Z,1,USD\n"
    (folder / "orders.csv").write_text(f"store_no,order_no,created_at,total_amount,currency\n{rows}")
    job, _report = take(folder)
    assert {row["reason"] for row in errors(job, "orders")} == {
        "is the error of a formula, not a value: put the value in"
    }


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("total_amount", pa.array([24.9], pa.float32())),
        ("total_amount", pa.array([24.9])),
        ("total_amount", pa.array([Decimal("24.90")])),
        ("order_no", pa.array([1.0])),
        ("order_no", pa.array(["1"]).dictionary_encode()),
        ("created_at", pa.array([datetime(2024, 5, 1, 0, 5)], pa.timestamp("ns", tz="UTC"))),
        ("created_at", pa.array([1714521900000])),
    ],
)
def test_typed_columns_of_parquet_mean_what_text_means(tmp_path, column, cells):
    _job, report = take(parquet(tmp_path, **{column: cells}))
    assert counts(report, "orders") == {"new": 1}
    order = Order.objects.get()
    assert (order.order_no, order.created_at.isoformat(), order.total_amount) == ("1", EIGHT, Decimal("24.9"))


def test_exact_whole_floats_of_parquet_are_taken_and_others_rejected(tmp_path):
    _job, report = take(parquet(tmp_path / "a", order_no=pa.array([8199633578334503.0])))
    assert counts(report, "orders") == {"new": 1}
    _job, report = take(parquet(tmp_path / "b", order_no=pa.array([81996335783345031.0])))
    assert counts(report, "orders") == {"refused": 1}


@pytest.mark.parametrize(
    "nested",
    [pa.array([["1", "2"]]), pa.array([{"no": "1"}]), pa.array([[("a", "1")]], pa.map_(pa.string(), pa.string()))],
)
def test_nested_parquet_is_rejected_by_column(tmp_path, nested):
    job, report = take(parquet(tmp_path, order_no=nested))
    assert report.rejected_files == {
        "orders.parquet": "the column order_no holds lists or records where single values are meant: "
        "save it as plain columns"
    }
    assert Order.objects.count() == 0
    assert job.state == "failed"


DRESSED = ('="8001"', "'8001", "#8001", "8001.0", "80\u00a001", "\uff18\uff10\uff10\uff11")


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_in_every_form_of_file_a_number_in_dress_is_the_same(tmp_path, form):
    rows = [("S1", dressed, "2024-05-01T00:05:00Z", "1", "USD") for dressed in ("8001", *DRESSED)]
    names = ("store_no", "order_no", "created_at", "total_amount", "currency")
    if form == "xlsx":
        workbook(tmp_path, *rows)
    elif form == "parquet":
        parquet(tmp_path, **{name: pa.array([row[place] for row in rows]) for place, name in enumerate(names)})
    else:
        with (write(tmp_path, stores=STORES) / "orders.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([names, *rows])
    _job, report = take(tmp_path)
    assert counts(report, "orders") == {"new": 1, "duplicates": len(DRESSED)}
    assert Order.objects.get().order_no == "8001"


@pytest.mark.parametrize("number", ["A/B", "..", "?x=1", "A#B", "%2F", "a b\u0301c/", "x" * 65])
def test_numbers_that_can_not_stand_in_addresses_are_rejected_alone(tmp_path, number):
    stores = f"store_no,name,company_no\n{number},Bad,C1\nS1,Good,C1\nS2,Also bad,{number}\n"
    job, report = take(write(tmp_path, stores=stores, companies=f"company_no,name\n{number},x\n"))
    assert [counts(report, name) for name in ("companies", "stores")] == [{"refused": 1}, {"new": 1, "refused": 2}]
    assert [row["column"] for row in errors(job, "stores")] == ["store_no", "company_no"]
    assert list(Store.objects.values_list("store_no", flat=True)) == ["S1"]
