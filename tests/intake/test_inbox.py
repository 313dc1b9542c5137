"""The watched folder: whole files are imported once and filed away, everything else is refused or waits (IX-06)."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import translation

from intake.filing import company_inbox, inbox_folder, remove_inbox
from intake.inbox import Dropped, sweep_inbox, take_dropped
from intake.models import Import, Source
from intake.reading import AnswerBook, Answers
from intake.tasks import run_import_task
from intake.turns import in_turn
from orders.models import Order
from stores.models import Company, Store
from tests.intake.exports import write_export
from tests.intake.helpers import ORDERS, take

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("IX-06", "RL-18")]
PACIFIC = "America/Los_Angeles"


@pytest.fixture(autouse=True)
def english():
    shutil.rmtree(inbox_folder(), ignore_errors=True)
    with translation.override("en"):
        yield
    shutil.rmtree(inbox_folder(), ignore_errors=True)


@pytest.fixture
def company() -> Company:
    company = Company.objects.create(company_no="C1", name="Mine")
    Store.objects.create(store_no="S1", name="Lamps", company=company)
    return company


def drop(company: Company, name: str, content: str = ORDERS, below: str = "") -> Path:
    path = company_inbox(company) / below / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())
    return path


def swept(later: timedelta = timedelta(minutes=1)) -> list[Import]:
    """A sweep when everything that was dropped is still, and the workers that it wakes."""
    at = datetime.fromtimestamp(int(inbox_folder().stat().st_ctime), UTC) + later
    jobs = list(Import.objects.in_bulk(sweep_inbox(at=at)).values())
    for job in jobs:
        # It is looked at, and goes on in another turn.
        run_import_task(job.pk)
        run_import_task(job.pk)
        job.refresh_from_db()
    return jobs


def filed(company: Company, folder: str) -> list[str]:
    path = company_inbox(company) / folder
    return sorted(file.name.partition("-")[2] for file in path.iterdir()) if path.exists() else []


def report(company: Company, folder: str) -> dict[str, object]:
    (path,) = (company_inbox(company) / folder).glob("*.report.json")
    return json.loads(path.read_text("utf-8"))


def test_a_file_is_imported_and_filed_away_with_its_report(company):
    drop(company, "orders.csv", ORDERS.replace("12.34", "ten"))
    (job,) = swept()
    assert (job.state, Order.objects.get().order_no) == ("done", "001")
    assert filed(company, "done") == ["orders.csv", "orders.csv.refused-orders.csv", "orders.csv.report.json"]
    said = report(company, "done")
    assert (said["state"], said["counts"]["orders"]["new"], said["counts"]["orders"]["refused"]) == ("done", 1, 1)
    assert not list(company_inbox(company).glob(".taken/*"))
    assert Source.objects.get().kind == Source.Kind.WATCH_FOLDER
    assert swept() == []


def test_only_whole_files_are_taken(company):
    drop(company, "orders.csv")
    drop(company, "reviews.csv.part")
    drop(company, ".orders.csv")
    assert swept(timedelta(seconds=-120)) == []
    assert len(swept()) == 1
    assert sorted(path.name for path in company_inbox(company).iterdir()) == [
        ".orders.csv",
        ".taken",
        "done",
        "reviews.csv.part",
    ]


def test_links_and_odd_names_are_refused_and_never_followed(company, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(ORDERS)
    drop(company, "orders\u202evsc.exe.csv")
    drop(company, "empty.csv", "")
    drop(company, "program.exe", "hello")
    link = company_inbox(company) / "link.csv"
    link.symlink_to(secret)
    os.mkfifo(company_inbox(company) / "pipe.csv")
    assert swept() == []
    assert secret.read_text() == ORDERS
    reports = [
        json.loads(path.read_text("utf-8"))["error"] for path in company_inbox(company).glob("failed/*.report.json")
    ]
    assert sorted(reason.partition(":")[0] for reason in reports) == [
        "CSV, XLSX, Parquet and ZIP are taken",
        "has a name with characters that can't be kept",
        "is empty",
        "is no plain file",
        "is no plain file",
    ]
    # Links in the place of folders lead nowhere either.
    shutil.rmtree(inbox_folder())
    (tmp_path / "out").mkdir()
    inbox_folder().mkdir()
    company_inbox(company).symlink_to(tmp_path / "out")
    (tmp_path / "out" / "orders.csv").write_text(ORDERS)
    assert swept() == []
    assert remove_inbox(company) == 0
    assert (tmp_path / "out" / "orders.csv").exists()


@pytest.mark.rule("RL-08", "RL-19")
def test_stores_of_other_companies_are_not_written(company):
    other = Company.objects.create(company_no="C2", name="Other")
    Store.objects.create(store_no="S9", name="Theirs", company=other)
    drop(company, "orders.csv", ORDERS.replace("S1,", "S9,"))
    (job,) = swept()
    assert (job.counts["orders"]["new"], Order.objects.count()) == (0, 0)
    # Nobody's folder is nobody's.
    drop(Company(company_no="C3"), "orders.csv")
    assert swept() == []


def test_what_has_to_be_asked_waits_and_what_was_said_once_does_not(company, tmp_path):
    inbox = company_inbox(company)
    write_export(inbox / "cn1_01.xlsx")
    (job,) = swept()
    assert (job.state, filed(company, "done")) == (Import.State.ASKING, [])
    take(write_export(tmp_path / "cn1_00.xlsx"), answers=AnswerBook(Answers(store="S1", zone=PACIFIC)), company=company)
    write_export(inbox / "cn1_02.xlsx")
    (known,) = swept()
    assert (known.state, known.counts["orders"]["same"], filed(company, "done")[0]) == ("done", 4, "cn1_02.xlsx")


def test_a_folder_named_by_a_store_says_whose_the_files_are(company):
    Store.objects.create(store_no="S2", name="Trains", company=company)
    write_export(company_inbox(company) / "S2" / "cn7.xlsx")
    drop(company, "orders.csv", below="S9")
    (job,) = swept()
    look = job.look["looks"][0]
    assert (look["said"]["store"], look["open"]) == ("S2", ["zone"])


def test_a_file_that_can_not_be_read_is_filed_as_failed(company):
    drop(company, "orders.csv", ORDERS.replace("total_amount", "total"))
    (job,) = swept()
    assert (job.state, filed(company, "failed")) == ("failed", ["orders.csv", "orders.csv.report.json"])
    assert "the column total_amount is missing" in str(report(company, "failed")["error"])


def test_a_table_that_nobody_knows_waits_to_be_mapped(company):
    drop(company, "laden.csv", "Bestellung,Summe,Artikel\n1,2,3\n")
    (job,) = swept()
    assert (job.state, job.look["looks"][0]["sample"]) == (Import.State.ASKING, "1.csv")


def put(company: Company, token: str) -> Path:
    """A file as a sweep that was killed left it, an hour ago."""
    path = drop(company, "orders.csv", below=f".taken/{token}")
    os.utime(path.parent, (path.stat().st_ctime - 3600,) * 2)
    return path


@pytest.mark.rule("RL-01", "RL-03")
def test_a_sweep_that_was_killed_after_the_move_loses_nothing(company):
    put(company, "t1")
    (job,) = swept()
    assert (job.state, job.name, Order.objects.count()) == ("done", "orders.csv", 2)
    assert swept() == []


@pytest.mark.rule("RL-01")
def test_an_import_that_ended_without_being_filed_is_filed_later(company):
    path = put(company, "t1")
    said = {"name": "orders.csv", "path": str(path), "inbox_name": "orders.csv", "fingerprint": "t1", "as_of": 0}
    Import.objects.create(company=company, state="done", is_upload=True, created_at=0, actor="x", **said)
    assert swept() == []
    assert filed(company, "done") == ["orders.csv", "orders.csv.report.json"]
    assert not path.exists()


def test_of_two_sweeps_that_see_a_file_one_takes_it(company):
    path = drop(company, "orders.csv")
    at = datetime.fromtimestamp(int(path.stat().st_ctime), UTC)
    seen = Dropped(path, "", at.timestamp(), path.stat().st_size)
    taken = [take_dropped(company_inbox(company), company, seen, at) for _sweep in range(2)]
    assert [job is not None for job in taken] == [True, False]
    assert Import.objects.count() == 1
    assert len(list(company_inbox(company).glob(".taken/*"))) == 1


def test_companies_take_turns(company):
    other = Company.objects.create(company_no="C2", name="Other")
    for number in range(3):
        drop(company, f"orders_{number}.csv")
    drop(other, "orders.csv")
    at = datetime.fromtimestamp(int(inbox_folder().stat().st_ctime), UTC) + timedelta(minutes=1)
    jobs = Import.objects.in_bulk(sweep_inbox(at=at))
    assert len(jobs) == 4
    assert {job.company_id for job in in_turn(list(jobs.values()), at)} == {company.pk, other.pk}


@pytest.mark.rule("IX-03")
def test_the_folder_goes_with_its_company(company):
    drop(company, "orders.csv")
    assert remove_inbox(company) == 1
    assert not company_inbox(company).exists()
