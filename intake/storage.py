"""Files of imports on disk: uploads, what was unpacked or converted of them, rejected rows. They hold buyers' data."""

import re
import shutil
from pathlib import Path

from django.conf import settings

from intake.models import Import
from intake.reading.bundle import SAMPLES

LONGEST_NAME = 100
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]")
UNPACKED = ("bundle", "tables", "text", "plain", "items", "canonical")


def largest_upload() -> int:
    """Bytes that an upload may have (setting IMPORT_MAX_BYTES, default 512 MB)."""
    return int(settings.IMPORT_MAX_BYTES)


def safe_name(name: str) -> str:
    """A file's name without anything that could lead elsewhere or deceive; its suffix stays."""
    plain = _UNFIT.sub("_", name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]).strip(". ")
    return plain[-LONGEST_NAME:] or "upload"


def uploads_folder() -> Path:
    """Where uploads wait to be imported."""
    return Path(settings.DATA_DIR) / "imports" / "uploads"


def forget_unpacked(job: Import) -> None:
    """Remove what was unpacked or converted."""
    for name in UNPACKED:
        shutil.rmtree(job.folder / name, ignore_errors=True)


def forget_upload(job: Import) -> None:
    """Remove an upload's own folder, and nothing that is not one: an empty path would be the current directory."""
    forget_samples(job)
    kept = Path(job.path)
    folder = (kept.parent if kept.is_file() else kept).resolve()
    if job.is_upload and folder.parent == uploads_folder().resolve():
        shutil.rmtree(folder, ignore_errors=True)


def samples_folder(job: Import) -> Path:
    """Where the first rows of tables are kept that a person may map."""
    return job.folder / SAMPLES


def forget_samples(job: Import) -> None:
    """Remove the first rows that were kept for mapping."""
    shutil.rmtree(samples_folder(job), ignore_errors=True)


def remove_files(job: Import) -> None:
    """Remove all files of an import but those that a command was given."""
    forget_upload(job)
    shutil.rmtree(job.folder, ignore_errors=True)
