"""Pages of evidence as pictures, encoded anew (AP-03); kept on this machine, so that paging back costs nothing."""

import contextlib
import secrets
import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings

from evidence import sandbox
from evidence.models import EvidenceFile
from evidence.queries import evidence_limits
from evidence.services.storing import content_on_disk

# Widths in pixels, by the name that addresses use.
WIDTHS = {"": 1600, "small": 320}


def previews_folder() -> Path:
    """Where previews are kept; removing it costs only time."""
    return Path(settings.DATA_DIR) / "previews"


def draw_page(*, file: EvidenceFile, page: int, size: str, at: datetime) -> bytes:
    """A page, counted from 1, as JPEG without any metadata.

    Raises RefusedContentError or SandboxError where it can't be drawn, FileNotFoundError where the file is lost.
    """
    kept = _folder(file.company_id) / f"{file.sha256}-{page}-{WIDTHS[size]}.jpg"
    with contextlib.suppress(FileNotFoundError):
        return kept.read_bytes()
    with content_on_disk(file) as path:
        picture = _draw(file, path, page, WIDTHS[size], at)
    with contextlib.suppress(OSError):
        _keep(kept, picture)
    return picture


def remove_previews(company_id: int) -> None:
    """Remove all previews of a company's files."""
    shutil.rmtree(_folder(company_id), ignore_errors=True)


def remove_previews_of(file: EvidenceFile) -> None:
    """Remove the previews of a file."""
    for path in _folder(file.company_id).glob(f"{file.sha256}-*"):
        path.unlink(missing_ok=True)


def remove_old_previews(before: datetime) -> int:
    """Remove previews drawn before an instant; returns how many."""
    old = [path for path in previews_folder().glob("*/*.jpg*") if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _draw(file: EvidenceFile, path: Path, page: int, width: int, at: datetime) -> bytes:
    if file.kind == EvidenceFile.Kind.PDF:
        return sandbox.draw("pdf.preview", path, page=page, width=width)
    return sandbox.draw("jpeg.preview", path, width=width, max_megapixels=evidence_limits(at).max_megapixels)


def _folder(company_id: int) -> Path:
    return previews_folder() / str(company_id)


def _keep(path: Path, picture: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".jpg-{secrets.token_hex(8)}")
    unfinished.write_bytes(picture)
    unfinished.replace(path)
