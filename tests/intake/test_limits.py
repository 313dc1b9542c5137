"""What hostile files may cost: limits are checked before the work that they bound (RL-12, RL-18)."""

import struct
import subprocess
import sys
import zipfile
from itertools import repeat
from pathlib import Path
from time import process_time

import pyarrow
import pyarrow.parquet
import pytest
from django.utils import translation

from intake.pipeline.report import CancelledError
from intake.reading import BundleError, CsvSource, archives, convert, csvfile, workbooks
from intake.reading.archives import MOST_MEMBERS, open_archive
from intake.reading.convert import MOST_COLUMNS, TOO_LARGE
from intake.reading.csvfile import RejectedFileError
from intake.reading.filetypes import FileKind, kind_of
from intake.reading.lines import BLOCK, MOST_PARTS, Chunks, Part
from intake.reading.stopping import stopping
from tests.intake.helpers import ORDERS, STORES, counts, take, write

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow, pytest.mark.rule("RL-18")]
MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def refusal(path: Path) -> str:
    with pytest.raises(BundleError) as error:
        kind_of(path)
    return str(error.value)


# ── Columns ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_file_with_too_many_columns_is_rejected_at_once_and_alone(tmp_path):
    wide = ",".join(["store_no", "sku", *(f"c{number}" for number in range(100_000))]) + "\n"
    started = process_time()
    _job, report = take(write(tmp_path, stores=STORES, orders=ORDERS, listings=wide))
    assert report.rejected_files == {"listings.csv": "has more than 512 columns"}
    assert counts(report, "orders") == {"new": 2}
    # Comparing every column with every other one took minutes.
    assert process_time() - started < 20


@pytest.mark.django_db
def test_a_workbook_and_a_parquet_file_with_too_many_columns_are_rejected(tmp_path):
    names = [f"c{number}" for number in range(MOST_COLUMNS + 1)]
    pyarrow.parquet.write_table(pyarrow.table({name: ["x"] for name in names}), tmp_path / "orders.parquet")
    _job, report = take(tmp_path)
    assert report.rejected_files == {"orders.parquet": "has more than 512 columns"}


# ── Archives ───────────────────────────────────────────────────────────────────────────────────────────────────────


def crowded(path: Path, members: int, comment: bytes = b"") -> Path:
    """A ZIP of many empty members, written without the module that would keep a list of them."""
    with path.open("wb") as stream:
        local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
        entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
        stream.write(local)
        stream.writelines(repeat(entry, members))
        size, start = len(entry) * members, len(local)
        large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, members, members, size, start)
        stream.write(large)
        stream.write(struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1))
        stream.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, size, start, len(comment)) + comment)
    return path


@pytest.mark.parametrize("comment", [b"", b"made by hand"])
def test_an_archive_of_a_million_members_is_rejected_by_its_end_record(tmp_path, comment):
    path = crowded(tmp_path / "b.zip", 1_000_000, comment)
    started = process_time()
    assert refusal(path) == f"holds more than {MOST_MEMBERS} files"
    # Listing them takes ten times as long.
    assert process_time() - started < 1


def test_an_end_record_that_says_too_little_does_not_help(tmp_path):
    path = crowded(tmp_path / "b.zip", 100_000)
    data = bytearray(path.read_bytes())
    data[-14:-10] = struct.pack("<2H", 1, 1)
    path.write_bytes(data)
    assert refusal(path) == f"holds more than {MOST_MEMBERS} files"


def test_as_many_members_as_are_taken_pass(tmp_path):
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MOST_MEMBERS):
            archive.writestr(f"{number}.csv", "")
    with open_archive(path) as archive:
        assert len(archives.check_archive(archive)) == MOST_MEMBERS


# ── Workbooks ──────────────────────────────────────────────────────────────────────────────────────────────────────

TYPES = '<Types><Override PartName="/xl/workbook.xml" ContentType="{}"/></Types>'
PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACROS = "is a workbook with macros: save it as XLSX"
LINKS = "is a workbook with links to other files: replace them by values and save it again"


