"""Lost and changed files are found (RL-16)."""

import hashlib
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from evidence.models import EvidenceFile
from evidence.storage import evidence_storage, place_of
from stores.models import Company

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only, pytest.mark.rule("RL-09", "RL-16")]


def store(company: Company, content: bytes) -> EvidenceFile:
    sha256 = hashlib.sha256(content).hexdigest()
    evidence_storage().save(place_of(company.pk, sha256), ContentFile(content))
    at = datetime(2026, 5, 1, tzinfo=UTC)
    return EvidenceFile.objects.create(company=company, sha256=sha256, kind="pdf", name="a", size=1, uploaded_at=at)


def test_command_lists_what_is_lost_or_changed(evidence_folder: Path) -> None:
    company = Company.objects.create(company_no="C1", name="Company")
    whole, lost, changed = (store(company, content) for content in (b"whole", b"lost", b"changed"))
    out = io.StringIO()
    call_command("verify_evidence", stdout=io.StringIO())
    (evidence_folder / place_of(company.pk, lost.sha256)).unlink()
    (evidence_folder / place_of(company.pk, changed.sha256)).write_bytes(b"something else")
    with pytest.raises(CommandError, match="restore them from a backup"):
        call_command("verify_evidence", stdout=out)
    assert out.getvalue().splitlines() == [
        f"lost: {place_of(company.pk, lost.sha256)}",
        f"changed: {place_of(company.pk, changed.sha256)}",
        "3 files, 2 damaged",
    ]
    assert whole.sha256 not in out.getvalue()
