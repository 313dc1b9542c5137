"""The catalogue of bad input: what is rejected, with file, line, column, value and reason; what passes (IX-04)."""

from pathlib import Path

import pytest
from django.utils import translation

from intake.reading.lines import CSV_LIMIT
from orders.models import Order
from stores.models import Store
from tests.intake.helpers import ORDERS, STORES, counts, errors, reasons, take, write

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-04")]

HEADER = "store_no,order_no,created_at,total_amount,currency"
GOOD = "S1,{},2024-05-01T10:00:00Z,1.00,USD"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def orders_of(folder: Path, *rows: str, header: str = HEADER, **options):
    """Import two stores and these rows of orders."""
    content = "\n".join([header, *rows]) + "\n"
    return take(write(folder, stores=STORES, orders=content), **options)


def rejected_files(folder: Path, **files: str | bytes) -> dict[str, str]:
    _job, report = take(write(folder, **files))
    return report.rejected_files


# ── Whole files ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_byte_order_mark_is_fine(tmp_path):
    _job, report = take(write(tmp_path, stores="\ufeff" + STORES, orders="\ufeff" + ORDERS))
    assert counts(report, "orders") == {"new": 2}


def test_another_encoding_is_named_and_not_taken_unconfirmed(tmp_path):
    refused = rejected_files(tmp_path, stores="store_no,name\nS1,店铺\n".encode("gb18030"))
    assert refused == {
        "stores.csv": "seems to be in GB18030 (it reads “店铺”): confirm that with --encoding gb18030, "
        "or save it as UTF-8"
    }
    assert not Store.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_needs_no_confirmation(tmp_path, encoding):
    _job, report = take(write(tmp_path, stores=STORES.replace("First", "店铺").encode(encoding)))
    assert (report.rejected_files, counts(report, "stores")) == ({}, {"new": 2})
    assert Store.objects.get(store_no="S1").name == "店铺"


def test_of_mixed_encodings_only_the_bad_rows_are_rejected(tmp_path):
    content = b"store_no,name\nS1," + "店铺".encode("gb18030") + "\nS2,店铺二\n".encode()
    job, report = take(write(tmp_path, stores=content))
    assert counts(report, "stores") == {"new": 1, "refused": 1}
    assert errors(job, "stores")[0]["line"] == "2"
    assert "not UTF-8" in errors(job, "stores")[0]["reason"]


def test_an_empty_file_is_rejected(tmp_path):
    assert "is empty" in rejected_files(tmp_path, stores="")["stores.csv"]


def test_a_header_alone_is_fine(tmp_path):
    _job, report = take(write(tmp_path, stores=STORES, orders=HEADER + "\n"))
    assert report.rejected_files == {}
    assert report.counts["orders"]["new"] == 0


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER + ",currency", "the header has the column currency twice"),
        (HEADER.replace(",currency", ""), "currency is missing"),
        ('"store_no,order_no', "header can't be read"),
    ],
)
def test_headers_that_are_rejected(tmp_path, header, reason):
    assert reason in rejected_files(tmp_path, stores=STORES, orders=header + "\n")["orders.csv"]


def test_unknown_columns_are_reported_and_ignored(tmp_path):
    job, report = orders_of(tmp_path, GOOD.format("1") + ",x", header=HEADER + ",colour")
    assert counts(report, "orders") == {"new": 1}
    assert [remark["text"] for remark in job.remarks] == ["unknown columns were ignored: colour"]


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_a_million_blank_rows_are_passed_over(tmp_path):
    _job, report = orders_of(tmp_path, GOOD.format("1"), "\n" * 500_000 + ",,,,\n" * 200_000)
    assert counts(report, "orders") == {"new": 1}


def test_columns_in_any_order_and_case(tmp_path):
    _job, report = orders_of(
        tmp_path, "USD,1.00,2024-05-01T10:00:00Z,9,S1", header=" Currency,TOTAL_AMOUNT,created_at,order_no,store_no"
    )
    assert counts(report, "orders") == {"new": 1}


# ── Rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────


