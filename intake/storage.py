"""Files of imports on disk: uploads, what was unpacked or converted of them, rejected rows. They hold buyers' data."""

import shutil
from pathlib import Path

from django.conf import settings

from intake.models import Import

UNPACKED = ("bundle", "tables", "text", "plain", "items", "canonical")


def uploads_folder() -> Path:
    """Where uploads wait to be imported."""
    return Path(settings.DATA_DIR) / "imports" / "uploads"


def forget_unpacked(job: Import) -> None:
    """Remove what was unpacked or converted."""
    for name in UNPACKED:
        shutil.rmtree(job.folder / name, ignore_errors=True)


def forget_upload(job: Import) -> None:
    """Remove an upload's own folder, and nothing that is not one: an empty path would be the current directory."""
    kept = Path(job.path)
    folder = (kept.parent if kept.is_file() else kept).resolve()
    if job.is_upload and folder.parent == uploads_folder().resolve():
        shutil.rmtree(folder, ignore_errors=True)


def remove_files(job: Import) -> None:
    """Remove all files of an import but those that a command was given."""
    forget_upload(job)
    shutil.rmtree(job.folder, ignore_errors=True)
