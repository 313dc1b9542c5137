"""Uploads: who may write what, the background job, the pages (DM-01, RL-01, RL-08, PG-16)."""

import shutil
from datetime import timedelta
from io import BytesIO
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from intake.leases import IMPORTS
from intake.models import Import
from intake.services import Options, cancel_import, resumable_uploads, run_import
from intake.storage import safe_name
from intake.tasks import run_import_task, wake_imports
from intake.uploads import start_upload, uploads_folder
from orders.models import Order
from stores.models import Category, Company, Membership, Store, User
from tests.intake.helpers import ORDERS, STORES, counts, errors, reasons, take, write

pytestmark = [pytest.mark.django_db, pytest.mark.clock]


@pytest.fixture(autouse=True)
def english():
    shutil.rmtree(uploads_folder(), ignore_errors=True)
    with translation.override("en"):
        yield


@pytest.fixture
def seller() -> User:
    """The owner of company C1 with store S1; S2 belongs to another company."""
    person = User.objects.create_user("owner@example.com", "pass-word-1", language="en")
    mine = Company.objects.create(company_no="C1", name="Mine")
    others = Company.objects.create(company_no="C2", name="Others")
    Membership.objects.create(user=person, company=mine, role="owner")
    Store.objects.create(store_no="S1", name="First", company=mine)
    Store.objects.create(store_no="S2", name="Second", company=others)
    return person


