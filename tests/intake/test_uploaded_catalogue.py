"""Every case, and the catalogue of bad files, brought by a browser: the same answers as from the command line."""

import io
import re
import shutil
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import translation

from intake.models import Import
from intake.pipeline import chunks
from intake.tasks import run_import_task
from intake.uploads import uploads_folder
from orders.models import Order
from stores.models import Company, Membership, Store, User
from tests.cases import CASES
from tests.intake.helpers import ORDERS, STORES, errors, take, undone
from tests.intake.killing import KilledError, Killer
from tests.intake.test_catalogue import BAD_ROWS
from tests.intake.test_containers import rewritten, workbook

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-04", "IX-06b", "PG-16")]
HEADER = "store_no,order_no,created_at,total_amount,currency\n"
GOOD = "S1,{},2024-05-01T10:00:00Z,1.00,USD\n"
BUNDLES = sorted(
    {path.parent for path in CASES.glob("PC-*/**/*") if path.is_file() and path.suffix in (".csv", ".xlsx", ".xls")}
)


@pytest.fixture(autouse=True)
def english():
    shutil.rmtree(uploads_folder(), ignore_errors=True)
    with translation.override("en"):
        yield


@pytest.fixture
def seller(client: Client) -> Client:
    company = Company.objects.create(company_no="C1", name="Mine")
    person = User.objects.create_user("owner@example.com", "pass-word-1", language="en")
    Membership.objects.create(user=person, company=company, role="owner")
    client.force_login(person)
    return client


def brought(client: Client, *files: SimpleUploadedFile, **said: str) -> Import:
    """Upload, look, answer, import."""
    sent = {"files": list(files), "company": Company.objects.get(company_no="C1").pk}
    response = client.post(reverse("intake:index"), sent)
    if response.status_code != 302:
        assert response.status_code == 422
        return Import(state="refused", error=response.text)
    return carried_on(client, Import.objects.latest("pk"), **said)


def carried_on(client: Client, job: Import, **said: str) -> Import:
    """Run an import to its end, with an answer where it asks."""
    run_import_task(job.pk)
    job.refresh_from_db()
    if job.state == Import.State.ASKING:
        assert client.get(reverse("intake:import", args=[job.pk])).status_code == 200
        answers = {f"f0-{question}": text for question, text in said.items() if question != "zone"}
        client.post(
            reverse("intake:import_answer", args=[job.pk]), {"run": "import", **answers, "zone": said.get("zone", "")}
        )
        run_import_task(job.pk)
        job.refresh_from_db()
    return job


def files_of(folder: Path) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file()]


def tally(counts: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    return {name: {kind: count for kind, count in found.items() if count} for name, found in counts.items()}


@pytest.mark.parametrize("folder", BUNDLES, ids=lambda folder: str(folder.relative_to(CASES)))
def test_a_case_gives_the_same_by_browser_as_by_command(seller, folder):
    company = Company.objects.get()
    Store.objects.create(store_no="S1", name="First", company=company)
    encoding = {"big5": "big5", "cp1252": "cp1252", "gbk": "gb18030", "sjis": "cp932"}.get(folder.name, "")
    said = {"encoding": encoding} if encoding else {}
    with undone():
        job, report = take(folder, company=company, zone="Asia/Shanghai", **answers_of(encoding))
        expected = (job.state, tally(report.counts))
    found = brought(seller, *files_of(folder), zone="Asia/Shanghai", **said)
    if found.state == "refused":
        # What can't be a file of data is refused before anything of the upload is kept.
        assert expected[0] == "failed"
    else:
        assert (found.state, tally(found.counts)) == expected


def answers_of(encoding: str) -> dict[str, object]:
    from intake.reading import AnswerBook, Answers

    return {"answers": AnswerBook(Answers(encoding=encoding))}


def packed(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def laughs() -> bytes:
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 100) for level in range(8))
    return b'<!DOCTYPE l [<!ENTITY a "' + b"x" * 1000 + b'">' + entities + b"]>"


def orders(*rows: str, header: str = HEADER) -> bytes:
    return (header + "".join(rows)).encode()


