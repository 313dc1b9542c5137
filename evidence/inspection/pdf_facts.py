"""The facts of a PDF (PN-28): what it can do, how it was saved, what stands on its pages."""

import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from evidence.inspection.jpeg_facts import agents_of
from evidence.inspection.page_facts import MAX_WORDS_A_PAGE, Page, Run, Word, pages_as_json, pictures_of, words_of
from evidence.inspection.pdf_objects import Signatures, active_parts, revision_ends, signatures
from evidence.inspection.pictures import picture_hash, stamp_in
from evidence.inspection.recognition import Reader, reader

MAX_PAGES = 100
# Pages that are pictures: so many are read, which takes about half a second each.
READ_PAGES = 6
# A page with fewer letters than this beside its picture is a scan.
FEW_LETTERS = 12
STAMP_SIDE, COMPARED_SIDE, READ_SIDE = 420, 500, 1800
COMPARED_PAGES = 20
MAX_TEXT = 200


def facts_of(content: bytes) -> dict[str, Any]:
    """What a PDF tells about itself, as JSON; an exception of pikepdf or pypdfium2 where it can't be read."""
    with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
        signed = signatures(pdf)
        facts = {
            "kind": "pdf",
            "encrypted": pdf.is_encrypted,
            "active": active_parts(pdf),
            "producer": _text(pdf.docinfo.get("/Producer")),
            "creator": _text(pdf.docinfo.get("/Creator")),
            "changed": _text(pdf.docinfo.get("/ModDate")),
            "agents": agents_of(_metadata(pdf)),
        }
    with closing(pypdfium2.PdfDocument(content)) as document:
        facts |= history(content, signed, document)
        facts["page_count"] = len(document)
        pages = pages_as_json(_pages(document))
    return facts | {"pages": pages, "pictures": pictures_of(pages)}


def history(content: bytes, signed: Signatures, document: pypdfium2.PdfDocument) -> dict[str, Any]:
    """How often the file was saved onto; which pages look different since its signature, else its first state.

    ``signature``: ``none``, ``whole``, or ``outrun`` where something was appended after the last one."""
    ends = revision_ends(content)
    whole = len(content.rstrip(b"\r\n \0"))
    outrun = signed.count > 0 and signed.covered < whole
    base = signed.covered if outrun else ends[0] if len(ends) > 1 and not signed.count else 0
    return {
        "revisions": len(ends),
        "signature": "outrun" if outrun else "whole" if signed.count else "none",
        "changed_pages": changed_pages(content[:base], document) if base else [],
    }


def changed_pages(before: bytes, document: pypdfium2.PdfDocument) -> list[int]:
    """Pages (from 1) that look different from those of an earlier state, of the first ``COMPARED_PAGES``."""
    try:
        with closing(pypdfium2.PdfDocument(before)) as earlier:
            shared = min(len(earlier), len(document), COMPARED_PAGES)
            changed = [n + 1 for n in range(shared) if _looks(earlier[n]) != _looks(document[n])]
            return changed + [n + 1 for n in range(len(earlier), min(len(document), COMPARED_PAGES))]
    except pypdfium2.PdfiumError:
        return []


def _looks(page: pypdfium2.PdfPage) -> bytes:
    return bytes(drawn(page, COMPARED_SIDE).tobytes())


def drawn(page: pypdfium2.PdfPage, side: int) -> Image.Image:
    """The page as a picture whose longer side has so many pixels."""
    picture: Image.Image = page.render(scale=side / max(*page.get_size(), 1)).to_pil()
    return picture.convert("RGB")


def _pages(document: pypdfium2.PdfDocument) -> Iterator[Page]:
    left = READ_PAGES
    with reader() as reading:
        for number in range(min(len(document), MAX_PAGES)):
            page = document[number]
            found = _page(page)
            if found.picture:
                _read_picture(page, found, reading if left > 0 else Reader(None))
                left -= 1
            yield found
            page.close()


def _page(page: pypdfium2.PdfPage) -> Page:
    words = list(_words(page))
    found = Page(source="text" if words else "empty", words=words, stamp=stamp_in(drawn(page, STAMP_SIDE)))
    if sum(len(word[1]) for word in words) < FEW_LETTERS and _has_picture(page):
        found.picture = picture_hash(drawn(page, COMPARED_SIDE))
    return found


def _read_picture(page: pypdfium2.PdfPage, found: Page, reading: Reader) -> None:
    found.source = "unread"
    if reading.can_read:
        reading.read(drawn(page, READ_SIDE), found)


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return next(iter(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)), None) is not None


def _words(page: pypdfium2.PdfPage) -> Iterator[Word]:
    width, height = page.get_size()
    with closing(page.get_textpage()) as text:
        runs = list(_runs(text, height))
    return words_of(runs, width, height)


def _runs(text: pypdfium2.PdfTextPage, height: float) -> Iterator[Run]:
    """Runs of text of one style."""
    for number in range(min(text.count_rects(), MAX_WORDS_A_PAGE)):
        left, bottom, right, top = text.get_rect(number)
        if said := " ".join(text.get_text_bounded(left, bottom, right, top).split()):
            yield height - top, height - bottom, left, right, said, 100


def _metadata(pdf: pikepdf.Pdf) -> bytes:
    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream) or "/Filter" in stream:
        return b""
    return bytes(stream.read_raw_bytes())


def _text(value: object) -> str:
    return "".join(sign for sign in str(value or "") if sign.isprintable()).strip()[:MAX_TEXT]
