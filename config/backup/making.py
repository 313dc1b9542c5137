"""Makes a backup while the application runs (RL-16).

Evidence is copied after the database: a file never changes and lies there before its row, so every row finds its file.
"""

import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from config.backup import archive
from config.backup.contents import EVIDENCE, KEY, data_files, kept_key, lines_of, list_evidence, workplace
from config.backup.databases import EMPTIED, Database, applied_migrations, count_rows
from config.backup.postgresql import PostgresqlDatabase
from config.backup.sqlite import SqliteDatabase
from core.secrets import key_fingerprints
from core.sql import dialect_of
from evidence.models import EvidenceFile
from evidence.storage import evidence_storage

_KINDS: dict[str, type[Database]] = {kind.kind: kind for kind in (SqliteDatabase, PostgresqlDatabase)}


class BackupError(Exception):
    """A backup can't be made, or not restored here; the message says what to do."""


@dataclass
class Damage:
    """Places of evidence whose file was ``lost`` or ``changed`` when it was copied."""

    lost: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Backup:
    """A backup that was made. ``damaged``: evidence that rows name, and whose file was lost or changed already."""

    path: Path
    size: int
    rows: int
    files: int
    has_key: bool
    damaged: list[str]


def this_database() -> Database:
    return _KINDS[dialect_of(connection).name]()


def make_backup(
    path: Path, *, at: datetime, progress: archive.Progress, with_key: bool = False, with_evidence: bool = True
) -> Backup:
    """Write a backup to a file that doesn't exist yet. Raises BackupError, DatabaseError, BusyFolderError, OSError."""
    if path.exists():
        raise BackupError(f"{path} exists: name another file")
    key = kept_key() if with_key else None
    if with_key and key is None:
        raise BackupError("the secret key comes from the environment: keep it where it is set")
    with workplace(path.parent) as folder:
        database, places = this_database(), folder / "evidence"
        dump = folder / database.member
        with database.dumped(dump) as snapshot:
            manifest = _manifest(database, snapshot, at=at, with_evidence=with_evidence)
            list_evidence(snapshot, places)
        with archive.written(path, folder, progress) as writer:
            writer.add_json(archive.MANIFEST, manifest)
            writer.add_file(database.member, dump)
            dump.unlink()
            damage = _add_evidence(writer, places) if with_evidence else Damage()
            _add_data_files(writer, folder / "copy")
            if key:
                writer.add_file(KEY, key)
            writer.add_json(archive.DAMAGED, {"lost": damage.lost, "changed": damage.changed})
            files = writer.count
    return Backup(
        path=path,
        size=path.stat().st_size,
        rows=sum(manifest["rows"].values()),
        files=files,
        has_key=key is not None,
        damaged=[*_still_named(damage.lost), *damage.changed],
    )


def version() -> str:
    """The version of this application."""
    return str(tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"])


def _manifest(
    database: Database, snapshot: BaseDatabaseWrapper, *, at: datetime, with_evidence: bool
) -> dict[str, Any]:
    return {
        "format": archive.FORMAT,
        "application": version(),
        "made_at": at.isoformat(),
        "database": {"kind": database.kind, **database.facts()},
        "data_dir": str(settings.DATA_DIR),
        "evidence": "copied" if with_evidence else "left",
        "keys": key_fingerprints(settings.ENCRYPTION_KEYS),
        "migrations": applied_migrations(snapshot),
        "rows": count_rows(snapshot) | dict.fromkeys(EMPTIED, 0),
    }


def _add_evidence(writer: archive.Writer, places: Path) -> Damage:
    damage = Damage()
    for place in lines_of(places):
        try:
            content = evidence_storage().open(place)
        except FileNotFoundError:
            damage.lost.append(place)
            continue
        with content:
            digest = writer.add(f"{EVIDENCE}/{place}", content, content.size)
        if not place.endswith(f"/{digest}"):
            damage.changed.append(place)
    return damage


def _add_data_files(writer: archive.Writer, copy: Path) -> None:
    """Files that may grow or go meanwhile: each is copied first, as a member's size stands before its content."""
    for name in data_files():
        try:
            shutil.copyfile(settings.DATA_DIR / name, copy)
        except FileNotFoundError:
            continue
        writer.add_file(name, copy)


def _still_named(lost: list[str]) -> Iterator[str]:
    """What was lost and not removed with its row while the backup was made."""
    for place in lost:
        company, sha256 = place.split("/")
        if EvidenceFile.objects.filter(company_id=company, sha256=sha256, removed_at=None).exists():
            yield place
