"""Evidence in an S3 bucket, on a real server that checks signatures (RL-09, RL-16)."""

import hashlib
import json
import os
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.conf import settings as project
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection

from config.backup.making import BackupError, make_backup
from config.backup.restoring import restore_backup
from config.environment import evidence_storage as described
from evidence.models import EvidenceFile
from evidence.rules import RefusedFileError
from evidence.services.orphans import remove_orphans
from evidence.services.receiving import receive_file
from evidence.services.storing import content_on_disk, open_content
from evidence.storage import companies_with_files, evidence_storage, files_of, place_of, remove_file
from stores.models import Company
from stores.principals import System
from stores.purging import remove_company
from tests.evidence.files import as_upload, jpeg, pdf
from tests.services import S3Server, s3_server

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("RL-09", "AP-03")]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture(autouse=True)
def in_bucket(server: S3Server, settings: Any, evidence_folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The storage that the settings describe for this bucket, with keys from where AWS keeps them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret_key)
    bucket = described(folder=evidence_folder, bucket=server.bucket, endpoint=server.endpoint, region="us-east-1")
    settings.STORAGES = {**settings.STORAGES, "evidence": bucket}


def receive(company: Company, content: bytes) -> EvidenceFile:
    return receive_file(company=company, name="proof.pdf", content=as_upload(content), principal=System(), at=NOON)


def test_bucket_keeps_what_the_disk_would(server: S3Server) -> None:
    company, other = (Company.objects.create(company_no=number, name=number) for number in ("C1", "C2"))
    content = pdf()
    file, same = receive(company, content), receive(other, content)
    assert receive(company, content) == file
    assert files_of(company.pk) == files_of(other.pk) == [hashlib.sha256(content).hexdigest()]
    assert set(companies_with_files()) == {company.pk, other.pk}
    with open_content(file) as stream, content_on_disk(same) as path:
        assert stream.read() == path.read_bytes() == content
    with pytest.raises(RefusedFileError):
        receive(company, b"PK\x03\x04")
    assert len(files_of(company.pk)) == 1
    # The sweep: a file without a row stays while it is young, and goes when it is old.
    place = evidence_storage().save(place_of(company.pk, "a" * 64), ContentFile(b"%PDF-"))
    now = evidence_storage().get_modified_time(place)
    EvidenceFile.objects.update(uploaded_at=now)
    assert remove_orphans(at=now).files == 0
    assert remove_orphans(at=now + timedelta(hours=7)).files == 3
    assert files_of(company.pk) == files_of(other.pk) == []
    assert not EvidenceFile.objects.exists()


def test_lost_object_is_stored_again_by_the_same_upload(server: S3Server) -> None:
    company = Company.objects.create(company_no="C1", name="C1")
    file = receive(company, jpeg("one"))
    evidence_storage().delete(place_of(company.pk, file.sha256))
    with pytest.raises(FileNotFoundError):
        open_content(file)
    assert receive(company, jpeg("one")) == file
    assert open_content(file).read() == jpeg("one")
    remove_company(company=company, actor="system", at=NOON)
    assert files_of(company.pk) == []


def test_objects_are_private_and_keys_are_checked(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    file = receive(Company.objects.create(company_no="C1", name="C1"), jpeg("private"))
    address = f"{server.endpoint}/{server.bucket}/{place_of(file.company_id, file.sha256)}"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address)
    assert "AWS4-HMAC-SHA256" in evidence_storage().url(place_of(file.company_id, file.sha256))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    storages._storages.clear()
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        evidence_storage().save("1/b", ContentFile(b"b"))


def restored_elsewhere(path: Path, data_dir: Path) -> dict[str, Any]:
    """What a restore into another DATA_DIR with the same bucket says, in a child that has the database there."""
    said = data_dir.with_suffix(".json")
    data_dir.mkdir()
    child = os.fork()
    if not child:
        # The parent's connection stays the parent's.
        connection.connection = None
        connection.settings_dict["NAME"] = str(data_dir / "dianwei.sqlite3")
        project.DATA_DIR = data_dir
        try:
            said.write_text(json.dumps(asdict(restore_backup(path, at=NOON, progress=lambda name, size: None))))
        except BackupError as error:
            said.write_text(json.dumps({"refused": str(error)}))
        os._exit(0)
    os.waitpid(child, 0)
    return dict(json.loads(said.read_text()))


@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("RL-16")
def test_bucket_is_backed_up_and_restored_or_left_and_compared(server: S3Server, tmp_path: Path) -> None:
    file = receive(Company.objects.create(company_no="C1", name="C1"), jpeg("one"))
    place = place_of(file.company_id, file.sha256)
    for name, is_copied in (("copied", True), ("left", False)):
        make_backup(tmp_path / name, at=NOON, progress=lambda name, size: None, with_evidence=is_copied)
        with tarfile.open(tmp_path / name) as made:
            assert (f"evidence/{place}" in made.getnames()) == is_copied
    # What was left out is compared with what the bucket has; what was copied goes into an empty bucket only.
    assert restored_elsewhere(tmp_path / "left", tmp_path / "1")["damaged"] == []
    assert "the storage of evidence has files" in restored_elsewhere(tmp_path / "copied", tmp_path / "2")["refused"]
    for company in companies_with_files():
        for sha256 in files_of(company):
            remove_file(company, sha256)
    assert restored_elsewhere(tmp_path / "left", tmp_path / "3")["damaged"] == [place]
    assert restored_elsewhere(tmp_path / "copied", tmp_path / "4")["damaged"] == []
    assert evidence_storage().open(place).read() == jpeg("one")
