"""What the content of a file tells about it, for the Smart Check (PN-28)."""

import io
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageDraw

from evidence.inspection import jpeg_facts, pdf_facts
from evidence.inspection.page_facts import MAX_WORDS_A_FILE, MAX_WORDS_A_PAGE, Page, pages_as_json
from evidence.inspection.pdf_objects import revision_ends
from evidence.inspection.pictures import picture_hash, stamp_in
from evidence.inspection.recognition import Reader, data_folder, languages_in
from tests.evidence.files import jpeg, pdf

pytestmark = [pytest.mark.sqlite_only, pytest.mark.rule("PN-28", "PN-28a")]


@pytest.fixture(autouse=True)
def no_language_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", "/nonexistent")


def white(width: int = 600, height: int = 800) -> Image.Image:
    return Image.new("RGB", (width, height), "white")


def test_words_of_a_pdf_have_their_places() -> None:
    facts = pdf_facts.facts_of(pdf("SZ126718225903 2026-11-14", pages=2))
    assert [(page["source"], [word[1] for word in page["words"]]) for page in facts["pages"]] == [
        ("text", ["SZ126718225903 2026-11-14 1"]),
        ("text", ["SZ126718225903 2026-11-14 2"]),
    ]
    line, _text, left, top, right, bottom, sure = facts["pages"][0]["words"][0]
    assert (line, sure) == (0, 100)
    assert (90 < left < 100, 400 < right < 650, 100 < top < bottom < 140) == (True, True, True)
    assert (facts["active"], facts["revisions"], facts["signature"], facts["pictures"]) == ([], 1, "none", [])


def test_a_pdf_page_that_is_a_picture_is_left_unread_without_language_data() -> None:
    out = io.BytesIO()
    Image.open(io.BytesIO(jpeg("SZ126718225903", size=(600, 800)))).save(out, "PDF")
    [page] = pdf_facts.facts_of(out.getvalue())["pages"]
    assert (page["source"], page["words"], len(page["picture"])) == ("unread", [], 64)


def test_the_text_of_a_picture_needs_language_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    [page] = jpeg_facts.facts_of(jpeg("SZ126718225903"))["pages"]
    assert (page["source"], page["words"]) == ("unread", [])
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert data_folder() is None
    (tmp_path / "eng.traineddata").touch()
    assert (data_folder(), languages_in(tmp_path)) == (tmp_path, ("eng",))


@pytest.mark.rule("RL-18")
def test_a_page_is_left_unread_when_the_time_is_over() -> None:
    page = Page()
    Reader(engine=object(), seconds=-1).read(white(), page)
    assert (page.source, page.words) == ("unread", [])


@pytest.mark.parametrize(
    ("software", "read"),
    [("Adobe Photoshop 25.1\x00", "Adobe Photoshop 25.1"), ("美图秀秀".encode(), "美图秀秀"), ("x" * 400, "x" * 200)],
)
def test_who_saved_a_picture_is_read(software: str | bytes, read: str) -> None:
    exif = Image.Exif()
    exif[0x0131] = software
    exif.get_ifd(0x8825)[1] = "N"
    facts = jpeg_facts.facts_of(jpeg(exif=exif))
    assert (facts["software"], facts["position"], facts["size"]) == (read, True, [320, 240])


@pytest.mark.parametrize(
    ("packet", "agents"),
    [
        (b'<rdf:li stEvt:softwareAgent="GIMP 2.10"/><rdf:li stEvt:softwareAgent="GIMP 2.10"/>', ["GIMP 2.10"]),
        (b"<xmp:CreatorTool>Adobe Photoshop</xmp:CreatorTool>", ["Adobe Photoshop"]),
        (b"<x>&bomb;&bomb;</x>", []),
        (b"softwareAgent='" + b"a" * 300_000, ["a" * 120]),
    ],
)
def test_programs_are_searched_in_xmp_without_parsing_it(packet: bytes, agents: list[str]) -> None:
    assert jpeg_facts.agents_of(packet) == agents


@pytest.mark.filterwarnings("ignore:Tag data larger", "ignore:Corrupt EXIF")
def test_damaged_exif_tells_nothing() -> None:
    facts = jpeg_facts.facts_of(jpeg(exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff" + b"\x01\x12\x00\x03" * 40))
    assert (facts["software"], facts["position"], len(facts["pages"])) == ("", False, 1)


def test_a_turned_photo_is_looked_at_upright() -> None:
    picture = Image.linear_gradient("L").resize((320, 240)).convert("RGB")
    turned = Image.Exif()
    turned[0x0112] = 3
    out, plain = io.BytesIO(), io.BytesIO()
    picture.rotate(180).save(out, "JPEG", exif=turned)
    picture.save(plain, "JPEG")
    upright, same = (jpeg_facts.facts_of(one.getvalue())["pictures"] for one in (out, plain))
    assert upright == same


def test_a_red_stamp_is_seen_and_told_from_a_red_line_and_a_red_field() -> None:
    stamped, ruled, filled = white(), white(), white()
    ImageDraw.Draw(stamped).ellipse((350, 600, 500, 750), outline=(200, 30, 40), width=6)
    ImageDraw.Draw(ruled).line((50, 100, 550, 100), fill=(200, 30, 40), width=4)
    ImageDraw.Draw(filled).rectangle((350, 600, 500, 750), fill=(200, 30, 40))
    box = stamp_in(stamped)
    assert box is not None
    assert all(abs(found - drawn) < 15 for found, drawn in zip(box, (583, 750, 833, 937), strict=True))
    assert (stamp_in(ruled), stamp_in(filled), stamp_in(white()), stamp_in(white(10, 8000))) == (None, None, None, None)


def test_the_hash_of_a_picture_stays_when_it_is_made_smaller() -> None:
    picture = Image.radial_gradient("L").resize((640, 480))
    assert len(picture_hash(picture)) == 64
    assert (int(picture_hash(picture), 16) ^ int(picture_hash(picture.resize((320, 240))), 16)).bit_count() <= 6


def test_a_file_for_the_web_was_saved_once() -> None:
    assert len(revision_ends(pdf(linearize=True))) == 1
    assert len(revision_ends(pdf())) == 1


def test_a_list_of_objects_that_goes_in_a_circle_ends() -> None:
    def tangle(document: pikepdf.Pdf) -> None:
        ring = document.make_indirect(pikepdf.Dictionary())
        ring.Self, ring.Deep = ring, pikepdf.Array([pikepdf.Array([ring])])
        deep = pikepdf.Array()
        for _level in range(60):
            deep = pikepdf.Array([deep])
        document.Root.Ring, document.Root.Deep = ring, deep

    assert pdf_facts.facts_of(pdf(change=tangle))["active"] == []


def test_a_file_has_no_more_words_than_are_kept() -> None:
    page = Page("text", [(0, "a", 0, 0, 1, 1, 100)] * (MAX_WORDS_A_PAGE + 5))
    kept = pages_as_json([Page(page.source, list(page.words)) for _number in range(6)])
    counts = [len(one["words"]) for one in kept]
    assert (counts[0], sum(counts)) == (MAX_WORDS_A_PAGE, MAX_WORDS_A_FILE)