# Row, column, part of the reason.
BAD_ROWS = [
    ("S1,1.23E+17,2024-05-01T10:00:00Z,1,USD", "order_no", "rounded number by a spreadsheet"),
    ("S1,a\x00b,2024-05-01T10:00:00Z,1,USD", "order_no", "NUL"),
    ("S1,,2024-05-01T10:00:00Z,1,USD", "order_no", "is required"),
    (f"S1,{'9' * 65},2024-05-01T10:00:00Z,1,USD", "order_no", "longer than 64"),
    ("S1,1,01/02/03,1,USD", "created_at", "which is the day"),
    ("S1,1,2023-02-29T10:00:00Z,1,USD", "created_at", "no day or time of day that exists"),
    ("S1,1,2024-05-01T10:00:00,1,USD", "created_at", "no offset"),
    ("S1,1,1999-12-31T23:59:59Z,1,USD", "created_at", "2000 to 2100"),
    ("S1,1,2101-01-01T00:00:00Z,1,USD", "created_at", "2000 to 2100"),
    ("S1,1,\uff12024-05-01T10:00:00Z,1,USD", "created_at", "full-width"),
    ("S1,1,2024-05-01T10:00:00Z,1_000,USD", "total_amount", "not a number"),
    ("S1,1,2024-05-01T10:00:00Z,\uff11\uff10,USD", "total_amount", "full-width"),
    ("S1,1,2024-05-01T10:00:00Z,inf,USD", "total_amount", "not a number"),
    ("S1,1,2024-05-01T10:00:00Z,1e3,USD", "total_amount", "not a number"),
    ('S1,1,2024-05-01T10:00:00Z,"1,5",USD', "total_amount", "with a point"),
    ("S1,1,2024-05-01T10:00:00Z,-1,USD", "total_amount", "must not be negative"),
    (f"S1,1,2024-05-01T10:00:00Z,{'9' * 40},USD", "total_amount", "too large"),
    ("S1,1,2024-05-01T10:00:00Z,99999999999999,USD", "total_amount", "too large in US dollars"),
    ("S1,1,2024-05-01T10:00:00Z,1,XXX", "currency", "no rate for XXX"),
    ("S1,1,2024-05-01T10:00:00Z,1,Dollar", "currency", "three letters"),
    ("S1,1,2024-05-01T10:00:00Z,1", "", "4 cells where the header has 5"),
    ("S1,1,2024-05-01T10:00:00Z,1,USD,x", "", "6 cells where the header has 5"),
    ('S1,"1"x,2024-05-01T10:00:00Z,1,USD', "", "quote"),
]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("row", "column", "reason"), BAD_ROWS)
def test_a_bad_row_is_rejected_alone(tmp_path, row, column, reason):
    job, report = orders_of(tmp_path, GOOD.format("first"), row, GOOD.format("last"))
    assert counts(report, "orders") == {"new": 2, "refused": 1}
    [error] = errors(job, "orders")
    assert (error["file"], error["line"], error["column"]) == ("orders.csv", "3", column)
    assert reason in error["reason"]
    assert Order.objects.count() == 2


def test_what_looks_odd_but_is_right(tmp_path):
    _job, report = orders_of(
        tmp_path,
        "S1,000123,2024-05-01T10:00:00.999999Z,-0.00,usd",
        "S1,12E34,2024-02-29 10:00:00+08:00,1.00,USD,,",
        '"S1"," 77 ",2024-05-01T10:00:00+0800,"2.50",USD',
    )
    assert report.counts["orders"]["refused"] == 0
    assert set(Order.objects.values_list("order_no", flat=True)) == {"000123", "12E34", "77"}
    first = Order.objects.get(order_no="000123")
    assert (first.created_at.isoformat(), first.total_usd) == ("2024-05-01T10:00:00+00:00", 0)


def test_an_open_quote_costs_its_row_only(tmp_path):
    job, report = orders_of(
        tmp_path, GOOD.format("1"), 'S1,"2,2024-05-01T10:00:00Z,1,USD', GOOD.format("3"), GOOD.format("4")
    )
    assert counts(report, "orders") == {"new": 3, "refused": 1}
    assert errors(job, "orders")[0]["line"] == "3"


