"""Where the content of evidence lies, behind Django's storage interface: on disk or in S3 (AP-03, RL-09).

A file's place is its company and the SHA-256 of its content, so writing it again changes nothing.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

ALIAS = "evidence"
# Inside the storage's folder, for files that are being written.
UNFINISHED = ".unfinished"

_flushes_each: ContextVar[bool] = ContextVar("flushes_each", default=True)


class DiskStorage(FileSystemStorage):
    """Files on disk that are either whole or not there: written under another name, flushed, then renamed; the folder
    is flushed too, so that a power cut can't take the name back."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: what has the same name has the same content."""
        return name

    def _save(self, name: str, content: "File[Any]") -> str:
        path = Path(self.path(name))
        self._make_folder(path.parent)
        unfinished = Path(self.path(UNFINISHED)) / secrets.token_hex(16)
        self._make_folder(unfinished.parent)
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                for block in content.chunks():
                    stream.write(block)
                stream.flush()
                if _flushes_each.get():
                    os.fsync(stream.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        if _flushes_each.get():
            flush_folder(path.parent)
        return name

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flush_folder(folder.parent)


@contextmanager
def flushed_together() -> Iterator[None]:
    """What is saved within the block is on the disk at its end, not file by file: for very many, whose rows come
    afterwards."""
    token = _flushes_each.set(False)
    try:
        yield
    finally:
        _flushes_each.reset(token)
        os.sync()


def evidence_storage() -> Storage:
    """The storage of this installation."""
    return storages[ALIAS]


def place_of(company_id: int, sha256: str) -> str:
    """The name of a file in the storage."""
    return f"{company_id}/{sha256}"


def files_of(company_id: int) -> list[str]:
    """The SHA-256 of every file that the storage holds of a company, whether a row knows it or not."""
    return _listed(str(company_id))[1]


def companies_with_files() -> list[int]:
    """The keys of the companies of which the storage holds files."""
    return [int(name) for name in _listed("")[0] if name.isdigit()]


def remove_file(company_id: int, sha256: str) -> None:
    evidence_storage().delete(place_of(company_id, sha256))


def unfinished_files(before: datetime) -> list[Path]:
    """What killed processes left half-written, on this machine."""
    storage = evidence_storage()
    folders = [Path(settings.FILE_UPLOAD_TEMP_DIR)]
    if isinstance(storage, DiskStorage):
        folders.append(Path(storage.path(UNFINISHED)))
    return [path for folder in folders for path in _old_files(folder, before.timestamp())]


def _old_files(folder: Path, before: float) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        folders, files = evidence_storage().listdir(folder)
    except FileNotFoundError:
        return [], []
    return list(folders), list(files)


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
