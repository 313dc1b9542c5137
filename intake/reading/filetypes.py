"""What a file is, by its content, not by its name."""

import re
import zipfile
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from django.utils.translation import gettext as _

from intake.reading.archives import open_archive
from intake.reading.errors import BundleError

_ZIP_MARK = b"PK\x03\x04"
_EMPTY_ZIP_MARK = b"PK\x05\x06"
_PARQUET_MARK = b"PAR1"
_OLD_OFFICE_MARK = b"\xd0\xcf\x11\xe0"
_OTHER_MARKS = {
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"MZ": "EXE",
    b"\x7fELF": "ELF",
    b"SQLite format 3": "SQLite",
}
_CONTENT_TYPES = "[content_types].xml"
_LARGEST_CONTENT_TYPES = 2**20
_CONTENT_TYPE = re.compile(rb"""ContentType\s*=\s*["']([^"']*)["']""")
_MACRO_PARTS = ("vbaproject.bin", "xl/macrosheets/")
_MACRO_CONTENTS = ("macro", "vbaproject")
# Programs also save text and web pages under the names of workbooks.
_TABULAR_SUFFIXES = {".csv", ".txt", ".tsv", ".xls"}
_PAGE_STARTS = (b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml", b"<head", b"<div", b"<style")


# Pictures of listings lie beside the tables (PN-24).
_IMAGE_MARKS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def is_image(path: Path) -> bool:
    """Whether a file is a JPEG, PNG or WebP by its first bytes; nothing of it is decoded."""
    with path.open("rb") as stream:
        head = stream.read(12)
    return head.startswith(_IMAGE_MARKS) or (head.startswith(b"RIFF") and head[8:] == b"WEBP")


class FileKind(Enum):
    """What is taken, and the rest."""

    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"
    PARQUET = "parquet"
    ZIP = "zip"
    OTHER = "other"


def kind_of(path: Path) -> FileKind:
    """The kind of a file; raises BundleError for one whose name promises what it is not, or that is never taken."""
    with path.open("rb") as stream:
        head = stream.read(64)
    suffix = path.suffix.lower()
    if head.startswith((_ZIP_MARK, _EMPTY_ZIP_MARK)):
        return _kind_of_zip(path)
    if head.startswith(_PARQUET_MARK):
        return FileKind.PARQUET
    if head.startswith(_OLD_OFFICE_MARK):
        return FileKind.XLS
    for mark, name in _OTHER_MARKS.items():
        if head.startswith(mark):
            raise BundleError(_("is a %(kind)s file; CSV, XLSX, Parquet and ZIP are taken") % {"kind": name})
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGE_STARTS) and suffix != ".json":
        raise BundleError(
            _("is a web page (HTML or XML) under another name: open it in a spreadsheet program and save it as XLSX")
        )
    if suffix in {".zip", ".xlsx", ".xlsm", ".parquet"}:
        raise BundleError(
            _("is not what its name says: the content is no %(kind)s file") % {"kind": suffix[1:].upper()}
        )
    return FileKind.CSV if suffix in _TABULAR_SUFFIXES else FileKind.OTHER


def _kind_of_zip(path: Path) -> FileKind:
    with open_archive(path) as archive:
        # Offices take names in any case of letters, so a check must too.
        names = {name.lower().replace("\\", "/").lstrip("/"): name for name in archive.namelist()}
        if _CONTENT_TYPES not in names:
            return FileKind.ZIP
        contents = _contents_of(archive, names[_CONTENT_TYPES])
    if path.suffix.lower() == ".xlsm" or _any(names, *_MACRO_PARTS) or _any(contents, *_MACRO_CONTENTS):
        raise BundleError(_("is a workbook with macros: save it as XLSX"))
    if _any(names, "xl/externallinks/") or _any(contents, "externallink"):
        raise BundleError(_("is a workbook with links to other files: replace them by values and save it again"))
    if any(name.startswith("xl/") for name in names):
        return FileKind.XLSX
    raise BundleError(_("is an Office file, but no XLSX workbook"))


def _any(texts: Iterable[str], *parts: str) -> bool:
    return any(part in text for text in texts for part in parts)


def _contents_of(archive: zipfile.ZipFile, name: str) -> set[str]:
    """What the workbook says its parts are, whatever they are called, in small letters."""
    with archive.open(name) as stream:
        text = stream.read(_LARGEST_CONTENT_TYPES + 1)
    plain = text.replace(b"\x00", b"")
    # No office writes declarations or references of characters there: they could hide what is said.
    if len(text) > _LARGEST_CONTENT_TYPES or b"<!" in plain or b"&#" in plain:
        raise BundleError(_("is a damaged ZIP file: make it again"))
    return {said.decode("ascii", "replace").lower() for said in _CONTENT_TYPE.findall(plain)}
