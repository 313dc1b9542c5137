"""Evidence in an S3 bucket, on a real server that checks signatures (RL-09, RL-16)."""

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from config.environment import evidence_storage as described
from evidence.models import EvidenceFile
from evidence.rules import RefusedFileError
from evidence.services.orphans import remove_orphans
from evidence.services.receiving import receive_file
from evidence.services.storing import content_on_disk, open_content
from evidence.storage import companies_with_files, evidence_storage, files_of, place_of
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
