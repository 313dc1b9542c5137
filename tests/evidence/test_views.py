"""Evidence leaves as an attachment only, its pages as pictures made anew, and each access is kept (AP-03)."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from PIL import Image

from core.models import Event
from evidence.models import EvidenceFile
from evidence.services.receiving import receive_file
from stores.models import Company
from stores.principals import Person
from stores.roles import REVIEWER
from tests.evidence.files import as_upload, jpeg, pdf
from tests.stores.people import client_of, make_person, make_staff

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db, pytest.mark.rule("AP-03")]

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_previews(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def person() -> Person:
    return Person(make_person("seller", Company.objects.create(company_no="C1", name="Company")))


@pytest.fixture
def seller(person: Person) -> Client:
    return client_of(person.user)


def receive(person: Person, content: bytes, name: str) -> EvidenceFile:
    company = Company.objects.get()
    return receive_file(company=company, name=name, content=as_upload(content), principal=person, at=NOON)


def accesses() -> list[tuple[str, str, str]]:
    events = Event.objects.exclude(kind__in=["evidence.received", "store.inspected"]).order_by("pk")
    return [(event.kind, event.subject_key, event.actor) for event in events]


def test_original_is_an_attachment_untouched(seller: Client, person: Person) -> None:
    content = pdf()
    file = receive(person, content, "交接清单.PDF")
    answer = seller.get(f"/evidence/{file.pk}")
    assert answer.getvalue() == content
    assert {name: answer[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")} == {
        "Content-Type": "application/pdf",
        "Content-Disposition": "attachment; filename*=utf-8''%E4%BA%A4%E6%8E%A5%E6%B8%85%E5%8D%95.PDF",
        "X-Content-Type-Options": "nosniff",
    }


def test_name_of_a_download_ends_as_its_content(seller: Client, person: Person) -> None:
    file = receive(person, jpeg("scan"), "scan.pdf.exe")
    assert seller.get(f"/evidence/{file.pk}")["Content-Disposition"] == 'attachment; filename="scan.pdf.exe.jpg"'


def test_each_download_and_one_look_a_day_are_kept(seller: Client, person: Person) -> None:
    first, second = receive(person, pdf(pages=2), "two.pdf"), receive(person, jpeg("photo"), "photo.jpg")
    reviewer = make_staff("reviewer", REVIEWER)
    with time_machine.travel(NOON, tick=False):
        for address in (f"{first.pk}/1", f"{first.pk}/2", f"{second.pk}/1", f"{first.pk}", f"{first.pk}"):
            assert seller.get(f"/evidence/{address}").status_code == 200
        assert client_of(reviewer).get(f"/evidence/{first.pk}/1").status_code == 200
        seller.head(f"/evidence/{first.pk}")
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        seller.get(f"/evidence/{first.pk}/1")
    one, two, them, me = str(first.pk), str(second.pk), f"person:{reviewer.pk}", person.actor
    assert accesses() == [
        ("evidence.viewed", one, me),
        ("evidence.viewed", two, me),
        ("evidence.downloaded", one, me),
        ("evidence.downloaded", one, me),
        ("evidence.viewed", one, them),
        ("evidence.viewed", one, me),
    ]


@pytest.mark.rule("RL-09")
def test_pages_are_pictures_made_anew(seller: Client, person: Person) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    photo = receive(person, jpeg("GPS", size=(400, 200), exif=exif.tobytes(), comment=b"CANARY"), "photo.jpg")
    answer = seller.get(f"/evidence/{photo.pk}/1")
    picture = Image.open(io.BytesIO(answer.content))
    # It stands upright and says nothing of where it was taken.
    assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (200, 400), {})
    assert b"Exif" not in answer.content
    assert b"CANARY" not in answer.content
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer["Content-Disposition"].startswith("attachment; ")
    document = receive(person, pdf(pages=2), "two.pdf")
    sizes = [
        Image.open(io.BytesIO(seller.get(f"/evidence/{document.pk}/{page}").content)).size
        for page in ("1", "2?size=small")
    ]
    assert sizes == [(1600, 2267), (320, 454)]


def test_pages_that_are_not_there_are_not_found(seller: Client, person: Person) -> None:
    file = receive(person, pdf(pages=2), "two.pdf")
    for address in (f"{file.pk}/0", f"{file.pk}/3", f"{file.pk}/1?size=huge", f"{file.pk}/{10**30}", f"{10**30}"):
        assert seller.get(f"/evidence/{address}").status_code == 404


def test_page_that_cannot_be_drawn_says_so(seller: Client, person: Person, evidence_folder: Path) -> None:
    file = receive(person, pdf(), "one.pdf")
    (evidence_folder / str(file.company_id) / file.sha256).write_bytes(b"%PDF-1.7 lost")
    answer = seller.get(f"/evidence/{file.pk}/1")
    assert (answer.status_code, answer["Content-Type"]) == (422, "text/plain; charset=utf-8")


def test_lost_file_is_not_found(seller: Client, person: Person, evidence_folder: Path) -> None:
    file = receive(person, pdf(), "one.pdf")
    (evidence_folder / str(file.company_id) / file.sha256).unlink()
    assert [seller.get(f"/evidence/{address}").status_code for address in (file.pk, f"{file.pk}/1")] == [404, 404]
    assert accesses() == [("evidence.viewed", str(file.pk), person.actor)]
