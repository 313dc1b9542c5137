"""The facts of a JPEG (PN-28): who saved it, what it looks like, what can be read in it."""

import io
import re
from typing import Any

from PIL import Image, ImageOps

from evidence.inspection.page_facts import Page, pages_as_json, pictures_of
from evidence.inspection.pictures import picture_hash, stamp_in
from evidence.inspection.recognition import reader

SOFTWARE, MAKE, MODEL, CHANGED, GPS = 0x0131, 0x010F, 0x0110, 0x0132, 0x8825

# Larger pictures are decoded smaller, down to this side.
LEAST_SIDE = 1500
MAX_TEXT = 200
MAX_XMP = 200_000
_AGENTS = re.compile(rb"""(?:softwareAgent|CreatorTool)\s*(?:=\s*["']|>)\s*([^"'<]{1,120})""")


def facts_of(content: bytes) -> dict[str, Any]:
    """What a JPEG tells about itself, as JSON; OSError or ValueError where it can't be decoded."""
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as opened:
        facts = {
            "kind": "jpeg",
            "size": [opened.width, opened.height],
            "agents": agents_of(opened.info.get("xmp", b"")),
            **exif_facts(opened),
        }
        opened.draft("RGB", (LEAST_SIDE, LEAST_SIDE))
        picture = upright(opened).convert("RGB")
    pages = pages_as_json([page_of(picture)])
    return facts | {"pages": pages, "pictures": pictures_of(pages)}


def exif_facts(picture: Image.Image) -> dict[str, Any]:
    """Program, camera, time and whether there is a position; of EXIF that is damaged or goes in circles nothing."""
    try:
        exif = picture.getexif()
        position = bool(exif.get_ifd(GPS))
    except Exception:
        exif, position = Image.Exif(), False
    return {
        "software": _text(exif.get(SOFTWARE)),
        "camera": " ".join(filter(None, (_text(exif.get(MAKE)), _text(exif.get(MODEL))))),
        "changed": _text(exif.get(CHANGED)),
        "position": position,
    }


def page_of(picture: Image.Image) -> Page:
    page = Page(picture=picture_hash(picture), stamp=stamp_in(picture))
    with reader() as reading:
        reading.read(picture, page)
    return page


def upright(picture: Image.Image) -> Image.Image:
    """The picture turned as EXIF says, as its preview is; as it is where EXIF is damaged."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:
        return picture


def agents_of(xmp: bytes | str) -> list[str]:
    """The programs that the XMP history names, each once, in order. The packet is searched, not parsed as XML: it may
    hold entity bombs."""
    raw = (xmp if isinstance(xmp, bytes) else xmp.encode("utf-8", "replace"))[:MAX_XMP]
    found = (_text(agent) for agent in _AGENTS.findall(raw))
    return list(dict.fromkeys(name for name in found if name))[:10]


def _text(value: object) -> str:
    text = _decoded(value) if isinstance(value, bytes) else _mended(str(value or ""))
    return "".join(sign for sign in text if sign.isprintable()).strip()[:MAX_TEXT]


def _mended(text: str) -> str:
    """EXIF is ASCII by its standard; programs write UTF-8, which Pillow reads as Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _decoded(raw: bytes) -> str:
    return _mended(raw.decode("latin-1"))