@pytest.mark.parametrize(
    ("name", "content", "state", "counts"),
    [
        ("orders.csv", b"\xef\xbb\xbf" + orders(GOOD.format(1)), "done", {"new": 1}),
        ("orders.csv", orders(GOOD.format(1)).decode().encode("utf-16"), "done", {"new": 1}),
        ("orders.csv", orders(GOOD.format(1)).replace(b",", b";"), "done", {"new": 1}),
        ("orders.csv", orders(), "done", {}),
        ("orders.csv", b"", "refused", None),
        ("orders.csv", orders(GOOD.format(1), header=HEADER.replace("currency", "currency,currency")), "failed", None),
        ("orders.csv", orders(GOOD.format(1), header=HEADER.replace(",currency", "")), "failed", None),
        ("orders.csv", orders(GOOD.format(1), header=HEADER.strip() + ",colour\n"), "done", {"refused": 1}),
        ("orders.csv", orders(GOOD.format("1.23E+17"), GOOD.format("0012")), "done", {"new": 1, "refused": 1}),
        ("orders.csv", orders(GOOD.format('"' + "x" * 131_073 + '"'), GOOD.format(2)), "done", {"new": 1,
        "refused": 1}),
        ("orders.csv", orders(GOOD.format(1), 'S1,"2,2024-05-01T10:00:00Z,1,USD\n'), "done", {"new": 1, "refused": 1}),
        ("orders.csv", orders(*(GOOD.format("1\x00"), GOOD.format("２"))), "done", {"new": 1, "refused": 1}),
        ("orders.csv", orders(GOOD.format(1).replace("1.00", "1_000"), GOOD.format(2).replace("1.00", "NaN")), "done",
         {"refused": 2, "emptied": 1}),
        ("orders.csv", orders(GOOD.format(1).replace("2024-05-01T10:00:00Z", "01/02/03"),
                              GOOD.format(2).replace("2024-05-01", "2023-02-29")), "done", {"refused": 2}),
        ("orders.csv", orders(GOOD.format(1), GOOD.format(1)), "done", {"new": 1, "duplicates": 1}),
        ("orders.csv", orders(GOOD.format(1).replace("S1", "S9")), "done", {"refused": 1}),
        ("orders.csv", orders(GOOD.format(1).replace("S1", "FOREIGN")), "done", {"refused": 1}),
        ("orders.xlsm", packed(**{"xl/vbaProject.bin": b"x", "[Content_Types].xml": b"<x/>",
         "xl/workbook.xml": b"<x/>"}),
         "refused", None),
        ("bundle.zip", packed(**{"orders.csv": b"0" * 50_000_000}), "failed", None),
        ("bundle.zip", packed(**{"../orders.csv": orders(GOOD.format(1))}), "failed", None),
        ("bundle.zip", packed(**{"a/orders.csv": orders(GOOD.format(1)), "b/stores.csv": STORES.encode()}), "done",
         {"new": 1}),
        ("program.exe", b"MZ" + bytes(range(256)), "refused", None),
    ],
    ids=[
        "mark", "utf-16", "semicolon", "header-only", "empty", "twice", "missing", "short-row", "exponent", "long-cell",
        "open-quote", "nul", "odd-numbers", "odd-dates", "duplicate", "no-store", "foreign-store", "macros", "bomb",
        "outside", "folders", "program",
    ],
)  # fmt: skip
def test_the_catalogue_by_browser(seller, name, content, state, counts):
    other = Company.objects.create(company_no="C2", name="Other")
    Store.objects.create(store_no="S1", name="First", company=Company.objects.get(company_no="C1"))
    Store.objects.create(store_no="FOREIGN", name="Theirs", company=other)
    job = brought(seller, SimpleUploadedFile(name, content))
    assert job.state == state, job.error
    if counts is not None:
        assert tally(job.counts).get("orders", {}) == counts


@pytest.fixture
def store(seller):
    return Store.objects.create(store_no="S1", name="First", company=Company.objects.get(company_no="C1"))


def test_bad_rows_are_rejected_alone_for_the_same_reasons_as_from_the_command_line(seller, store):
    rows = [row for row, _column, _reason in BAD_ROWS]
    content = orders(GOOD.format("first"), *(f"{row}\n" for row in rows), GOOD.format("last"))
    job = brought(seller, SimpleUploadedFile("orders.csv", content))
    found = sorted(errors(job, "orders"), key=lambda row: int(row["line"]))
    assert [(row["line"], row["column"]) for row in found] == [
        (str(line), column) for line, (_row, column, _reason) in enumerate(BAD_ROWS, 3)
    ]
    assert [said for row, (_row, _column, said) in zip(found, BAD_ROWS, strict=True) if said not in row["reason"]] == []
    assert job.counts["orders"]["new"] == 2


def test_what_looks_odd_but_is_right_is_taken(seller, store):
    content = orders("S1,000123,2024-05-01T10:00:00.9Z,-0.00,usd\n", "S1,12E34,2024-02-29 10:00:00+08:00,1,USD,,\n")
    assert tally(brought(seller, SimpleUploadedFile("orders.csv", content)).counts) == {"orders": {"new": 2}}
    assert set(Order.objects.values_list("order_no", flat=True)) == {"000123", "12E34"}


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (orders(GOOD.format("店铺")) + GOOD.format("铺店").encode("gb18030"), {"new": 1, "refused": 1}),
        (orders(GOOD.format(1).strip() + ",x\n", header=HEADER.strip() + ",colour\n"), {"new": 1}),
        (orders(GOOD.format(1), "\n" * 50_000 + ",,,,\n" * 10_000, GOOD.format(2)), {"new": 2}),
        (orders(*(GOOD.format(number) for number in range(2_998)), "S1,x,?,1,USD\n", GOOD.format("last")),
         {"new": 2_999, "refused": 1}),
        (orders("S1,1,2024-03-31T02:30:00,1,USD\n", "S1,2,2024-03-31T03:30:00,1,USD\n"), {"new": 1, "refused": 1}),
    ],
    ids=["mixed-encodings", "unknown-column", "blank-rows", "bad-row-near-the-end", "time-that-clocks-skipped"],
)  # fmt: skip
def test_rows_of_odd_files_go_in_by_browser(seller, store, content, counts):
    job = brought(seller, SimpleUploadedFile("orders.csv", content), zone="Europe/Berlin")
    assert (job.state, tally(job.counts)["orders"]) == ("done", counts), job.error


