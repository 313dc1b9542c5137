"""From chosen files to the store: recognition, answers, a trial, the import (IX-06b, PG-16)."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from intake.models import Import, StoreSource
from intake.services import Options, forget_uploads, run_import
from intake.tasks import run_import_task
from intake.throughput import progress_of
from intake.uploads import start_upload, uploads_folder
from orders.models import Order
from stores.models import Company, Membership, Store, User
from tests.cases import CASES
from tests.intake.exports import ORDERS as EXPORTED
from tests.intake.exports import PERSONS, write_export
from tests.intake.helpers import ORDERS

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-06b", "PG-16")]
PACIFIC = "America/Los_Angeles"


@pytest.fixture(autouse=True)
def english():
    shutil.rmtree(uploads_folder(), ignore_errors=True)
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    return Company.objects.create(company_no="C1", name="Mine")


@pytest.fixture
def seller(client: Client, company: Company) -> Client:
    person = User.objects.create_user("owner@example.com", "pass-word-1", language="en")
    Membership.objects.create(user=person, company=company, role="owner")
    client.force_login(person)
    client.cookies["language"] = "en"
    return client


def upload(client: Client, *files: Path | SimpleUploadedFile) -> Import:
    """Choose files, and have a worker look at them."""
    sent = [SimpleUploadedFile(file.name, file.read_bytes()) if isinstance(file, Path) else file for file in files]
    response = client.post(reverse("intake:index"), {"files": sent, "company": Company.objects.get().pk})
    assert response.status_code == 302
    return worked(Import.objects.latest("pk"))


def worked(job: Import) -> Import:
    run_import_task(job.pk)
    job.refresh_from_db()
    return job


def answer(client: Client, job: Import, **said: str) -> Import:
    response = client.post(reverse("intake:import_answer", args=[job.pk]), said)
    assert response.status_code == 302, response.text
    return worked(job)


def page(client: Client, job: Import) -> str:
    return client.get(reverse("intake:import", args=[job.pk])).text


def test_a_seller_s_first_minute(seller, company, tmp_path):
    job = upload(seller, write_export(tmp_path / "cn1_2026.xlsx"))
    assert job.state == Import.State.ASKING
    shown = page(seller, job)
    assert "AliExpress order export (Chinese back end)" in shown
    assert "4 rows" in shown
    assert "8199633578334501" in shown
    assert not [word for word in PERSONS if word in shown + str(job.look)]
    # The only way to a store is a new one; the zone is proposed.
    said = {"f0-store": "+", "f0-store_no": "1101234567", "f0-store_name": "Lamps", "f0-zone": PACIFIC}
    job = answer(seller, job, run="try", **said)
    assert (job.state, job.dry_run, job.counts["orders"]["new"]) == (Import.State.DONE, True, 4)
    assert not Order.objects.exists()
    assert "Import now" in page(seller, job)
    response = seller.post(reverse("intake:import_now", args=[job.pk]))
    made = worked(Import.objects.latest("pk"))
    assert response.url == reverse("intake:import", args=[made.pk])
    # What the import does is what the trial showed.
    assert made.counts == job.counts
    assert made.as_of == job.as_of
    assert Order.objects.filter(store__store_no="1101234567", store__company=company).count() == 4
    assert reverse("dashboard:panel", args=["1101234567"]) in page(seller, made)
    assert not any(uploads_folder().glob("*/*"))
    # Once is enough.
    assert "Import now" not in page(seller, job)
    assert seller.post(reverse("intake:import_now", args=[job.pk])).url == reverse("intake:import", args=[job.pk])


def test_the_next_file_is_answered_for_already(seller, company, tmp_path):
    for number in ("1", "2"):
        Store.objects.create(store_no=f"S{number}", name=f"Store {number}", company=company)
    job = upload(seller, write_export(tmp_path / "cn1_01.xlsx"))
    assert '<option value="S2" selected' not in page(seller, job)
    answer(seller, job, run="import", **{"f0-store": "S2", "f0-zone": "Asia/Shanghai"})
    assert StoreSource.objects.get().zone == "Asia/Shanghai"
    shown = page(seller, upload(seller, write_export(tmp_path / "cn1_02.xlsx")))
    assert '<option value="S2" selected' in shown
    assert '<option value="Asia/Shanghai" selected' in shown


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"f0-store": "", "f0-zone": PACIFIC}, "This field is required"),
        ({"f0-store": "+", "f0-zone": PACIFIC}, "Give the store"),
        ({"f0-store": "+", "f0-store_no": "A/B", "f0-zone": PACIFIC}, "the number of a company or store"),
        ({"f0-store": "FOREIGN", "f0-zone": PACIFIC}, "Select a valid choice"),
        ({"f0-store": "+", "f0-store_no": "S1", "f0-zone": "Mars/Base"}, "Select a valid choice"),
    ],
)
def test_answers_that_are_none_are_rejected_in_the_form(seller, tmp_path, said, reason):
    job = upload(seller, write_export(tmp_path / "cn1.xlsx"))
    response = seller.post(reverse("intake:import_answer", args=[job.pk]), said)
    assert response.status_code == 422
    assert reason in response.text
    job.refresh_from_db()
    assert job.state == Import.State.ASKING


def test_amounts_without_a_sign_ask_for_their_currency(seller, company, tmp_path):
    Store.objects.create(store_no="S1", name="First", company=company)
    orders = [{**order, "订单金额": order["订单金额"].removeprefix("US $")} for order in EXPORTED]
    job = upload(seller, write_export(tmp_path / "cn1.xlsx", orders=orders))
    assert "Currency of amounts without a sign" in page(seller, job)
    answer(seller, job, run="import", **{"f0-store": "S1", "f0-zone": PACIFIC, "f0-currency": "CNY"})
    assert set(Order.objects.values_list("currency", flat=True)) == {"CNY"}


@pytest.mark.parametrize(
    ("case", "encoding", "carrier"), [("big5", "big5", "順豐速運"), ("cp1252", "cp1252", "España")]
)
def test_encodings_are_shown_and_confirmed(seller, case, encoding, carrier):
    job = upload(seller, *sorted((CASES / "PC-18" / case).iterdir()))
    shown = page(seller, job)
    assert "Which of these reads right?" in shown
    assert carrier in shown
    answer(seller, job, run="import", **{"f0-encoding": encoding})
    assert carrier in Order.objects.get().carrier


def test_a_file_with_a_row_per_item_says_so_before_it_goes_in(seller):
    job = upload(seller, *sorted((CASES / "PC-10" / "bundle").iterdir()))
    assert "has a row per item: 2 rows were summed into 1 orders" in page(seller, job)
    assert not Order.objects.exists()
    answer(seller, job, run="import")
    assert Order.objects.get(order_no="7001").total_usd == 25


def test_what_is_not_known_is_said_with_the_nearest_kind(seller):
    content = b"store_no,order_no,created_at,paid_at,site\nS1,1,2024-05-01T10:00:00Z,,BR\n"
    job = upload(seller, SimpleUploadedFile("export.csv", content))
    assert "Nearest is orders.csv, which also needs: total_amount, currency" in page(seller, job)
    assert answer(seller, job, run="import").state == Import.State.FAILED


def test_a_file_that_can_not_be_read_fails_with_its_reason(seller):
    job = upload(seller, SimpleUploadedFile("orders.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600))
    shown = page(seller, job)
    assert "has a password" in shown


@pytest.mark.rule("DM-01", "RL-08")
def test_analysts_see_what_the_files_are_and_do_not_answer(seller, company):
    job = upload(seller, SimpleUploadedFile("orders.csv", ORDERS.encode()))
    Membership.objects.update(role="analyst")
    assert "What these files are" in page(seller, job)
    assert "Import without a trial" not in page(seller, job)
    for name in ("import_answer", "import_now"):
        assert seller.post(reverse(f"intake:{name}", args=[job.pk])).status_code == 403


@pytest.mark.clock
def test_files_that_nobody_answers_for_are_removed_after_a_day(seller, company):
    Store.objects.create(store_no="S1", name="First", company=company)
    left = upload(seller, SimpleUploadedFile("orders.csv", ORDERS.encode()))
    tried = answer(seller, upload(seller, SimpleUploadedFile("orders.csv", ORDERS.encode())), run="try")
    forget_uploads(at=timezone.now() + timedelta(hours=23))
    assert len(list(uploads_folder().iterdir())) == 2
    forget_uploads(at=timezone.now() + timedelta(hours=25))
    assert not list(uploads_folder().iterdir())
    left.refresh_from_db()
    tried.refresh_from_db()
    assert (left.state, tried.state) == (Import.State.CANCELLED, Import.State.DONE)
    assert "Import now" not in page(seller, tried)


@pytest.mark.rule("IX-03")
def test_files_go_with_their_company(seller, company):
    asked = upload(seller, SimpleUploadedFile("orders.csv", ORDERS.encode()))
    run = upload(seller, SimpleUploadedFile("orders.csv", ORDERS.replace("10.00", "ten").encode()))
    run = answer(seller, run, run="import")
    assert [path.name for path in run.errors_folder.iterdir()] == ["orders.csv", "manifest.json"]
    assert Path(asked.path).exists()
    call_command("remove_company", "C1", "--yes", "--json")
    assert not list(uploads_folder().iterdir())
    assert not asked.folder.exists()
    assert not run.folder.exists()


def test_files_without_an_import_are_removed_after_a_day(seller):
    upload(seller, SimpleUploadedFile("orders.csv", ORDERS.encode()))
    Import.objects.all().delete()
    forget_uploads(at=timezone.now())
    assert len(list(uploads_folder().iterdir())) == 1
    forget_uploads(at=timezone.now() + timedelta(hours=25))
    assert not list(uploads_folder().iterdir())


def test_an_upload_can_be_put_away_unanswered(seller):
    job = upload(seller, SimpleUploadedFile("orders.csv", ORDERS.encode()))
    seller.post(reverse("intake:import_cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == Import.State.CANCELLED
    assert not list(uploads_folder().iterdir())
    assert seller.post(reverse("intake:import_answer", args=[job.pk]), {"run": "import"}).status_code == 302
    job.refresh_from_db()
    assert job.state == Import.State.CANCELLED


# ── Progress (IX-07) ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clock
@pytest.mark.rule("IX-07")
def test_the_pace_is_that_of_the_rows_not_of_reading_nor_of_earlier_turns(seller):
    now = timezone.now()
    told = {"state": Import.State.RUNNING, "started_at": now - timedelta(minutes=8)}
    reading = progress_of(Import(rows_done=50_000, rows_total=None, **told), now)
    assert (reading.read, reading.done, reading.total) == (50_000, 0, None)
    taking = Import(rows_done=1_300, rows_total=2_900, rows_first=500, rows_since=now - timedelta(seconds=2), **told)
    progress = progress_of(taking, now)
    assert (progress.done, progress.total, progress.rate, progress.seconds_left) == (1_300, 2_900, 400, 4)


@pytest.mark.clock
@pytest.mark.rule("IX-07")
def test_reading_shows_from_the_first_second(seller, monkeypatch):
    monkeypatch.setattr("intake.leases.GLANCE_SECONDS", 0.0)
    seen = []
    person = User.objects.get()
    files = [SimpleUploadedFile("orders.csv", ORDERS.encode())]
    options = Options(company=Company.objects.get())
    job = start_upload(files=files, options=options, person=person, is_operator=False, at=timezone.now())
    run_import(job, watch=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, None)
    assert (2, None) in seen
    assert seen[-1] == (2, 2)