def csv(name: str, content: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.csv", content if isinstance(content, bytes) else content.encode())


def upload(person: User, company: str = "C1", **files: str) -> Import:
    options = Options(company=Company.objects.get(company_no=company))
    return start_upload(
        files=[csv(name, content) for name, content in files.items()],
        options=options,
        person=person,
        is_operator=False,
        at=timezone.now(),
    )


def imported(person: User, company: str = "C1", **files: str):
    job = upload(person, company, **files)
    report = run_import(job)
    assert report is not None
    return job, report


# ── What a seller may write (RL-08) ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("RL-08")
def test_another_tenant_s_store_reads_as_one_that_does_not_exist(seller):
    rows = ORDERS + "S2,003,2024-05-01T10:00:00Z,,1,USD\nS9,004,2024-05-01T10:00:00Z,,1,USD\n"
    job, report = imported(seller, orders=rows)
    assert counts(report, "orders") == {"new": 2, "refused": 2}
    (first_column, first), (second_column, second) = reasons(job, "orders")
    assert first_column == second_column == "store_no"
    assert first.replace("S2", "S9") == second
    assert Order.objects.exclude(store__store_no="S1").count() == 0


@pytest.mark.rule("RL-08")
def test_a_seller_can_not_take_over_stores_companies_or_the_mode(seller):
    stores = "store_no,name,company_no,mode\nS2,Mine now,C1,\nS1,First,C2,\nS1,First,C1,governed\nS3,New,,\n"
    job, report = imported(seller, stores=stores)
    assert counts(report, "stores") == {"new": 1, "refused": 3}
    assert [error["column"] for error in errors(job, "stores")] == ["store_no", "company_no", "mode"]
    assert Store.objects.get(store_no="S3").company.company_no == "C1"
    assert Store.objects.get(store_no="S2").name == "Second"


@pytest.mark.rule("RL-08")
def test_shared_reference_data_is_read_only_to_sellers(seller):
    category = Category.objects.get(code="toys")
    categories = f"code,name,flags\ntoys,{category.name},\nmine,Mine,virtual\n"
    job, report = imported(
        seller,
        categories=categories,
        fx_rates="currency,day,usd_rate\nCNY,2024-01-01,9\n",
        companies="company_no,name\nC1,Renamed\nC2,Hacked\n",
    )
    assert counts(report, "categories") == {"same": 1, "refused": 1}
    assert counts(report, "fx_rates") == {"refused": 1}
    assert counts(report, "companies") == {"changed": 1, "refused": 1}
    assert "shared by all companies" in reasons(job, "categories")[0][1]
    assert dict(Company.objects.values_list("company_no", "name")) == {"C1": "Renamed", "C2": "Others"}


@pytest.mark.rule("DM-01")
def test_rights_are_those_of_the_moment_the_import_runs(seller):
    job = upload(seller, orders=ORDERS)
    Membership.objects.update(role="analyst")
    report = run_import(job)
    assert report is not None
    assert counts(report, "orders") == {"refused": 2}


# ── The job (RL-01 … RL-03) ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("RL-01")
def test_the_task_runs_an_upload_once_however_often_it_is_called(seller):
    job = upload(seller, orders=ORDERS)
    for _turn in range(2):
        run_import_task(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.rows_done) == (Import.State.DONE, 1, 2)
    assert not any(uploads_folder().glob("*/*"))


@pytest.mark.rule("RL-01")
def test_the_reconciler_wakes_what_waits_and_what_lost_its_worker(seller):
    Company.objects.create(company_no="C3", name="Third")
    waiting, dead, alive = (upload(seller, company, orders=ORDERS) for company in ("C1", "C2", "C3"))
    soon = timezone.now() + timedelta(minutes=1)
    Import.objects.filter(pk=dead.pk).update(state="running", lease="elsewhere:1:x", lease_until=timezone.now())
    Import.objects.filter(pk=alive.pk).update(state="running", lease="elsewhere:1:x", lease_until=soon)
    with patch("intake.tasks.run_import_task.delay") as delay:
        assert wake_imports() == 2
    assert {call.args[0] for call in delay.call_args_list} == {waiting.pk, dead.pk}


@pytest.mark.rule("RL-03")
def test_an_upload_that_kills_its_workers_is_given_up(seller):
    job = upload(seller, orders=ORDERS)
    Import.objects.filter(pk=job.pk).update(state="running", attempts=IMPORTS.max_attempts, lease_until=None)
    assert resumable_uploads(at=timezone.now()) == []
    job.refresh_from_db()
    assert job.state == Import.State.FAILED


@pytest.mark.rule("RL-01")
def test_a_turn_that_is_over_goes_on_in_the_next(seller):
    rows = "".join(f"S1,n{number},2024-05-01T10:00:00Z,,1,USD\n" for number in range(100))
    job = upload(seller, orders=ORDERS + rows)
    with patch("intake.pipeline.chunks.ROWS", {"sqlite": 40, "postgresql": 40}):
        assert run_import(job, until=0.0) is None
        job.refresh_from_db()
        assert (job.state, job.attempts) == (Import.State.QUEUED, 0)
        assert run_import(job) is not None
    assert Order.objects.count() == 102


@pytest.mark.rule("IX-07")
def test_cancelling_stops_at_the_next_chunk_and_keeps_what_went_in(seller):
    rows = "".join(f"S1,n{number},2024-05-01T10:00:00Z,,1,USD\n" for number in range(100))
    job = upload(seller, orders=ORDERS + rows)

    def stop(done: int, total: int) -> None:
        if done == 40:
            assert cancel_import(job=job, actor="test", at=timezone.now())

    with patch("intake.pipeline.chunks.ROWS", {"sqlite": 40, "postgresql": 40}):
        run_import(job, watch=stop)
    job.refresh_from_db()
    assert (job.state, Order.objects.count()) == (Import.State.CANCELLED, 40)
    assert not cancel_import(job=job, actor="test", at=timezone.now())


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("a\\b\\orders.csv", "orders.csv"),
        ("x\u202evsc.csv", "x_vsc.csv"),
        ("a" * 400 + ".csv", "a" * 96 + ".csv"),
        ("\x00\r\n", "___"),
        ("..", "upload"),
    ],
)
def test_names_of_uploads_are_made_safe(name, kept):
    assert safe_name(name) == kept


# ── Pages (PG-16) ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def client_of(client: Client, seller: User):
    client.force_login(seller)
    client.cookies["language"] = "en"
    return client


def post(client: Client, *files: SimpleUploadedFile, **fields: str):
    company = Company.objects.get(company_no="C1").pk
    data = {"files": list(files), "company": company, "profile": "canonical", **fields}
    return client.post(reverse("intake:index"), data)