def test_a_workbook_that_counts_from_1904_is_taken_with_its_dates(seller, store, tmp_path):
    rows = [HEADER.strip().split(","), ["S1", "0042", datetime(2024, 5, 1, 10, 30), 12.5, "USD"]]
    path = workbook(tmp_path / "orders.xlsx", {"orders": rows}, date_1904=True)
    job = brought(seller, *files_of(path.parent), zone="Asia/Shanghai")
    assert tally(job.counts) == {"orders": {"new": 1}}
    assert Order.objects.get().created_at.isoformat() == "2024-05-01T02:30:00+00:00"


@pytest.mark.parametrize(
    ("part", "change", "state"),
    [
        ("sheet1.xml", lambda xml: xml.replace(b'"A1:E2"', b'"A1:XFD1048576"'), "done"),
        ("sharedStrings.xml", lambda xml: laughs() + xml[xml.index(b"<sst") :].replace(b">USD<", b">&i;<"), "failed"),
    ],
    ids=["false-dimensions", "billion-laughs"],
)
def test_workbooks_that_lie_cost_nothing(seller, store, tmp_path, part, change, state):
    rows = [HEADER.strip().split(","), ["S1", "1", "2024-05-01T10:00:00Z", 1, "USD"]]
    path = rewritten(workbook(tmp_path / "orders.xlsx", {"orders": rows}), part, change)
    assert brought(seller, SimpleUploadedFile("orders.xlsx", path.read_bytes())).state == state


@pytest.mark.rule("RL-12")
def test_formulas_come_out_neutral_and_go_in_again_as_they_were(seller, store):
    job = brought(seller, SimpleUploadedFile("orders.csv", orders("S1,=cmd|x,2024-05-01T10:00:00Z,-5,USD\n")))
    file = b"".join(seller.get(reverse("intake:import_errors", args=[job.pk])).streaming_content)
    assert b",'=cmd|x," in file
    mended = file.replace(b",-5,USD", b",5,USD", 1)
    assert tally(brought(seller, SimpleUploadedFile("orders.csv", mended)).counts) == {"orders": {"new": 1}}
    assert Order.objects.get().order_no == "=cmd|x"


@pytest.mark.rule("RL-01", "IX-03")
@pytest.mark.parametrize("statement", [30, 60, 90])
def test_an_upload_whose_worker_was_killed_goes_on_where_it_was(seller, store, monkeypatch, statement):
    monkeypatch.setattr(chunks, "ROWS", {"sqlite": 20, "postgresql": 20})
    content = orders(*(GOOD.format(number) for number in range(100)))
    with pytest.raises(KilledError), database.execute_wrapper(Killer(statement)):
        brought(seller, SimpleUploadedFile("orders.csv", content))
    # The lease of a process that is gone ends by itself.
    Import.objects.update(lease_until=None, retry_at=None)
    job = carried_on(seller, Import.objects.get())
    assert (job.state, Order.objects.count(), tally(job.counts)) == ("done", 100, {"orders": {"new": 100}})


def test_the_same_file_again_changes_nothing(seller):
    Store.objects.create(store_no="S1", name="First", company=Company.objects.get())
    first, again = (brought(seller, SimpleUploadedFile("orders.csv", ORDERS.encode())) for _time in range(2))
    assert (tally(first.counts), tally(again.counts)) == ({"orders": {"new": 2}}, {"orders": {"same": 2}})


@pytest.mark.rule("RL-18")
@pytest.mark.parametrize(
    "content",
    [
        orders("S1,店铺,2024-05-01T10:00:00Z,1,USD\n") + GOOD.format("铺店").encode("gb18030"),
        "store_no,店铺\n".encode() + "S1,铺店\n".encode("gb18030") + b"S1,a\x00b\n",
        "store_no,店铺,".encode() + "铺店\nS1,1,2\n".encode("gb18030"),
        HEADER.strip().encode() + ",店铺,".encode() + "铺店\n".encode("gb18030") + GOOD.format(1).encode(),
    ],
    ids=["known", "unknown", "header", "known-header"],
)
def test_pages_show_what_can_not_be_read(seller, store, content):
    job = brought(seller, SimpleUploadedFile("orders.csv", content))
    page = seller.get(reverse("intake:import", args=[job.pk]))
    assert page.status_code == 200
    for link in re.findall(r'href="(/data/imports/\d+/map/[^"]*)"', page.text):
        assert seller.get(link).status_code == 200
