"""Files are judged by content, stored whole, and known once per company (AP-02, AP-03, RL-09)."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.models import Event
from evidence.models import EvidenceFile
from evidence.rules import RefusedFileError
from evidence.services.receiving import receive_file
from evidence.services.storing import content_on_disk, open_content
from stores.models import Company
from stores.principals import Person
from tests.evidence.files import as_upload, jpeg, pdf
from tests.stores.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.rule("RL-09", "AP-02", "AP-03")]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def company() -> Company:
    return Company.objects.create(company_no="C1", name="Company")


@pytest.fixture
def seller(company: Company) -> Person:
    return Person(make_person("seller", company))


def receive(company: Company, seller: Person, content: bytes, name: str = "proof.pdf", at: datetime = NOON):
    return receive_file(company=company, name=name, content=as_upload(content), principal=seller, at=at)


def stored(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_file_is_stored_by_company_and_content(company: Company, seller: Person, evidence_folder: Path) -> None:
    content = pdf(pages=3)
    file = receive(company, seller, content, "交接清单 11月.PDF")
    digest = hashlib.sha256(content).hexdigest()
    assert (file.company, file.sha256, file.kind, file.name) == (company, digest, "pdf", "交接清单 11月.PDF")
    assert (file.size, file.pages, file.uploaded_at, file.uploaded_by) == (len(content), 3, NOON, seller.user)
    assert stored(evidence_folder) == [f"{company.pk}/{digest}"]
    path = evidence_folder / str(company.pk) / digest
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with open_content(file) as stream, content_on_disk(file) as place:
        assert stream.read() == place.read_bytes() == content
    event = Event.objects.get()
    assert (event.kind, event.subject_key, event.company_no, event.actor) == (
        "evidence.received", str(file.pk), "C1", seller.actor,
    )  # fmt: skip


def test_same_content_is_one_row_whatever_its_name(company: Company, seller: Person, evidence_folder: Path) -> None:
    first = receive(company, seller, jpeg("one"), "one.jpg")
    later = NOON + timedelta(hours=1)
    assert receive(company, seller, jpeg("one"), "two.jpg", later) == first
    row = EvidenceFile.objects.get()
    assert (row.name, row.uploaded_at, row.repeated_at) == ("one.jpg", NOON, later)
    assert len(stored(evidence_folder)) == Event.objects.count() == 1


def test_content_of_another_company_is_a_file_of_its_own(company: Company, seller: Person, evidence_folder: Path):
    other = Company.objects.create(company_no="C2", name="Other")
    first, second = receive(company, seller, jpeg("same")), receive(other, seller, jpeg("same"))
    assert first.pk != second.pk
    assert (second.repeated_at, second.uploaded_at) == (None, NOON)
    assert len(stored(evidence_folder)) == 2


def test_refused_file_leaves_nothing(company: Company, seller: Person, evidence_folder: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        receive(company, seller, b"MZ\x90\x00", "../photo.jpg")
    assert (refused.value.code, refused.value.name, refused.value.params) == (
        "known_type",
        "photo.jpg",
        {"type": "EXE"},
    )
    assert not EvidenceFile.objects.exists()
    assert not Event.objects.exists()
    assert stored(evidence_folder) == []


@pytest.mark.sqlite_only
def test_file_at_the_limit_is_taken_and_one_byte_more_is_not(company: Company, seller: Person) -> None:
    limit = 10 * 1024 * 1024
    content = pdf()
    padded = content[:15] + b"%" + b"x" * (limit - len(content) - 2) + b"\n" + content[15:]
    assert receive(company, seller, padded).size == limit
    with pytest.raises(RefusedFileError) as refused:
        receive(company, seller, padded + b"\n")
    assert (refused.value.code, refused.value.params) == ("too_large", {"limit": 10})
