"""Every case, and the catalogue of bad files, brought by a browser: the same answers as from the command line."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from intake.models import Import
from intake.tasks import run_import_task
from intake.uploads import uploads_folder
from stores.models import Company, Membership, Store, User
from tests.cases import CASES
from tests.intake.helpers import ORDERS, STORES, take, undone

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
    job = Import.objects.latest("pk")
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


def test_the_same_file_again_changes_nothing(seller):
    Store.objects.create(store_no="S1", name="First", company=Company.objects.get())
    first, again = (brought(seller, SimpleUploadedFile("orders.csv", ORDERS.encode())) for _time in range(2))
    assert (tally(first.counts), tally(again.counts)) == ({"orders": {"new": 2}}, {"orders": {"same": 2}})
