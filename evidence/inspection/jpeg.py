"""JPEG files: whether one is taken (AP-02), and previews of it without the metadata (AP-03)."""

import io
import re
from typing import Any

from PIL import Image, ImageOps, JpegImagePlugin

from evidence.inspection import RefusedContentError

# Pillow's own guard counts other pixels than the rule does.
Image.MAX_IMAGE_PIXELS = None
QUALITY = 82
_MEGA = 1_000_000
# In the compressed data: a marker that is neither a stuffed byte nor a restart.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_END, _SCAN = 0xD9, 0xDA
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
# Phones write videos and depth maps behind a picture; these make it an archive, a program, a page or a document too.
_BEGINS_BEHIND = (b"PK\x03\x04", b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"#!/")
_STANDS_BEHIND = (b"%pdf-", b"<html", b"<script")
_ENTITY = re.compile(rb"<!(ENTITY|DOCTYPE)", re.IGNORECASE)
_PHP = b"<?php"
_METADATA = 1_000_000
# A ZIP ends with its directory, a comment of at most 64 KiB behind.
_ZIP_TAIL = 66_000


def accept(content: bytes, *, max_megapixels: int) -> dict[str, Any]:
    """Width, height and the bytes behind the picture's end (``trailing``) of a JPEG that is taken.

    It is decoded whole, at an eighth of its size: that reads every byte and finds what is cut short.
    """
    image = _opened(content, max_megapixels)
    width, height = image.size
    end = end_of_picture(content)
    _refuse_dangerous(content, end)
    image.draft(image.mode, (max(1, width // 8), max(1, height // 8)))
    _decode(image)
    return {"pages": 1, "width": width, "height": height, "trailing": len(content) - end}


def preview(content: bytes, *, width: int, max_megapixels: int) -> bytes:
    """The picture, upright, at most ``width`` wide and three times as high, encoded anew: EXIF and GPS stay behind."""
    image = _opened(content, max_megapixels)
    image.draft("RGB", (width, width))
    _decode(image)
    upright = ImageOps.exif_transpose(image) or image
    plain = upright.convert("RGB")
    plain.thumbnail((width, 3 * width))
    return encode(plain)


def encode(picture: Image.Image) -> bytes:
    """A picture as JPEG without any metadata."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def end_of_picture(content: bytes) -> int:
    """The offset behind the picture's end marker; the file's length if there is none."""
    place = 2
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            place += 1
            continue
        marker = content[place + 1]
        if marker == _END:
            return place + 2
        if marker == 0xFF or marker in _ALONE:
            place += 1 if marker == 0xFF else 2
            continue
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == _SCAN:
            found = _MARKER.search(content, place)
            place = found.start() if found else len(content)
    return place + 2 if content[place : place + 2] == b"\xff\xd9" else len(content)


def _opened(content: bytes, max_megapixels: int) -> Image.Image:
    try:
        image = JpegImagePlugin.jpeg_factory(io.BytesIO(content))
    except Exception as error:
        raise RefusedContentError("damaged_picture") from error
    width, height = image.size
    if width * height > max_megapixels * _MEGA:
        raise RefusedContentError("too_many_pixels", megapixels=-(-width * height // _MEGA))
    return image


def _decode(image: Image.Image) -> None:
    try:
        image.load()
    except Exception as error:
        raise RefusedContentError("damaged_picture") from error


def _refuse_dangerous(content: bytes, end: int) -> None:
    behind = content[end : end + 512].lstrip(b"\r\n\x00 ")
    if (
        _PHP in content
        or behind.startswith(_BEGINS_BEHIND)
        or any(sign in behind.lower() for sign in _STANDS_BEHIND)
        or _ends_as_archive(content, end)
    ):
        raise RefusedContentError("hidden_content")
    if _ENTITY.search(content[: min(end, _METADATA)]):
        raise RefusedContentError("dangerous_metadata")


def _ends_as_archive(content: bytes, end: int) -> bool:
    """Whether a ZIP follows the picture: programs find it by its directory, at the end."""
    tail = content[max(end, len(content) - _ZIP_TAIL) :]
    return b"PK\x05\x06" in tail and b"PK\x01\x02" in content[end:]
