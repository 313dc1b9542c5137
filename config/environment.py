"""What the settings read before Django exists: the data directory and the secret key kept in it."""

import os
import secrets
import stat
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def prepare_data_dir(path: Path) -> Path:
    """Make the data directory (IX-09) readable by its owner alone, one that is there already too, and return it
    absolute. One that can't be made so is refused: it holds buyers' data and keys."""
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    path = path.resolve()
    status = path.stat()
    if status.st_mode & stat.S_ISVTX:
        raise ImproperlyConfigured(f"{path} is shared by all users of this machine: give DATA_DIR a folder of its own.")
    _keep_private(path, status, PRIVATE_FOLDER)
    return path


def prepare_database_file(path: Path) -> None:
    """Make a SQLite file readable by its owner alone before SQLite makes or opens it; the files beside it inherit
    that."""
    if not path.parent.is_dir():
        return
    if not path.exists():
        # Two processes may start at once; SQLite takes an empty file for a new database.
        path.touch(mode=PRIVATE_FILE)
    for file in (path, *(path.with_name(f"{path.name}-{ending}") for ending in ("wal", "shm"))):
        if file.exists():
            _keep_private(file, file.stat(), PRIVATE_FILE)


def open_to_others(path: Path) -> bool:
    """Whether other users of the machine may read or write it, or, where we own it, its group."""
    status = path.stat()
    return bool(status.st_mode & _others(status))


def _others(status: os.stat_result) -> int:
    """The rights that must not be given: a folder that another user owns is ours through its group (volumes)."""
    return 0o077 if status.st_uid == os.geteuid() else 0o007


def _keep_private(path: Path, status: os.stat_result, mode: int) -> None:
    if not status.st_mode & _others(status):
        return
    try:
        path.chmod(mode)
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{path} can be read by other users of this machine and belongs to another: run chmod {mode:o} on it."
        ) from error


def kept_secret(path: Path) -> str:
    """Return the secret key in `path`, made on first use.

    Web, worker and beat start together, so several processes may try at once: each writes its own candidate and links
    it into place, which fails for all but one; every process then reads what stands there.
    """
    if not path.exists():
        candidate = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(64))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(candidate, path)
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return path.read_text().strip()


def evidence_storage(*, folder: Path, bucket: str, endpoint: str, region: str) -> dict[str, Any]:
    """Django's description of the storage of evidence: an S3 bucket where one is named, else a folder.

    The client takes its keys from where AWS keeps them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's
    role. Requests and links are signed by version 4; the older one is refused by S3 and by servers like it.
    """
    if not bucket:
        return {"BACKEND": "evidence.storage.DiskStorage", "OPTIONS": {"location": folder}}
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region or None,
        "signature_version": "s3v4",
        "addressing_style": "path" if endpoint else None,
        "default_acl": None,
        "file_overwrite": True,
        "querystring_auth": True,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
