"""Bad archives, workbooks and Parquet files: what is rejected as a whole and why; what is taken (IX-01, IX-04)."""

import io
import os
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from intake.models import Import
from intake.reading import BundleError
from orders.models import Order
from tests.intake.helpers import ORDERS, STORES, counts, errors, reasons, take, write

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-04")]

HEADER = "store_no,order_no,created_at,total_amount,currency"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


# ── Archives ────────────────────────────────────────────────────────────────────────────────────────────────────────


def zipped(path: Path, members: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def failure(path: Path) -> str:
    """Why nothing of a path could be imported."""
    job, report = take(path)
    assert job.state == Import.State.FAILED
    return " ".join(report.rejected_files.values())


def test_a_zip_with_a_folder_in_it(tmp_path):
    path = zipped(tmp_path / "b.zip", {"x/stores.csv": STORES, "x/orders.csv": ORDERS, "__MACOSX/orders.csv": "?"})
    _job, report = take(path)
    assert counts(report, "orders") == {"new": 2}


@pytest.mark.parametrize("name", ["../orders.csv", "/etc/orders.csv", "..\\orders.csv", "C:\\orders.csv"])
def test_names_that_lead_out_of_the_archive(tmp_path, name):
    assert "leads out of the archive" in failure(zipped(tmp_path / "b.zip", {name: ORDERS}))
    assert not (tmp_path / "orders.csv").exists()


def test_a_zip_bomb_is_rejected(tmp_path):
    assert "bomb" in failure(zipped(tmp_path / "b.zip", {"orders.csv": b"0" * (30 * 2**20)}))


def test_an_encrypted_zip_is_rejected(tmp_path):
    path = zipped(tmp_path / "b.zip", {"orders.csv": ORDERS})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    central = data.rindex(b"PK\x01\x02")
    data[central + 8] |= 1
    path.write_bytes(bytes(data))
    assert "password" in failure(path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("b.zip", b"not a zip", "no ZIP file"),
        ("b.zip", b"PK\x03\x04 cut off", "damaged ZIP"),
        ("b.xlsx", b"plain text", "no XLSX file"),
        ("orders.csv", b"%PDF-1.7", "PDF"),
        ("orders.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "has a password"),
    ],
)
def test_files_that_are_not_what_they_seem(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    assert reason in failure(path)


def test_nothing_recognisable(tmp_path):
    (tmp_path / "readme.txt").write_text("hello")
    assert "nothing here can be imported" in failure(tmp_path)


def test_a_broken_manifest(tmp_path):
    assert "manifest.json is not JSON" in failure(write(tmp_path, stores=STORES, manifest="{"))


# ── Workbooks and Parquet ──────────────────────────────────────────────────────────────────────────────────────────


def workbook(path: Path, sheets: dict[str, list[list[object]]], **options) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), options) as book:
        stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for place, value in enumerate(row):
                    if hasattr(value, "year"):
                        sheet.write_datetime(line, place, value, stamp)
                    elif value is not None:
                        sheet.write(line, place, value)
    return path


@pytest.mark.rule("IX-01")
@pytest.mark.parametrize("date_1904", [False, True])
def test_workbooks_are_taken_with_their_dates(tmp_path, date_1904):
    rows = [
        HEADER.split(","),
        ["S1", "0042", datetime(2024, 5, 1, 10, 30), 12.5, "USD"],
        [],
        ["S1", 43, "soon", 1, "USD"],
    ]
    sheets = {"Stores": [["store_no", "name"], ["S1", "One"]], "orders": rows, "notes": [["x"]]}
    path = workbook(tmp_path / "b.xlsx", sheets, default_date_format="yyyy-mm-dd", date_1904=date_1904)
    job, report = take(path, zone="Asia/Shanghai")
    assert counts(report, "orders") == {"new": 1, "refused": 1}
    order = Order.objects.get()
    assert (order.order_no, order.created_at.isoformat(), order.total_amount) == (
        "0042",
        "2024-05-01T02:30:00+00:00",
        12.5,
    )
    assert errors(job, "orders")[0]["line"] == "4"


def test_a_workbook_s_rounded_order_number_is_rejected(tmp_path):
    rows = [HEADER.split(","), ["S1", 8100123456789012345, "2024-05-01T10:00:00Z", 1, "USD"]]
    job, _report = take(
        workbook(tmp_path / "b.xlsx", {"stores": [["store_no", "name"], ["S1", "One"]], "orders": rows})
    )
    assert "spreadsheet" in reasons(job, "orders")[0][1]


def test_a_workbook_with_macros_is_rejected(tmp_path):
    path = workbook(tmp_path / "b.xlsx", {"stores": [["store_no", "name"], ["S1", "One"]]})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert "macros" in failure(path)


def test_parquet_is_taken(tmp_path):
    import pyarrow
    import pyarrow.parquet

    write(tmp_path, stores=STORES)
    table = pyarrow.table(
        {
            "store_no": ["S1"],
            "order_no": ["007"],
            "created_at": [datetime(2024, 5, 1, 10, tzinfo=UTC)],
            "total_amount": [Decimal("9.90")],
            "currency": ["USD"],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "orders.parquet")
    _job, report = take(tmp_path)
    assert counts(report, "orders") == {"new": 1}
    assert Order.objects.get().order_no == "007"


def test_damaged_workbook_and_parquet(tmp_path):
    good = workbook(tmp_path / "a.xlsx", {"stores": [["store_no", "name"], ["S1", "One"]]})
    source = zipfile.ZipFile(good)
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, b"<broken" if "sheet1" in name else source.read(name))
    path = tmp_path / "stores.xlsx"
    path.write_bytes(broken.getvalue())
    assert "XLSX" in failure(path)
    parquet = tmp_path / "orders.parquet"
    parquet.write_bytes(b"PAR1" + os.urandom(200) + b"PAR1")
    assert "PARQUET" in failure(parquet)
    assert issubclass(BundleError, ValueError)


def rewritten(path: Path, part: str, change) -> Path:
    """The workbook with one of its parts changed."""
    result = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if part in name else content)
    return result


def test_false_sheet_dimensions_cost_nothing(tmp_path):
    good = workbook(tmp_path / "b.xlsx", {"stores": [["store_no", "name"], ["S1", "One"]]})
    path = rewritten(good, "sheet1.xml", lambda xml: xml.replace(b'"A1:B2"', b'"A1:XFD1048576"'))
    _job, report = take(path)
    assert counts(report, "stores") == {"new": 1}


def test_a_cell_at_the_end_of_the_world_is_rejected(tmp_path):
    rows: list[list[object]] = [["store_no", "name"], ["S1", "One"]]
    path = workbook(tmp_path / "b.xlsx", {"stores": rows})
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    path = rewritten(path, "sheet1.xml", lambda xml: xml.replace(b"</sheetData>", far))
    assert "needs too much memory" in failure(path)


def test_billion_laughs_are_rejected(tmp_path):
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 100) for level in range(8))
    bomb = b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 1000 + b'">' + entities + b"]>"
    path = workbook(tmp_path / "b.xlsx", {"stores": [["store_no", "name"], ["S1", "One"]]})
    path = rewritten(
        path, "sharedStrings.xml", lambda xml: bomb + xml[xml.index(b"<sst") :].replace(b">One<", b">&i;<")
    )
    assert "XLSX" in failure(path)
