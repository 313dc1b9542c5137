"""PDF files: whether one is taken (AP-02), and pictures of its pages (AP-03)."""

import io
import zlib
from collections.abc import Iterator
from itertools import islice
from math import sqrt
from typing import Any

import pikepdf
import pypdfium2

from evidence.inspection import RefusedContentError
from evidence.inspection.jpeg import encode

# A page scanned at 600 dpi takes 104 MB; a file of at most 10 MB that unpacks to more than this is made to do harm.
STREAM_BYTES = 160 * 2**20
ALL_BYTES = 2**30
MOST_OBJECTS = 200_000
# A page is drawn with at most so many pixels, whatever its sides.
PAGE_PIXELS = 8_000_000
_BLOCK = 2**20
_FLATE = ("/FlateDecode", "/Fl")

# What a file does by itself or when it is touched, by the type of its action.
_ACTIONS = {
    "/JavaScript": "pdf_script",
    "/Launch": "pdf_active",
    "/ImportData": "pdf_active",
    "/SubmitForm": "pdf_active",
    "/GoToE": "pdf_active",
    "/RichMediaExecute": "pdf_active",
}
_KEYS = {"/JS": "pdf_script", "/JavaScript": "pdf_script", "/XFA": "pdf_form", "/RichMediaContent": "pdf_active"}


def accept(content: bytes, *, max_pages: int) -> dict[str, Any]:
    """The number of pages of a PDF that is taken: not encrypted, without scripts, other actions or hidden files, of at
    most ``max_pages`` pages, of which PDFium draws the first."""
    pages = _inspect(content, max_pages)
    preview(content, page=1, width=200)
    return {"pages": pages}


def preview(content: bytes, *, page: int, width: int) -> bytes:
    """A page, counted from 1, as a JPEG of this width."""
    try:
        document = pypdfium2.PdfDocument(content)
        sheet = document[page - 1]
        across, down = sheet.get_size()
        picture = sheet.render(scale=_scale(across, down, width)).to_pil()
    except Exception as error:
        raise RefusedContentError("damaged_pdf") from error
    return encode(picture.convert("RGB"))


def _scale(width: float, height: float, wanted: int) -> float:
    if min(width, height) <= 0:
        raise ValueError("a page without area")
    return min(wanted / width, sqrt(PAGE_PIXELS / (width * height)))


def _inspect(content: bytes, max_pages: int) -> int:
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise RefusedContentError("encrypted_pdf")
            pages = len(pdf.pages)
            if pages > max_pages:
                raise RefusedContentError("too_many_pages", pages=pages)
            _refuse_dangerous(pdf)
            return pages
    except pikepdf.PasswordError as error:
        raise RefusedContentError("encrypted_pdf") from error
    except RefusedContentError:
        raise
    except Exception as error:
        raise RefusedContentError("damaged_pdf") from error


# ── Actions, scripts, hidden files ─────────────────────────────────────────────────────────────────────────────────


def _refuse_dangerous(pdf: pikepdf.Pdf) -> None:
    if len(pdf.objects) > MOST_OBJECTS:
        raise RefusedContentError("oversized_pdf")
    left = ALL_BYTES
    for thing in pdf.objects:
        for part in _direct_parts(thing):
            _refuse_actions(part)
            _refuse_embedded(part)
        if isinstance(thing, pikepdf.Stream):
            left -= _unpacked_size(thing, min(left, STREAM_BYTES))


def _direct_parts(thing: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The dictionaries in an object, without those that are objects of their own."""
    waiting = [thing]
    while waiting:
        part = waiting.pop()
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            yield part
            waiting += [value for _key, value in part.items() if _is_direct(value)]
        elif isinstance(part, pikepdf.Array):
            waiting += [value for value in part if _is_direct(value)]


def _is_direct(value: Any) -> bool:
    return isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect


def _refuse_actions(part: pikepdf.Object) -> None:
    code = _ACTIONS.get(_name(part, "/S")) or next((code for key, code in _KEYS.items() if key in part), None)
    if code:
        raise RefusedContentError(code)


def _name(part: pikepdf.Object, key: str) -> str:
    value = part.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _refuse_embedded(part: pikepdf.Object) -> None:
    """Electronic invoices carry their data as XML; any other file in a file may be a program."""
    files = part.get("/EF")
    if isinstance(files, pikepdf.Dictionary) and not all(_is_xml(file) for _key, file in files.items()):
        raise RefusedContentError("pdf_attachment")


def _is_xml(file: pikepdf.Object) -> bool:
    if not isinstance(file, pikepdf.Stream):
        return False
    start = b"".join(islice(_unpacked(file), 1))[:100]
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<?xml")


# ── Streams that unpack to too much ────────────────────────────────────────────────────────────────────────────────


def _unpacked_size(stream: pikepdf.Stream, most: int) -> int:
    """The bytes that a stream unpacks to; refused above ``most``."""
    size = 0
    for block in _unpacked(stream):
        size += len(block)
        if size > most:
            raise RefusedContentError("oversized_pdf")
    return size


def _unpacked(stream: pikepdf.Stream) -> Iterator[bytes]:
    """What a stream unpacks to, block by block, as far as its filters are Flate."""
    blocks: Iterator[bytes] = iter([stream.read_raw_bytes()])
    for name in _filters(stream):
        if name not in _FLATE:
            break
        blocks = _inflated(blocks)
    return blocks


def _filters(stream: pikepdf.Stream) -> list[str]:
    names = stream.get("/Filter")
    if names is None:
        return []
    return [str(name) for name in names] if isinstance(names, pikepdf.Array) else [str(names)]


def _inflated(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack block by block; what is damaged ends there, as it does for readers."""
    unpacker = zlib.decompressobj()
    for block in blocks:
        waiting = block
        while waiting:
            try:
                unpacked = unpacker.decompress(waiting, _BLOCK)
            except zlib.error:
                return
            yield unpacked
            waiting = unpacker.unconsumed_tail