@pytest.mark.sqlite_only
@pytest.mark.rule("PG-16")
def test_an_upload_is_looked_at_imported_and_shown(client_of, django_capture_on_commit_callbacks):
    response = post(client_of, csv("orders", ORDERS + "S2,x,2024-05-01T10:00:00Z,,1,USD\n"))
    job = Import.objects.get()
    assert response.status_code == 302
    assert response.url == reverse("intake:import", args=[job.pk])
    running = client_of.get(response.url, headers={"HX-Request": "true"})
    assert "every 1s" in running.text
    assert "<html" not in running.text
    run_import_task(job.pk)
    asking = client_of.get(response.url).text
    assert "every 1s" not in asking
    assert "What these files are" in asking
    assert not Order.objects.exists()
    answered = client_of.post(reverse("intake:import_answer", args=[job.pk]), {"run": "import"})
    assert answered.url == response.url
    run_import_task(job.pk)
    shown = client_of.get(response.url).text
    assert "every 1s" not in shown
    assert "Download the refused rows" in shown
    refused = client_of.get(reverse("intake:import_errors", args=[job.pk]))
    assert b"S2,x" in b"".join(refused.streaming_content)
    assert "orders.csv" in client_of.get(reverse("intake:index")).text
    health = client_of.get(reverse("intake:health")).text
    assert "First" in health
    assert "Second" not in health


@pytest.mark.rule("PG-16")
@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (SimpleUploadedFile("a.zip", b"no zip"), "no ZIP file"),
        (SimpleUploadedFile("a.csv", b"MZ\x90"), "EXE"),
        (SimpleUploadedFile("orders.csv", b""), "is empty"),
        (SimpleUploadedFile("notes.docx", b"text"), "are taken"),
    ],
)
def test_files_that_are_not_taken_are_rejected_in_the_form(client_of, file, reason):
    file.seek(0)
    response = post(client_of, file)
    assert response.status_code == 422
    assert reason in response.text
    assert not Import.objects.exists()
    assert not any(uploads_folder().glob("*/*"))


@pytest.mark.rule("RL-08", "DM-01")
def test_others_see_nothing_of_an_import(client_of, seller):
    job = upload(seller, orders=ORDERS)
    stranger = User.objects.create_user("stranger@example.com", "pass-word-1")
    Membership.objects.create(user=stranger, company=Company.objects.get(company_no="C2"), role="owner")
    client_of.force_login(stranger)
    for name in ("import", "import_errors"):
        absent = client_of.get(reverse(f"intake:{name}", args=[10**6]))
        foreign = client_of.get(reverse(f"intake:{name}", args=[job.pk]))
        assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert client_of.post(reverse("intake:import_cancel", args=[job.pk])).status_code == 404
    assert client_of.get(reverse("intake:import", args=[10**30])).status_code == 404
    assert "orders.csv</a></th>" not in client_of.get(reverse("intake:index")).text.split("guide-title")[0]


@pytest.mark.rule("DM-01")
def test_analysts_watch_but_do_not_import(client_of, seller):
    job = upload(seller, orders=ORDERS)
    Membership.objects.update(role="analyst")
    assert client_of.get(reverse("intake:import", args=[job.pk])).status_code == 200
    assert client_of.post(reverse("intake:import_cancel", args=[job.pk])).status_code == 403
    assert post(client_of, csv("orders", ORDERS)).status_code == 403
    assert 'type="file"' not in client_of.get(reverse("intake:index")).text


@pytest.mark.rule("IX-02")
def test_templates_have_every_column(client_of):
    response = client_of.get(reverse("intake:template", args=["order_lines"]))
    assert response.content.decode("utf-8-sig") == "store_no,order_no,line_no,sku,quantity,amount\r\n"
    assert client_of.get(reverse("intake:template", args=["nothing"])).status_code == 404


def test_anonymous_people_sign_in_first(client):
    assert client.get(reverse("intake:index")).status_code == 302
    assert client.post(reverse("intake:index"), {"files": BytesIO(b"x")}).status_code == 302


def test_staff_import_for_all(client, seller):
    staff = User.objects.create_superuser("staff@example.com", "pass-word-1", language="en")
    job = start_upload(
        files=[csv("stores", STORES), csv("orders", ORDERS)],
        options=Options(),
        person=staff,
        is_operator=True,
        at=timezone.now(),
    )
    report = run_import(job)
    assert report is not None
    assert counts(report, "stores") == {"same": 2}
    assert counts(report, "orders") == {"new": 2}


