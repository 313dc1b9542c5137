"""The rows of a small file that a page reads at once, whatever program wrote it (IX-01, RL-18)."""

import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from intake.reading.dress import Table
from intake.reading.errors import BundleError
from intake.reading.filetypes import FileKind, kind_of
from intake.reading.opening import Opening
from intake.reading.sorting import tables_of
from intake.reading.stopping import Ask, stopping

LARGEST = 2 * 2**20
SECONDS = 10


def read_cells(file: "UploadedFile[bytes]", most: int) -> list[list[str]]:
    """The rows of a file's first sheet that is filled, headings included, at most ``most``; CSV, XLSX and XLS.

    Raises BundleError for a file that can't be read, is too large, or takes too long. Of an encoding that is not
    certain the likeliest is taken: whoever sent the file sees the cells at once.
    """
    if (file.size or 0) > LARGEST:
        raise BundleError(_("is larger than %(most)s MB: leave out what is not needed") % {"most": LARGEST // 2**20})
    with TemporaryDirectory(dir=settings.DATA_DIR) as folder:
        path = Path(folder) / f"file{Path(file.name or '').suffix.lower()[:8]}"
        with path.open("wb") as stream:
            stream.writelines(file.chunks())
        if kind_of(path) not in (FileKind.CSV, FileKind.XLSX, FileKind.XLS):
            raise BundleError(_("is neither CSV nor XLSX"))
        with stopping(_until(time.monotonic() + SECONDS)):
            opening = Opening(path, Path(folder), is_look=True)
            filled = next((table for table in tables_of(path, opening, []) if any(table.headings)), None)
            return list(islice(_cells(filled), most)) if filled else []


def _cells(table: Table) -> Iterator[list[str]]:
    below = (list(cells) for _line, cells, bad in table.rows() if bad is None)
    return chain([list(table.headings)], below)


def _until(end: float) -> Ask:
    def ask(_rows: int) -> None:
        if time.monotonic() > end:
            raise BundleError(_("takes too long to read: save it as CSV UTF-8"))

    return ask
