"""What a file is by its first bytes, whatever its name says (AP-02)."""

PDF, JPEG = "pdf", "jpeg"
# Readers look for a PDF's header within so many bytes.
HEAD_BYTES = 1024
_PDF_HEADER = b"%PDF-"

# What people hand in by mistake, by its first bytes; the names are shown to them.
_OTHERS = {
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"MZ": "EXE",
    b"\x7fELF": "ELF",
    b"PK\x03\x04": "ZIP",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\xd0\xcf\x11\xe0": "DOC",
    b"{\\rtf": "RTF",
}
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")


def kind_of(head: bytes) -> str:
    """``pdf`` or ``jpeg`` by a file's first `HEAD_BYTES`, else what it is instead, as people call it; empty if unknown.

    Bytes that begin as one thing and hold the header of a PDF are that other thing: no honest program writes both.
    """
    head = head[:HEAD_BYTES]
    if head.startswith(b"\xff\xd8\xff"):
        return "" if _PDF_HEADER in head else JPEG
    return _other(head) or (PDF if _PDF_HEADER in head else "")


def _other(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "HEIC" if head[8:12] in _HEIC_BRANDS else "MP4"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    for start, name in _OTHERS.items():
        if head.startswith(start):
            return "DOCX/XLSX" if name == "ZIP" and b"[Content_Types].xml" in head else name
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<script", b"<body", b"<head")):
        return "HTML"
    if text.startswith((b"<svg", b"<?xml")):
        return "SVG" if b"<svg" in text else "XML"
    return ""
