"""Evidence goes with its company, files and all, and nobody else's does (IX-03)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appeals.models import AppealFile
from evidence.models import EvidenceFile
from evidence.services.previewing import draw_page, previews_folder
from evidence.services.receiving import receive_file
from evidence.storage import companies_with_files, evidence_storage, files_of, place_of
from stores.models import Company
from stores.principals import System
from stores.purging import remove_company
from tests.evidence.files import as_upload, jpeg
from tests.evidence.test_orphans import attach
from tests.stores.people import make_store

pytestmark = [pytest.mark.django_db, pytest.mark.rule("IX-03", "AP-03")]

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def receive(company: Company) -> EvidenceFile:
    return receive_file(company=company, name="photo.jpg", content=as_upload(jpeg("same")), principal=System(), at=NOON)


def test_company_goes_with_its_evidence(evidence_folder: Path, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    company, other = make_store("S1").company, make_store("S2").company
    file, kept = receive(company), receive(other)
    attach(file)
    draw_page(file=file, page=1, size="", at=NOON)
    evidence_storage().save(place_of(company.pk, "a" * 64), as_upload(b"without a row"))
    counts = remove_company(company=company, actor="system", at=NOON)
    assert counts["evidence files"] == 1
    assert list(EvidenceFile.objects.all()) == [kept]
    assert not AppealFile.objects.exists()
    assert files_of(other.pk) == [kept.sha256]
    assert [path for path in evidence_folder.rglob("*") if path.is_file()] == [
        evidence_folder / str(other.pk) / kept.sha256
    ]
    assert list(previews_folder().rglob("*.jpg")) == []
    assert other.pk in companies_with_files()
