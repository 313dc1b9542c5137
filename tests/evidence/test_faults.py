"""Uploads that are killed, meet a full disk, or run beside others and the sweep: one outcome, no orphan (RL-09)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from core.models import Event
from evidence.models import EvidenceFile
from evidence.services.orphans import Removed, remove_orphans
from evidence.services.receiving import receive_file
from evidence.services.storing import open_content
from evidence.storage import DiskStorage
from stores.models import Company
from stores.principals import System
from tests.evidence.files import as_upload, jpeg, pdf
from tests.evidence.killed_upload import AT, STAGES
from tests.evidence.test_orphans import age
from tests.evidence.test_uploads import multipart, send
from tests.stores.people import client_of, make_person

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("RL-09"), pytest.mark.slow]

LATER = AT + timedelta(hours=7)


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()


def files_below(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def receive(company: Company, content: bytes) -> EvidenceFile:
    return receive_file(company=company, name="photo.jpg", content=as_upload(content), principal=System(), at=AT)


# ── killed ──


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stage", STAGES)
def test_killed_upload_leaves_only_what_the_sweep_removes(stage: str, evidence_folder: Path) -> None:
    Company.objects.create(company_no="C1", name="Company")
    database = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.evidence.killed_upload", database, str(evidence_folder), "C1", stage]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == -9, ended.stderr
    assert not EvidenceFile.objects.exists()
    assert not Event.objects.exists()
    left = files_below(evidence_folder)
    assert [path.parent.name == ".unfinished" for path in left] == [stage == "writing"]
    age(evidence_folder, AT)
    unfinished = int(stage == "writing")
    assert remove_orphans(at=LATER) == Removed(rows=0, files=1 - unfinished, unfinished=unfinished, previews=0)
    assert files_below(evidence_folder) == []


@pytest.mark.django_db
def test_upload_after_a_killed_one_takes_its_file_over(evidence_folder: Path) -> None:
    company = Company.objects.create(company_no="C1", name="Company")
    file = receive(company, jpeg("killed"))
    EvidenceFile.objects.all().delete()
    again = receive(company, jpeg("killed"))
    assert (again.sha256, open_content(again).read()) == (file.sha256, jpeg("killed"))
    assert len(files_below(evidence_folder)) == 1


# ── beside others ──


class SweptStorage(DiskStorage):
    """The sweep runs between a file and its row, and believes the file to be old."""

    swept = 0

    def _save(self, name: str, content: Any) -> str:
        name = super()._save(name, content)
        if not SweptStorage.swept:
            SweptStorage.swept = 1
            os.utime(self.path(name), (0, 0))
            SweptStorage.swept += remove_orphans(at=LATER).files
        return name


@pytest.mark.django_db
def test_file_that_the_sweep_removed_before_its_row_is_stored_again(settings: Any, evidence_folder: Path) -> None:
    disk = {"BACKEND": f"{__name__}.SweptStorage", "OPTIONS": {"location": evidence_folder}}
    settings.STORAGES = {**settings.STORAGES, "evidence": disk}
    company = Company.objects.create(company_no="C1", name="Company")
    file = receive(company, jpeg("swept"))
    assert SweptStorage.swept == 2
    assert open_content(file).read() == jpeg("swept")
    assert remove_orphans(at=AT).files == 0


@pytest.mark.django_db(transaction=True)
def test_same_file_four_times_at_once_is_one_row(evidence_folder: Path) -> None:
    company = Company.objects.create(company_no="C1", name="Company")

    def upload(_number: int) -> int:
        try:
            return receive(company, jpeg("at once")).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as at_once:
        assert set(at_once.map(upload, range(4))) == {EvidenceFile.objects.get().pk}
    assert Event.objects.count() == len(files_below(evidence_folder)) == 1


# ── full disk ──


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount") or "mount"
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], check=False).returncode:
        pytest.skip("only root mounts a disk")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(folder)], check=True)


@pytest.mark.django_db
@pytest.mark.urls("tests.evidence.draft_page")
@pytest.mark.parametrize("full", ["while receiving", "while storing"])
def test_full_disk_is_said_once_and_leaves_nothing(
    full: str, small_disk: Path, settings: Any, evidence_folder: Path, tmp_path: Path
) -> None:
    if full == "while receiving":
        settings.FILE_UPLOAD_TEMP_DIR = small_disk
    else:
        disk = {"BACKEND": "evidence.storage.DiskStorage", "OPTIONS": {"location": small_disk}}
        settings.STORAGES = {**settings.STORAGES, "evidence": disk}
    seller = client_of(make_person("seller", Company.objects.create(company_no="C1", name="Company")))
    seller.raise_request_exception = False
    content = pdf()
    content = content[:15] + b"%" + bytes(200_000) + b"\n" + content[15:]
    answer, _body = send(seller, multipart(("large.pdf", content)), **{"HX-Request": "true"})
    assert answer.status_code == 507
    assert not EvidenceFile.objects.exists()
    assert files_below(small_disk, evidence_folder, tmp_path / "uploads") == []
    # What is small enough still goes.
    assert send(seller, multipart(("small.jpg", jpeg())))[0].status_code == 200