def book(path: Path, types: str | bytes, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", types)
        for name in ("xl/workbook.xml", *names):
            archive.writestr(name, "<x/>")
    return path


@pytest.mark.rule("RL-12")
@pytest.mark.parametrize(
    ("types", "names", "reason"),
    [
        (TYPES.format(PLAIN), ["xl/ExternalLinks/externalLink1.xml"], LINKS),
        (TYPES.format(PLAIN), ["XL\\EXTERNALLINKS\\a.xml"], LINKS),
        (TYPES.format(PLAIN.replace("sheet.main", "externalLink")), [], LINKS),
        (TYPES.format(PLAIN), ["xl/VBAProject.BIN"], MACROS),
        (TYPES.format(PLAIN), ["xl/macroSheets/sheet1.xml"], MACROS),
        (TYPES.format("application/vnd.ms-excel.sheet.MacroEnabled.main+xml"), [], MACROS),
        (TYPES.format("application/vnd.ms-office.vbaProject").encode("utf-16"), [], MACROS),
        (TYPES.format("application/vnd.ms-excel.sheet.&#109;acroEnabled.main+xml"), [], "damaged"),
        ('<!DOCTYPE a [<!ENTITY m "macro">]>' + TYPES.format("&m;Enabled"), [], "damaged"),
    ],
)
def test_macros_and_links_are_found_however_they_are_spelt(tmp_path, types, names, reason):
    assert reason in refusal(book(tmp_path / "orders.xlsx", types, *names))


@pytest.mark.rule("RL-12")
def test_a_plain_workbook_passes(tmp_path):
    assert kind_of(book(tmp_path / "orders.xlsx", TYPES.format(PLAIN))) is FileKind.XLSX


# ── Memory, size, time ─────────────────────────────────────────────────────────────────────────────────────────────


# Runs a command and prints its exit status and its most memory in kilobytes. In a process of its own, since a child's
# figure begins with that of the process that started it.
MEASURE = """
import os, subprocess, sys
program = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_pid, status, usage = os.wait4(program.pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def conversion(kind: str, path: Path, folder: Path, room: int) -> tuple[int, int]:
    """Exit status and the most memory of converting a file, in megabytes."""
    folder.mkdir()
    command = [sys.executable, convert.__file__, kind, str(path), str(folder), str(room)]
    measured = subprocess.run([sys.executable, "-c", MEASURE, *command], capture_output=True, text=True, check=True)
    status, kilobytes = map(int, measured.stdout.split())
    return status, kilobytes // 1024


def test_a_parquet_file_that_grows_a_thousandfold_stays_within_its_memory(tmp_path):
    text = pyarrow.array(["y" * 100_000] * 3_000)
    path = tmp_path / "orders.parquet"
    table = pyarrow.table({"store_no": text, "order_no": text})
    pyarrow.parquet.write_table(table, path, compression="zstd", use_dictionary=False, data_page_size=2**30)
    assert path.stat().st_size < MEGABYTE
    status, megabytes = conversion("parquet", path, tmp_path / "out", 2**31)
    assert status != 0
    assert megabytes < 512


def test_what_a_file_decodes_to_is_bounded(tmp_path):
    path = tmp_path / "orders.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"store_no": ["x" * 1000] * 20_000}), path)
    status, _megabytes = conversion("parquet", path, tmp_path / "out", 10 * MEGABYTE)
    assert status == TOO_LARGE
    assert sum(file.stat().st_size for file in (tmp_path / "out").iterdir()) < 11 * MEGABYTE


def test_a_workbook_that_is_mostly_nothing_stays_within_its_memory(tmp_path):
    path = tmp_path / "orders.xlsx"
    sheet = (
        '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1000000"><c r="SR1000000"><v>1</v></c>'
    )
    book(path, TYPES.format(PLAIN))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES.format(PLAIN))
        archive.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="orders" r:id="r1"/></sheets></workbook>')
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet + "</row></sheetData></worksheet>")
    status, megabytes = conversion("xlsx", path, tmp_path / "out", 2**31)
    assert status != 0
    assert megabytes < 512


def test_a_chunk_of_long_rows_has_fewer_of_them():
    parts = iter([Part([number], [["x"]]) for number in range(MOST_PARTS + 5)])
    chunks = Chunks(parts)
    assert [len(chunks.take(4_000)) for _ in range(3)] == [MOST_PARTS, 5, 0]
    assert BLOCK * MOST_PARTS <= 64 * MEGABYTE


@pytest.mark.parametrize(
    ("name", "reason"), [("MOST_STORES", "names more than 10 stores"), ("MOST_SUSPECTS", "repeat a key")]
)
def test_what_a_first_reading_keeps_is_bounded(tmp_path, monkeypatch, name, reason):
    from intake.canonical import FILES

    monkeypatch.setattr(csvfile, name, 10)
    rows = [f"S{number},1,2024-05-01T10:00:00Z,1,USD" for number in range(20)] * 2
    path = write(tmp_path, orders="store_no,order_no,created_at,total_amount,currency\n" + "\n".join(rows))
    with pytest.raises(RejectedFileError, match=reason):
        CsvSource(path / "orders.csv", FILES["orders"], "orders.csv").scan()


def test_a_wish_to_stop_ends_a_conversion_that_runs(tmp_path, monkeypatch, settings):
    settings.DATA_DIR = tmp_path
    sleeper = tmp_path / "convert.py"
    sleeper.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(workbooks, "__file__", str(tmp_path / "workbooks.py"))

    def ask(rows: int) -> None:
        raise CancelledError

    with stopping(ask), pytest.raises(CancelledError):
        list(workbooks.tables_to_csv(tmp_path / "orders.parquet", FileKind.PARQUET, tmp_path / "out"))
