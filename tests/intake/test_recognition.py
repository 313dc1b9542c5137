"""What each file is: by headings, names, sheets, separators, byte order marks; unknown ones are rejected (IX-06b)."""

from pathlib import Path

import pytest
import xlsxwriter
from django.utils import translation

from intake.reading import AnswerBook, Answers
from intake.reading.headings import heading_key, plain_stem, recognise
from orders.models import Order
from tests.cases import CASES
from tests.intake.helpers import ORDERS, STORES, counts, take, write

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-06b")]
HEADER = ORDERS.splitlines()[0].split(",")
ROW = ["S1", "001", "2024-05-01T10:00:00Z", "", "10.00", "USD"]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def workbook(path: Path, **sheets: list[list[str]]) -> Path:
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


@pytest.mark.parametrize(
    "name",
    [
        "orders", "orders - Copy", "orders_2026-05", "orders (1)", "orders(2)", "Orders - 副本", "orders_20260501",
        "Copy of orders", "orders - copy (2)", "orders_2026-05-01_2026-05-31", "orders_2026",
    ],
)  # fmt: skip
def test_marks_of_copies_and_dates_are_no_part_of_a_name(name):
    assert plain_stem(name) == "orders"


@pytest.mark.parametrize("name", ["order_lines", "platform_figures", "2026-05"])
def test_other_names_stay(name):
    assert plain_stem(name) == name


@pytest.mark.parametrize(
    "heading",
    ["store_no", " Store No ", "STORE_NO", "\ufeffstore_no", "store\u00a0no", "store\nno", "ｓｔｏｒｅ＿ｎｏ"],
)
def test_headings_are_one_whatever_their_dress(heading):
    assert heading_key(heading) == "storeno"


@pytest.mark.parametrize(
    ("headings", "names", "found"),
    [
        (HEADER, ["data"], "orders"),
        (["店铺编号", "订单号", "下单时间", "付款时间", "订单金额", "币种"], ["表格"], "orders"),
        (["store_no", "order_no", "created_at", "described"], ["evaluations"], "reviews"),
        # Its name says nothing against its columns.
        (["store_no", "order_no", "created_at", "described"], ["orders"], "reviews"),
        # A name is believed where the columns fit it.
        (["store_no", "order_no"], ["settlements"], "settlements"),
        (["code", "name"], ["carriers"], "carriers"),
        # A name alone is believed too; what lacks is said when the file is read.
        (["order_no"], ["orders"], "orders"),
        # Categories or carriers: nobody knows.
        (["code", "name"], ["list"], None),
        (["store_no", "order_no", "colour", "size"], ["list"], None),
    ],
)
def test_a_table_is_recognised(headings, names, found):
    match = recognise(headings, names)
    assert (match and match.name) == found


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: "sep=;\r\n" + text.replace(",", ";"),
        lambda text: "\ufeffsep=,\n" + text,
        lambda text: "\ufeff\ufeff\ufeff" + text,
        lambda text: text.replace("store_no", "Store No").replace("order_no", "ORDER NO"),
        lambda text: text.replace(",".join(HEADER), "店铺编号,订单号,下单时间,付款时间,订单金额,币种"),
    ],
    ids=["semicolons", "tabs", "sep", "sep of commas", "marks", "blanks", "Chinese"],
)
def test_orders_in_any_dress_go_in(tmp_path, dress):
    _job, report = take(write(tmp_path, stores=STORES, export=dress(ORDERS)))
    assert (report.rejected_files, counts(report, "orders")) == ({}, {"new": 2})
    assert Order.objects.get(order_no="001").total_usd == 10


def test_lines_of_rejected_rows_are_those_of_the_original(tmp_path):
    content = "sep=;\n" + ORDERS.replace(",", ";") + "S1;003;yesterday;;1;USD\n"
    job, _report = take(write(tmp_path, stores=STORES, orders=content))
    refused = (job.errors_folder / "orders.csv").read_text("utf-8-sig")
    assert "orders.csv,5,created_at,yesterday" in refused