@pytest.mark.parametrize("path", ["", ".", "..", "kept"])
def test_removing_an_upload_removes_nothing_but_uploads(tmp_path, monkeypatch, path):
    here = tmp_path / "here"
    (here / "kept").mkdir(parents=True)
    (here / "kept" / "file.txt").write_text("stays")
    monkeypatch.chdir(here)
    at = timezone.now()
    given = {"name": "x", "fingerprint": "x", "actor": "x", "as_of": at, "created_at": at}
    job = Import.objects.create(is_upload=True, path=path, **given)
    assert cancel_import(job=job, actor="x", at=at)
    assert (here / "kept" / "file.txt").read_text() == "stays"


def test_an_upload_that_is_over_leaves_no_files(seller):
    job = upload(seller, orders=ORDERS, stores=STORES)
    assert list(uploads_folder().iterdir())
    assert cancel_import(job=job, actor="x", at=timezone.now())
    assert not list(uploads_folder().iterdir())


# ── What the platform decides for governed stores (DM-11a) ─────────────────────────────────────────────────────────


@pytest.fixture
def governed(seller: User) -> Store:
    Store.objects.filter(store_no="S1").update(mode="governed", level="gold", kyc_verified=True)
    return Store.objects.get(store_no="S1")


@pytest.mark.rule("DM-11a", "IX-04")
@pytest.mark.parametrize(
    ("column", "value", "stands"), [("level", "platinum", "gold"), ("kyc_verified", "false", "true")]
)
def test_a_seller_does_not_set_what_the_platform_decides(seller, governed, column, value, stands):
    Store.objects.create(store_no="S3", name="Third", company=governed.company)
    rows = f"store_no,name,store_type,{column}\nS1,Renamed,flagship,{value}\nS3,Renamed too,flagship,{value}\n"
    job, report = imported(seller, stores=rows)
    assert counts(report, "stores") == {"changed": 1, "refused": 1}
    (refused,) = errors(job, "stores")
    assert (refused["store_no"], refused["line"], refused["column"]) == ("S1", "2", column)
    assert refused[column] == refused["value"] == value
    assert f"leave the cell empty or as it is ({stands})" in refused["reason"]
    stored = Store.objects.get(pk=governed.pk)
    assert (stored.name, stored.level, stored.kyc_verified, stored.mode) == ("First", "gold", True, "governed")
    assert Store.objects.get(store_no="S3").name == "Renamed too"


@pytest.mark.rule("DM-11a", "IX-04")
def test_the_rejected_row_goes_in_with_the_cell_left_empty_or_as_it_is(seller, governed):
    for name, level, verified in (("Empty", "", ""), ("As it is", "gold", "yes")):
        rows = f"store_no,name,level,kyc_verified,mode\nS1,{name},{level},{verified},\n"
        _job, report = imported(seller, stores=rows)
        assert counts(report, "stores") == {"changed": 1}
        stored = Store.objects.get(pk=governed.pk)
        assert (stored.name, stored.level, stored.kyc_verified, stored.mode) == (name, "gold", True, "governed")


@pytest.mark.rule("DM-11a", "IX-02")
def test_status_and_points_have_no_column(seller, governed):
    rows = "store_no,name,status,reward_points,penalty_points,mode\nS1,First,closed,99,0,governed\n"
    job, report = imported(seller, stores=rows)
    assert counts(report, "stores") == {"same": 1}
    ignored = next(remark["text"] for remark in job.remarks if "ignored" in remark["text"])
    assert all(name in ignored for name in ("status", "reward_points", "penalty_points"))
    assert Store.objects.get(pk=governed.pk).status == governed.status


@pytest.mark.rule("DM-11a")
def test_operations_set_what_the_platform_decides(governed, tmp_path):
    rows = "store_no,name,level,kyc_verified\nS1,First,platinum,false\n"
    _job, report = take(write(tmp_path, stores=rows), as_of=timezone.now())
    assert counts(report, "stores") == {"changed": 1}
    stored = Store.objects.get(pk=governed.pk)
    assert (stored.level, stored.kyc_verified) == ("platinum", False)
