"""What nothing refers to goes after some hours, and nothing else does (RL-09)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from appeals.models import Appeal, AppealFile
from evidence.models import EvidenceFile
from evidence.services.orphans import Removed, remove_orphans
from evidence.services.receiving import receive_file
from evidence.storage import files_of
from evidence.tasks import remove_orphans_task
from stores.models import Company
from stores.principals import System
from tests.evidence.files import age, as_upload, pdf
from tests.stores.people import make_store

pytestmark = [pytest.mark.django_db, pytest.mark.rule("RL-09")]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=6, seconds=1)


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()


@pytest.fixture
def company() -> Company:
    return make_store("S1").company


def receive(company: Company, text: str, at: datetime = NOON) -> EvidenceFile:
    content = as_upload(pdf(text))
    return receive_file(company=company, name=f"{text}.pdf", content=content, principal=System(), at=at)


def attach(file: EvidenceFile) -> None:
    store = file.company.stores.get()
    appeal = Appeal.objects.create(store=store, number="A1", kind="notice", subject_key="N1", created_at=NOON)
    AppealFile.objects.create(appeal=appeal, file=file, place=1, name=file.name, added_at=NOON)


def test_row_that_nothing_refers_to_goes_with_its_file(company: Company, evidence_folder: Path) -> None:
    attached, loose, young = receive(company, "attached"), receive(company, "loose"), receive(company, "young", LATER)
    attach(attached)
    age(evidence_folder, NOON)
    assert remove_orphans(at=LATER) == Removed(rows=1, files=1, unfinished=0, previews=0)
    assert set(EvidenceFile.objects.all()) == {attached, young}
    assert sorted(files_of(company.pk)) == sorted([attached.sha256, young.sha256])
    assert loose.sha256 not in files_of(company.pk)
    assert remove_orphans(at=LATER) == Removed(0, 0, 0, 0)


def test_row_that_was_handed_in_again_stays(company: Company, evidence_folder: Path) -> None:
    receive(company, "again")
    receive(company, "again", NOON + timedelta(hours=5))
    age(evidence_folder, NOON)
    assert remove_orphans(at=LATER).rows == 0


def test_files_without_a_row_go_when_they_are_old(company: Company, evidence_folder: Path, settings: Any) -> None:
    known = receive(company, "known", LATER)
    for place in (f"{company.pk}/{'a' * 64}", f"{10**6}/{'b' * 64}", ".unfinished/c", "../uploads/d.upload"):
        path = evidence_folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF-")
    assert remove_orphans(at=NOON) == Removed(0, 0, 0, 0)
    age(evidence_folder, NOON)
    age(settings.FILE_UPLOAD_TEMP_DIR, NOON)
    assert remove_orphans(at=LATER) == Removed(rows=0, files=2, unfinished=2, previews=0)
    assert [path.name for path in evidence_folder.rglob("*") if path.is_file()] == [known.sha256]


def test_command_and_task_do_the_same(company: Company, evidence_folder: Path, capsys: Any) -> None:
    receive(company, "loose")
    age(evidence_folder, NOON)
    call_command("sweep_evidence", at=LATER)
    assert capsys.readouterr().out == "1 rows, 1 files, 0 unfinished, 0 previews removed\n"
    assert remove_orphans_task() == 0