def test_a_copy_of_a_file_is_left_aside(tmp_path):
    folder = write(tmp_path, stores=STORES, orders=ORDERS, **{"orders - Copy": ORDERS})
    job, report = take(folder)
    assert (report.rejected_files, counts(report, "orders")) == ({}, {"new": 2})
    assert "holds the same as" in job.remarks[0]["text"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "store_no,order_no,created_at,paid_at,site\nS1,1,2024-05-01T10:00:00Z,,BR\n",
            "Nearest is orders.csv, which also needs: total_amount, currency",
        ),
        ("colour,size\nred,9\n", "name them as in one of the templates"),
        ("code,name\nA,B\n", "could be several kinds of data"),
        ("Order ID,Order Status,Buyer\n1,Finished,x\n", "set the back end to Chinese and export again"),
    ],
)
def test_what_looks_like_data_and_is_not_taken_fails(tmp_path, content, reason):
    job, report = take(write(tmp_path, stores=STORES, export=content))
    assert reason in report.rejected_files["export.csv"]
    assert job.state == "failed"


def test_a_note_is_left_aside(tmp_path):
    folder = write(tmp_path, stores=STORES, orders=ORDERS)
    (folder / "notes.txt").write_text("Exported by Ms Li.\nAsk her.\n")
    job, report = take(folder)
    assert (job.state, report.rejected_files) == ("done", {})
    assert "notes.txt" in str(job.remarks[0]["text"])


# ── Sheets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-01")
def test_sheets_go_by_name_or_columns_and_empty_ones_are_nothing(tmp_path):
    stores = [line.split(",") for line in STORES.splitlines()]
    path = workbook(tmp_path / "May.xlsx", stores=stores, 五月=[HEADER, ROW], orders=[], Sheet3=[])
    _job, report = take(path)
    assert report.rejected_files == {}
    assert (counts(report, "stores"), counts(report, "orders")) == ({"new": 2}, {"new": 1})


def test_a_sheet_that_looks_like_data_and_is_not_taken_fails(tmp_path):
    path = workbook(tmp_path / "May.xlsx", orders=[HEADER, ROW], 汇总=[["月份", "合计"], ["五月", "10"]])
    _job, report = take(path)
    assert list(report.rejected_files) == ["May.xlsx · 汇总"]


def test_text_and_web_pages_under_a_workbook_s_name(tmp_path):
    write(tmp_path, stores=STORES)
    (tmp_path / "orders.xls").write_text(ORDERS.replace(",", "\t"))
    _job, report = take(tmp_path)
    assert counts(report, "orders") == {"new": 2}
    (tmp_path / "orders.xls").write_text("\n<!DOCTYPE html><table><tr><td>store_no</td></tr></table>")
    _job, report = take(tmp_path)
    assert "is a web page (HTML or XML) under another name" in report.rejected_files["orders.xls"]


# ── Cases ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", ["x_named", "x_ru", "x_three", "x_zh"])
def test_pc_06_a_lone_filled_sheet_is_taken(case):
    _job, report = take(CASES / "PC-06" / case, zone="Asia/Shanghai")
    assert (report.rejected_files, counts(report, "orders")) == ({}, {"new": 1})


def test_pc_06_a_web_page_fails():
    job, report = take(CASES / "PC-06" / "html_xls")
    assert job.state == "failed"
    assert "is a web page" in report.rejected_files["orders.xls"]


@pytest.mark.parametrize(
    ("case", "encoding", "carrier"),
    [
        ("big5", "big5", "順豐速運"),
        ("gbk", "gb18030", "燕文"),
        ("sjis", "cp932", "ヤマト運輸"),
        ("cp1252", "cp1252", "Correos España"),
    ],
)
def test_pc_18_encodings_are_named_asked_for_and_taken(case, encoding, carrier):
    job, report = take(CASES / "PC-18" / case)
    assert job.state == "failed"
    assert carrier.split()[-1] in report.rejected_files["orders.csv"]
    # Of several readings the right one comes first.
    assert report.rejected_files["orders.csv"].index(encoding) < 90
    _job, report = take(CASES / "PC-18" / case, answers=AnswerBook(Answers(encoding=encoding)))
    assert report.rejected_files == {}
    assert Order.objects.get(order_no="1").carrier == carrier


def test_a_wrong_encoding_is_rejected_with_the_line():
    _job, report = take(CASES / "PC-18" / "sjis", answers=AnswerBook(Answers(encoding="big5")))
    assert report.rejected_files["orders.csv"] == "is not in Big5: it can't be read after line 0"
