"""The content of evidence files: kept whole and read back (RL-09)."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File

from evidence.models import EvidenceFile
from evidence.storage import evidence_storage, place_of


def open_content(file: EvidenceFile) -> "File[Any]":
    """A file's content, open for reading. Raises FileNotFoundError where it is lost."""
    return evidence_storage().open(place_of(file.company_id, file.sha256), "rb")


@contextmanager
def content_on_disk(file: EvidenceFile) -> Iterator[Path]:
    """A file's content as a path on this machine, for the sandbox; only to be read."""
    storage, place = evidence_storage(), place_of(file.company_id, file.sha256)
    try:
        yield Path(storage.path(place))
        return
    except NotImplementedError:
        pass
    with on_disk(open_content(file)) as path:
        yield path


@contextmanager
def on_disk(content: "File[Any]") -> Iterator[Path]:
    """Content as a path on this machine: its own where it has one, else that of a copy that goes with the block."""
    own = getattr(content, "temporary_file_path", None)
    if own is not None:
        content.flush()
        yield Path(own())
        return
    with tempfile.NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        content.seek(0)
        shutil.copyfileobj(content, copy)
        copy.flush()
        yield Path(copy.name)