def test_an_endless_cell_costs_its_row_only(tmp_path):
    job, report = orders_of(tmp_path, GOOD.format("1"), f"S1,{'x' * (CSV_LIMIT + 1)},,,", GOOD.format("3"))
    assert counts(report, "orders") == {"new": 2, "refused": 1}
    assert "longer than 131072" in errors(job, "orders")[0]["reason"]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    messages = (
        "store_no,message_no,order_no,sent_at,sender,text\n"
        'S1,1,001,2024-05-01T10:00:00Z,buyer,"two\nlines"\nS1,2,001,never,buyer,x\n'
    )
    job, _report = take(write(tmp_path, stores=STORES, orders=ORDERS, messages=messages))
    assert errors(job, "messages")[0]["line"] == "4"


def test_a_bad_row_near_the_end_of_a_large_file(tmp_path):
    rows = [GOOD.format(number) for number in range(5_000)]
    rows[4_998] = "S1,4998,2024-05-01T10:00:00Z,?,USD"
    job, report = orders_of(tmp_path, *rows)
    assert counts(report, "orders") == {"new": 4_999, "refused": 1}
    assert errors(job, "orders")[0]["line"] == "5000"


@pytest.mark.parametrize("between", [0, 2_500])
def test_of_two_rows_with_one_key_the_later_wins_and_it_is_reported(tmp_path, between):
    """In one chunk and in different ones."""
    fill = [GOOD.format(f"n{number}") for number in range(between)]
    rows = ["S1,1,2024-05-01T10:00:00Z,1,USD", *fill, "S1,1,2024-05-01T10:00:00Z,2,USD"]
    job, report = orders_of(tmp_path, *rows)
    assert report.counts["orders"]["duplicates"] == 1
    assert Order.objects.get(order_no="1").total_amount == 2
    assert any("same key" in remark["text"] for remark in job.remarks)


def test_the_same_file_again_is_the_same(tmp_path):
    orders_of(tmp_path, GOOD.format("1"))
    _job, report = orders_of(tmp_path, GOOD.format("1"))
    assert counts(report, "orders") == {"same": 1}


# ── Zones ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("IX-01")
def test_a_zone_gives_naive_instants_their_meaning(tmp_path):
    orders_of(tmp_path, "S1,1,2024-05-01T10:00:00,1,USD", zone="Asia/Shanghai")
    assert Order.objects.get().created_at.isoformat() == "2024-05-01T02:00:00+00:00"


def test_a_time_that_the_clocks_skipped_is_rejected(tmp_path):
    job, report = orders_of(tmp_path, "S1,1,2024-03-31T02:30:00,1,USD", zone="Europe/Berlin")
    assert counts(report, "orders") == {"refused": 1}
    assert "does not exist in Europe/Berlin" in reasons(job, "orders")[0][1]


# ── The error CSV ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_error_csv_can_be_corrected_and_imported_again(tmp_path):
    job, _report = orders_of(tmp_path / "first", "S1,1,2024-05-01T10:00:00Z,ten,USD", GOOD.format("2"))
    path = job.errors_folder / "orders.csv"
    path.write_text(path.read_text().replace(",ten,USD", ",10,USD", 1))
    _job, report = take(job.errors_folder)
    assert report.rejected_files == {}
    assert counts(report, "orders") == {"new": 1}
    assert Order.objects.count() == 2


@pytest.mark.rule("RL-12")
def test_formulas_are_neutralised_and_come_back_as_they_were(tmp_path):
    job, _report = orders_of(tmp_path, "S1,=cmd|x,2024-05-01T10:00:00Z,-5,USD")
    [error] = errors(job, "orders")
    assert error["order_no"] == "'=cmd|x"
    assert error["total_amount"] == "-5"
    assert (job.errors_folder / "orders.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    path = job.errors_folder / "orders.csv"
    path.write_text(path.read_text().replace(",-5,USD", ",5,USD", 1))
    take(job.errors_folder)
    assert Order.objects.get().order_no == "=cmd|x"


def test_files_that_have_a_value_column_keep_it(tmp_path):
    job, _report = take(
        write(tmp_path, stores=STORES, platform_figures="store_no,day,metric,value\nS1,2024-05-01,odr,?\n")
    )
    [error] = errors(job, "platform_figures")
    assert (error["value"], error["refused_value"], error["column"]) == ("?", "?", "value")
