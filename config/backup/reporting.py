"""What the commands of backup and restore print: progress, and failures in words."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError, OutputWrapper

from config.backup.archive import DamagedArchiveError
from config.backup.contents import BusyFolderError
from config.backup.databases import DatabaseError
from config.backup.making import BackupError
from core.outages import is_full

_EVERY = 5.0


class ProgressLine:
    """Says every few seconds how many files and bytes are done."""

    def __init__(self, out: OutputWrapper, *, quiet: bool) -> None:
        self._out, self._quiet = out, quiet
        self._files = self._bytes = 0
        self._next = time.monotonic() + _EVERY

    def __call__(self, name: str, size: int) -> None:
        self._files += 1
        self._bytes += size
        if not self._quiet and time.monotonic() > self._next:
            self._next = time.monotonic() + _EVERY
            self._out.write(f"{self._files} files, {self._bytes // 1_000_000} MB, now {name[:100]}")


@contextmanager
def failures_in_words() -> Iterator[None]:
    """Turn what an operator can do something about into the command's error."""
    try:
        yield
    except (BackupError, BusyFolderError, DamagedArchiveError, DatabaseError) as error:
        raise CommandError(str(error)) from error
    except Exception as error:
        if is_full(error):
            where = getattr(error, "filename", None)
            raise CommandError(f"no room is left{f' for {where}' if where else ''}: nothing was kept") from error
        if isinstance(error, OSError):
            raise CommandError(str(error)) from error
        raise
