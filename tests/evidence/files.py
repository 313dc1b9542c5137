"""Files as people hand them in, built for tests."""

import io
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw


def jpeg(text: str = "", *, size: tuple[int, int] = (320, 240), mode: str = "RGB", **options: Any) -> bytes:
    """A picture with a text on it; ``options`` go to Pillow's writer."""
    picture = Image.new(mode, size, None if mode != "RGB" else (240, 236, 220))
    if text:
        ImageDraw.Draw(picture).text((10, 10), text, fill=0 if mode == "L" else None)
    out = io.BytesIO()
    picture.save(out, "JPEG", **options)
    return out.getvalue()


def pdf(text: str = "Handover list", *, pages: int = 1, change: Any = None, **options: Any) -> bytes:
    """A PDF with a line of text on each page; ``change`` alters it before it is written with ``options``."""
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for number in range(pages):
        page = document.add_blank_page(page_size=(420, 595))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = document.make_stream(f"BT /F1 14 Tf 40 520 Td ({text} {number + 1}) Tj ET".encode())
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **({} if "encryption" in options else {"deterministic_id": True}), **options)
    return out.getvalue()


def as_upload(content: bytes, name: str = "file") -> "ContentFile[bytes]":
    return ContentFile(content, name)


def age(folder: Path, at: datetime) -> None:
    """Make every file in a folder as old as if it had been written at the instant."""
    for path in folder.rglob("*"):
        os.utime(path, (at.timestamp(), at.timestamp()))
