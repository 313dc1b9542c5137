"""Pictures of listings in a bundle: hashed in the sandbox, kept per listing, flagged across stores (PN-24)."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from time_machine import travel

from core.models import Event
from disputes.models import CopyrightComplaint, ImageBand, ImageFlag, ListingImage
from intake.pipeline.report import Report
from notifications.models import InboxMessage, Notice
from stores.models import Listing
from tests.evidence.test_hashes import picture
from tests.intake.helpers import AS_OF, take, write
from tests.outbox import deliver

pytestmark = pytest.mark.rule("PN-24")
LISTINGS = "store_no,sku,title,image_file\nS1,A,Lamp,pics/Lamp.JPG\nS2,B,Cup,cup.png\n"
STORES = "store_no,name,company_no,mode\nS1,First,C1,governed\nS2,Second,C2,governed\n"
COMPLAINT = (
    "store_no,complaint_no,sku,opened_at,resolved_at,upheld\nS1,K1,A,2024-05-30T00:00:00Z,2024-05-31T23:00:00Z,true\n"
)


def bundle(folder: Path, images: dict[str, bytes], **files: str) -> Path:
    write(folder, **{"stores": STORES, "listings": LISTINGS, **files})
    for name, content in images.items():
        (folder / name).write_bytes(content)
    return folder


def settle() -> None:
    while deliver():
        pass


def shown() -> list[tuple[str, str, bool, bool]]:
    rows = ListingImage.objects.filter(until_at=None).order_by("sku")
    return [(row.sku, row.image_file, bool(row.picture), row.unreadable) for row in rows]


def warnings(report: Report) -> list[Any]:
    return [one["text"] for one in report.warnings]


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_images_in_an_archive_are_hashed_once(tmp_path: Path) -> None:
    folder = bundle(
        tmp_path / "b", {"lamp.jpg": picture("JPEG"), "cup.png": b"\x89PNG\r\n\x1a\nno", "x.webp": b"RIFF....WEBP"}
    )
    archive = tmp_path / "b.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(folder.iterdir()):
            packed.write(file, f"images/{file.name}" if file.suffix != ".csv" else file.name)
    _job, report = take(archive)
    assert shown() == [("A", "pics/Lamp.JPG", True, False), ("B", "cup.png", False, True)]
    assert ImageBand.objects.count() == 32
    assert len(warnings(report)) == 1
    take(archive)
    assert (ListingImage.objects.count(), ImageBand.objects.count()) == (2, 32)


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_a_dry_run_hashes_nothing(tmp_path: Path) -> None:
    take(bundle(tmp_path / "b", {"lamp.jpg": picture("JPEG")}), dry_run=True)
    assert not ListingImage.objects.exists()


@travel(AS_OF, tick=False)
@pytest.mark.django_db(transaction=True)
def test_a_copy_is_flagged_in_any_store_before_it_is_complained_about(tmp_path: Path) -> None:
    images = {"lamp.jpg": picture("JPEG"), "cup.png": picture("PNG")}
    take(bundle(tmp_path / "b", images, copyright_complaints=COMPLAINT))
    settle()
    assert [(row.level, row.state) for row in Notice.objects.all()] == [("yellow", "issued")]
    assert list(ImageFlag.objects.values_list("store__store_no", "image__sku")) == [("S2", "B")]
    told = InboxMessage.objects.get(kind="listing.image_flagged")
    assert (told.store.store_no, told.parameters["count"]) == ("S2", 1)
    assert "K1" not in str(told.parameters)
    take(bundle(tmp_path / "b", images, copyright_complaints=COMPLAINT))
    settle()
    assert (ImageFlag.objects.count(), Event.objects.filter(kind="listing.image_flagged").count()) == (1, 1)
    decided = COMPLAINT.replace("true", "false")
    take(bundle(tmp_path / "c", {}, copyright_complaints=decided))
    settle()
    assert not ImageFlag.objects.exists()
    assert Notice.objects.get().state == "accepted"


@travel(AS_OF, tick=False)
@pytest.mark.django_db(transaction=True)
def test_an_image_that_comes_later_is_flagged_when_it_comes(tmp_path: Path) -> None:
    take(bundle(tmp_path / "b", {"lamp.jpg": picture("JPEG")}, copyright_complaints=COMPLAINT))
    settle()
    assert not ImageFlag.objects.exists()
    take(bundle(tmp_path / "c", {"cup.png": picture("WEBP", 200)}))
    settle()
    assert ImageFlag.objects.get().image.sku == "B"


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_a_listing_that_shows_another_image_keeps_the_former_one(tmp_path: Path) -> None:
    take(bundle(tmp_path / "b", {"lamp.jpg": picture("JPEG")}))
    take(
        bundle(
            tmp_path / "c", {"new.png": picture("PNG", shade=90)}, listings=LISTINGS.replace("pics/Lamp.JPG", "new.png")
        ),
        as_of=AS_OF.replace(day=2),
    )
    rows = ListingImage.objects.filter(sku="A").order_by("since_at")
    assert [(row.image_file, row.until_at) for row in rows] == [
        ("pics/Lamp.JPG", AS_OF.replace(day=2)),
        ("new.png", None),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_an_import_says_nothing_of_a_listings_state(tmp_path: Path) -> None:
    take(bundle(tmp_path / "b", {}))
    Listing.objects.filter(sku="A").update(status="delisted", relist_after=AS_OF)
    newer = LISTINGS.replace("store_no,sku", "status,store_no,sku").replace("S1,A", "online,S1,A")
    take(bundle(tmp_path / "c", {}, listings=newer.replace("Lamp,", "Lamp 2,")), as_of=AS_OF.replace(day=2))
    found = Listing.objects.get(sku="A")
    assert (found.title, found.status, found.relist_after) == ("Lamp 2", "delisted", AS_OF)
    assert not CopyrightComplaint.objects.exists()
