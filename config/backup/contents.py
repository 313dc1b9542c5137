"""What belongs into a backup beside the database: what its rows refer to, and what waits to be imported.

Left out are what can be made again (static files, previews, exports, cache), hints (broker), logs, and the mails and
texts that an installation without a server for them writes to disk.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from core.sql import SQL, Identifier, columns, execute
from evidence.models import EvidenceFile
from evidence.storage import UNFINISHED

EVIDENCE = "evidence"
KEY = "secret_key"
# Folders of DATA_DIR: uploads that wait and rejected rows, files that were dropped to be imported.
FOLDERS = ("imports", "inbox")
_PREFIX = ".dianwei-unfinished-"
_ROWS_AT_ONCE = 1000


class BusyFolderError(Exception):
    """Another backup or restore is at work in the folder."""


@contextmanager
def workplace(parent: Path) -> Iterator[Path]:
    """A private folder for what is unfinished, one at a time in ``parent``; what killed processes left goes first."""
    descriptor = os.open(parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyFolderError(f"another backup or restore is at work in {parent}") from error
        for left in parent.glob(f"{_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=parent) as folder:
            yield Path(folder)
    finally:
        os.close(descriptor)


def list_evidence(database: BaseDatabaseWrapper, to: Path) -> None:
    """Write the places of all evidence files with content by their rows, one a line; in tables of older versions too,
    which removed no content."""
    table, names = EvidenceFile._meta.db_table, columns(["company_id", "sha256"])
    with to.open("w", encoding="ascii") as listed, database.chunked_cursor() as cursor:
        known = {column.name for column in _columns_of(database, table)}
        kept = SQL(" WHERE removed_at IS NULL" if "removed_at" in known else "")
        select = SQL("SELECT {names} FROM {table}{kept} ORDER BY {names}")
        execute(cursor, select.format(names=names, table=Identifier(table), kept=kept))
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            listed.writelines(f"{company}/{sha256}\n" for company, sha256 in rows)


def _columns_of(database: BaseDatabaseWrapper, table: str) -> Sequence[Any]:
    with database.cursor() as cursor:
        return database.introspection.get_table_description(cursor, table)


def lines_of(path: Path) -> Iterator[str]:
    with path.open(encoding="ascii") as listed:
        for line in listed:
            yield line.rstrip("\n")


def data_files() -> Iterator[str]:
    """The places in DATA_DIR of all other files; links and what is half-written are left out."""
    for folder in FOLDERS:
        for root, folders, names in os.walk(settings.DATA_DIR / folder):
            folders[:] = sorted(name for name in folders if name != UNFINISHED)
            for name in sorted(names):
                path = Path(root, name)
                if path.is_file() and not path.is_symlink():
                    yield str(path.relative_to(settings.DATA_DIR))


def kept_key() -> Path | None:
    """The file of the secret key, where the installation keeps its key in one."""
    path = settings.DATA_DIR / KEY
    return path if path.exists() and path.read_text().strip() == settings.SECRET_KEY else None
