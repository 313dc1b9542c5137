"""Pure rules of evidence: names of files, and why a file is refused (PN-08, AP-02)."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

LONGEST_NAME = 120
# Separators and wildcards of file systems, control characters, and those that make a name read backwards.
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]')
_SUFFIXES = {"pdf": (".pdf",), "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif")}

# By code: why a file is refused, and what its owner can do.
REFUSALS: dict[str, tuple[Any, Any]] = {
    "empty": (_("The file is empty."), _("Choose it again, or save it anew.")),
    "too_large": (
        _("It is larger than %(limit)s MB."),
        _("Remove pages that prove nothing, split it, or save the picture smaller."),
    ),
    "incomplete": (_("It did not arrive whole: the connection broke."), _("Upload it once more.")),
    "cut_off": (
        _("The upload was cut off: it was larger than all files together may be."),
        _("Upload the files one after the other, each within its limit."),
    ),
    "no_slot": (
        ngettext_lazy("Only %(limit)s file can be attached.", "Only %(limit)s files can be attached.", "limit"),
        _("Remove one that proves less, or put several into one PDF."),
    ),
    "attached": (_("It is attached already, perhaps under another name."), _("You need not upload it again.")),
    "other_type": (_("It is neither a PDF nor a JPEG, whatever its name says."), _("Save it as PDF or JPEG first.")),
    "known_type": (
        _("Its content is %(type)s, not PDF or JPEG."),
        _("Open it and save or print it as PDF, or take a screenshot as JPEG."),
    ),
    "damaged_pdf": (
        _("The PDF can't be opened: it is damaged or incomplete."),
        _("Download it again from where you got it, or print it to a new PDF."),
    ),
    "damaged_picture": (
        _("The picture can't be opened: it is damaged or incomplete."),
        _("Copy it from the phone or computer again, or take a screenshot of it."),
    ),
    "encrypted_pdf": (
        _("The PDF is protected by a password."),
        _("Print it to a new PDF without a password."),
    ),
    "too_many_pages": (
        _("The PDF has %(pages)s pages, more than %(limit)s."),
        _("Keep the pages that prove something."),
    ),
    "too_many_pixels": (
        _("The picture has %(megapixels)s megapixels, more than %(limit)s."),
        _("Save it smaller: about 2,000 pixels in width are enough to read it."),
    ),
    "pdf_script": (_("The PDF contains a script."), _("Print it to a new PDF: that leaves the script behind.")),
    "pdf_active": (
        _("The PDF starts programs or sends data when it is opened or touched."),
        _("Print it to a new PDF: that leaves this behind."),
    ),
    "pdf_form": (
        _("The PDF is an interactive form (XFA) that reviewers can't see."),
        _("Open it in the program it was made for and print it to a new PDF."),
    ),
    "pdf_attachment": (
        _("The PDF has other files hidden in it."),
        _("Print it to a new PDF, and upload what is inside as files of their own."),
    ),
    "oversized_pdf": (
        _("The PDF unpacks to far more than its size."),
        _("Print it to a new PDF, or upload pictures of its pages."),
    ),
    "hidden_content": (
        _("Something else is hidden in the picture: an archive, a program or a document."),
        _("Take a screenshot of it, or save it anew in a picture program."),
    ),
    "dangerous_metadata": (
        _("The data about the picture contains instructions for other programs."),
        _("Take a screenshot of it, or save it anew in a picture program."),
    ),
    "unreadable": (
        _("The file can't be read within the limits of time and memory."),
        _("Save it in a simpler form: print it to a new PDF, or take a screenshot."),
    ),
}


class RefusedFileError(Exception):
    """A file that is not taken: which (``name``), why (``reason``), and what its owner can do (``remedy``), both in
    the reader's language; ``code`` is one of `REFUSALS`."""

    def __init__(self, code: str, name: str = "", **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.name = name
        self.params = params

    @property
    def reason(self) -> str:
        return self._text(0)

    @property
    def remedy(self) -> str:
        return self._text(1)

    def __str__(self) -> str:
        return f"{self.name}: {self.reason} {self.remedy}"

    def _text(self, part: int) -> str:
        return str(REFUSALS[self.code][part] % self.params)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file and an upload may have (policy ``appeals``): bytes of a file, files, pages, megapixels."""

    max_bytes: int
    max_files: int
    max_pages: int
    max_megapixels: int

    @property
    def max_megabytes(self) -> int:
        """As people say it: 10 MB is 10 × 1024 × 1024 bytes."""
        return self.max_bytes // 2**20


def clean_name(name: str) -> str:
    """A file's name without folders, and without what could lead elsewhere or deceive; at most `LONGEST_NAME`
    characters, of which the suffix stays."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = _UNFIT.sub("", last).strip(". ")
    if len(plain) <= LONGEST_NAME:
        return plain or "file"
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix) > 8:
        return plain[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def download_name(name: str, kind: str) -> str:
    """The name under which a file is saved: it ends as its content is, whatever it was called."""
    if name.lower().endswith(_SUFFIXES[kind]):
        return name
    return f"{name}{_SUFFIXES[kind][0]}"
