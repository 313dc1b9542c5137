"""Files are examined once, in the sandbox (PN-28, RL-09)."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from evidence.inspection.recognition import data_folder
from evidence.models import EvidenceFile
from evidence.services.examining import examine_file, examine_waiting
from evidence.storage import evidence_storage, place_of
from evidence.tasks import examine_files
from stores.models import Company
from tests.evidence.files import jpeg, pdf

pytestmark = [pytest.mark.django_db, pytest.mark.rule("PN-28", "RL-09")]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def a_file(content: bytes, kind: str = "pdf") -> EvidenceFile:
    """A file whose content is taken as it is."""
    number = EvidenceFile.objects.count() + 1
    company, _new = Company.objects.get_or_create(company_no="C1", defaults={"name": "Company"})
    file = EvidenceFile.objects.create(
        company=company, sha256=f"{number:064x}", kind=kind, name="proof", size=len(content), uploaded_at=NOON
    )
    evidence_storage().save(place_of(company.pk, file.sha256), ContentFile(content))
    return file


def test_waiting_files_are_examined_once(evidence_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", "/nonexistent")
    document, picture = a_file(pdf("SZ126718225903")), a_file(jpeg("SZ126718225903"), "jpeg")
    assert (examine_waiting(at=NOON), examine_waiting(at=NOON)) == (2, 0)
    document.refresh_from_db()
    picture.refresh_from_db()
    assert (document.examined_at, document.facts["pages"][0]["words"][0][1]) == (NOON, "SZ126718225903 1")
    assert (picture.facts["kind"], picture.facts["pages"][0]["source"]) == ("jpeg", "unread")
    examine_file(file=document, at=NOON + timedelta(hours=1))
    assert document.examined_at == NOON


@pytest.mark.sqlite_only
def test_pictures_are_read_in_the_sandbox_where_language_data_is(evidence_folder: Path) -> None:
    out = io.BytesIO()
    picture = Image.new("RGB", (900, 300), "white")
    ImageDraw.Draw(picture).text((60, 100), "126718225903", fill="black", font_size=72)
    picture.save(out, "JPEG")
    file = a_file(out.getvalue(), "jpeg")
    examine_file(file=file, at=NOON)
    [page] = file.facts["pages"]
    read = [word[1] for word in page["words"]]
    expected = ("unread", []) if data_folder() is None else ("recognised", ["126718225903"])
    assert (page["source"], read) == expected


def test_content_that_can_not_be_examined_is_tried_once(evidence_folder: Path) -> None:
    damaged = a_file(b"%PDF-1.7 nothing else")
    lost = a_file(b"")
    evidence_storage().delete(place_of(lost.company_id, lost.sha256))
    assert examine_files() == 2
    assert list(EvidenceFile.objects.order_by("pk").values_list("facts", flat=True)) == [{}, {}]
    assert not EvidenceFile.objects.filter(examined_at=None).exists()
    assert damaged.pk != lost.pk


def test_who_examines_second_keeps_what_the_first_one_found(evidence_folder: Path) -> None:
    file = a_file(pdf())
    EvidenceFile.objects.filter(pk=file.pk).update(facts={"kind": "pdf", "first": True}, examined_at=NOON)
    examine_file(file=file, at=NOON + timedelta(seconds=1))
    assert (file.facts, file.examined_at) == ({"kind": "pdf", "first": True}, NOON)
