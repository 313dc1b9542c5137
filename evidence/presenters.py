"""Evidence files as rows of pages, and the panel that takes more of them (AP-02)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from evidence.models import EvidenceFile
from evidence.rules import Limits, RefusedFileError

_MEGA, _KILO = 2**20, 2**10


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file that was taken. A page that shows more in a row extends this and names a template for it in
    ``controls``, which is included with the row as ``row``."""

    key: int
    name: str
    kind: str
    size: str
    pages: int
    added_at: datetime
    added_by: str = ""
    controls: str = ""
    removed_at: datetime | None = None

    @property
    def url(self) -> str:
        return reverse("evidence:file", args=[self.key])

    @property
    def label(self) -> str:
        return "JPG" if self.kind == EvidenceFile.Kind.JPEG else "PDF"


@dataclass(frozen=True, slots=True)
class UploadPanel:
    """What components/file_upload.html shows; ``url`` takes the files."""

    url: str
    limits: Limits
    rows: Sequence[FileRow]
    refused: Sequence[RefusedFileError] = field(default_factory=list)

    @property
    def used(self) -> int:
        return len(self.rows)

    @property
    def free(self) -> int:
        return max(0, self.limits.max_files - self.used)

    @property
    def too_large(self) -> RefusedFileError:
        """What the script says of a file that it need not send; it puts the name in."""
        return RefusedFileError("too_large", limit=self.limits.max_megabytes)

    @property
    def no_slot(self) -> RefusedFileError:
        return RefusedFileError("no_slot", limit=self.limits.max_files)

    @property
    def slots(self) -> list[bool]:
        """For each slot whether it is used."""
        return [place < self.used for place in range(self.limits.max_files)]


@dataclass(frozen=True, slots=True)
class Pin:
    """Where a finding lies on a page, in percent of it."""

    number: int
    level: str
    left: str
    top: str
    width: str
    height: str
    right: str


@dataclass(frozen=True, slots=True)
class SheetPage:
    """A page of a file; ``number`` counts through all files from 1."""

    number: int
    url: str
    file: str
    place: int
    page: int
    pages: int
    download: str
    pins: list[Pin] = field(default_factory=list)
    level: str = ""


def file_row(file: EvidenceFile, *, name: str = "", added_at: datetime | None = None, added_by: str = "") -> FileRow:
    """A file's row; ``name`` and ``added_at`` are those of where it is attached, if they differ."""
    return FileRow(
        key=file.pk,
        name=name or file.name,
        kind=file.kind,
        size=size_words(file.size),
        pages=file.pages,
        added_at=added_at or file.uploaded_at,
        added_by=added_by,
        removed_at=file.removed_at,
    )


def size_words(size: int) -> str:
    """``2.4 MB`` or ``380 KB``, rounded up, so that what is above a limit reads so."""
    if size < _MEGA:
        return f"{-(-size // _KILO)} KB"
    tenths = -(-size * 10 // _MEGA)
    return f"{tenths // 10}.{tenths % 10} MB"


def sheet_page(
    file: EvidenceFile,
    page: int,
    *,
    name: str,
    place: int,
    number: int,
    pins: Sequence[Pin] = (),
    level: str = "",
) -> SheetPage:
    """A page of a file that is attached under a name at a place; ``number`` counts through all files."""
    return SheetPage(
        number=number,
        url=reverse("evidence:page", args=[file.pk, page]),
        file=name,
        place=place,
        page=page,
        pages=file.pages,
        download=reverse("evidence:file", args=[file.pk]),
        pins=list(pins),
        level=level,
    )


def shown_page(asked: str | None, pages: int) -> int:
    """The number of the page that an address asks for, else the first."""
    return int(asked) if asked and asked.isdecimal() and 1 <= int(asked) <= pages else 1
