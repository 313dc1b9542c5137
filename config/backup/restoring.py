"""Restores a backup into an empty place (RL-16).

Everything is verified before anything is written. Files go first, then the database, all or nothing: where its rows
are, their files are. Until all is verified again a marker in DATA_DIR says that the restore is unfinished.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Value
from django.db.models.functions import Concat, Substr

from config.backup import archive
from config.backup.contents import EVIDENCE, FOLDERS, KEY, data_files, kept_key, lines_of, list_evidence, workplace
from config.backup.databases import Database, applied_migrations, count_rows
from config.backup.making import BackupError, this_database
from config.environment import PRIVATE_FILE
from core import maintenance
from core.secrets import key_fingerprints
from evidence.storage import DiskStorage, companies_with_files, evidence_storage, files_of, flushed_together
from intake.models import Import

MARKER = "restore.unfinished"
_MAINTENANCE = {"en": "A backup is being restored.", "zh-hans": "正在恢复备份。"}
_EVIDENCE = re.compile(rf"{EVIDENCE}/([0-9]+/[0-9a-f]{{64}})")
# Of so many tables or files that don't agree, a message names the first.
_NAMED = 5


@dataclass(frozen=True)
class Restored:
    """What was restored. ``to_migrate``: migrations that this version has beyond the backup's. ``missing_keys``:
    whether secrets may be sealed by keys that this installation doesn't have. ``damaged``: places of evidence that
    was lost or changed when the backup was made, or whose file is not in the storage where evidence was left out."""

    made_at: str
    application: str
    rows: int
    members: int
    to_migrate: int
    missing_keys: bool
    damaged: list[str]


@dataclass(frozen=True)
class _Extracted:
    dump: Path
    damaged: Mapping[str, list[str]]
    key: str


def restore_backup(path: Path, *, at: datetime, progress: archive.Progress, start_over: bool = False) -> Restored:
    """Restore into an empty database and an empty storage of evidence. ``start_over``: replace what a restore that did
    not finish has written. Raises DamagedArchiveError, BackupError, DatabaseError, BusyFolderError, OSError."""
    manifest, database = archive.read_manifest(path), this_database()
    _check_fits(manifest, database)
    members = archive.verify_archive(path, progress)
    with workplace(database.folder) as folder:
        over = _is_unfinished(database, start_over=start_over)
        if not over:
            _check_empty(with_evidence=manifest["evidence"] == "copied")
        was_on = _begin(path, database, at=at)
        with flushed_together():
            extracted = _extract(path, database, folder, progress)
        database.load(extracted.dump, over=over)
        wrong = _verify(path, manifest, extracted, folder / "places", progress)
        _lead_to_files(manifest["data_dir"])
        _marker().unlink()
        if not was_on:
            maintenance.turn_off()
    applied = set(manifest["migrations"])
    return Restored(
        made_at=manifest["made_at"],
        application=manifest["application"],
        rows=sum(manifest["rows"].values()),
        members=members,
        to_migrate=len(_known_migrations() - applied),
        missing_keys=not set(manifest["keys"]) <= set(_own_keys(extracted.key)),
        damaged=[*extracted.damaged["lost"], *extracted.damaged["changed"], *wrong],
    )


def is_unfinished() -> bool:
    """Whether a restore began here and did not end."""
    return _marker().exists()


# ── Before ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_fits(manifest: Mapping[str, Any], database: Database) -> None:
    made_of = manifest["database"]
    if made_of["kind"] != database.kind:
        raise BackupError(f"the backup is of {made_of['kind']}, DATABASE_URL names {database.kind}")
    if unknown := sorted(set(manifest["migrations"]) - _known_migrations()):
        newer = f"{manifest['application']}, migration {unknown[0]}"
        raise BackupError(f"the backup is of a newer version ({newer}): install that version")
    database.check_fits(made_of)


def _known_migrations() -> set[str]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return {f"{app}.{name}" for app, name in (*loader.disk_migrations, *replaced)}


def _check_empty(*, with_evidence: bool) -> None:
    found = []
    if connection.introspection.table_names():
        found.append("the database has tables: name a new one by DATABASE_URL, or another DATA_DIR")
    if with_evidence and any(map(files_of, companies_with_files())):
        found.append("the storage of evidence has files: name another DATA_DIR or bucket")
    if next(data_files(), None):
        found.append(f"{settings.DATA_DIR} has files of imports: name another DATA_DIR")
    if found:
        raise BackupError("backups are restored into an empty place only, and " + "; ".join(found))


def _is_unfinished(database: Database, *, start_over: bool) -> bool:
    """Whether a restore of this database did not end, and shall be replaced. Files of imports that it wrote go."""
    if not is_unfinished():
        return False
    if not start_over:
        raise BackupError("a restore began here and did not finish: --start-over replaces what it wrote")
    begun = json.loads(_marker().read_text())
    if begun["database"] != _identity(database):
        if connection.introspection.table_names():
            raise BackupError(
                f"the restore that did not finish was into {begun['database']}: DATABASE_URL names another"
            )
        return False
    for name in FOLDERS:
        shutil.rmtree(settings.DATA_DIR / name, ignore_errors=True)
    return True


def _identity(database: Database) -> str:
    named = connection.settings_dict
    return f"{database.kind} {named['HOST']}:{named['PORT']}/{named['NAME']}"


def _marker() -> Path:
    return Path(settings.DATA_DIR) / MARKER


def _begin(path: Path, database: Database, *, at: datetime) -> bool:
    """Put up the marker and turn maintenance on; returns whether it was on before the restore that began first."""
    was_on = json.loads(_marker().read_text())["maintenance"] if is_unfinished() else maintenance.is_on()
    said = {"archive": str(path), "database": _identity(database), "begun_at": at.isoformat(), "maintenance": was_on}
    _write_private(_marker(), json.dumps(said))
    if not was_on:
        maintenance.turn_on(at=at, messages=_MAINTENANCE)
    return bool(was_on)


def _write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by us alone."""
    draft = path.with_name(f".{path.name}.part")
    draft.touch(mode=PRIVATE_FILE)
    with draft.open("w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


# ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _extract(path: Path, database: Database, folder: Path, progress: archive.Progress) -> _Extracted:
    """Put every file in its place, and the dump aside."""
    dump, said, key = folder / database.member, {}, ""
    for name, size, content in archive.read_members(path):
        if name == database.member:
            with dump.open("wb") as stream:
                shutil.copyfileobj(content, stream)
                stream.flush()
                os.fsync(stream.fileno())
        elif name == archive.DAMAGED:
            said = json.load(content)
        elif name == KEY:
            key = content.read().decode().strip()
        elif name not in (archive.MANIFEST, archive.SUMS):
            _put(name, content)
        progress(name, size)
    if key and kept_key():
        _write_private(settings.DATA_DIR / KEY, key)
    return _Extracted(dump, said, key)


def _put(name: str, content: IO[bytes]) -> None:
    top, _slash, place = name.partition("/")
    if match := _EVIDENCE.fullmatch(name):
        evidence_storage().save(match[1], File(content))
    elif top in FOLDERS and place:
        # It takes no name that leads elsewhere.
        DiskStorage(location=settings.DATA_DIR / top).save(place, File(content))
    else:
        raise BackupError(f"the backup has a file that this version doesn't know: {name}")


# ── Afterwards ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _verify(
    path: Path, manifest: Mapping[str, Any], extracted: _Extracted, places: Path, progress: archive.Progress
) -> list[str]:
    """Compare rows and files with what the backup holds. Returns evidence that is missing where it was left out."""
    rows = count_rows(connection)
    if wrong := [
        name for name in rows.keys() | manifest["rows"].keys() if rows.get(name) != manifest["rows"].get(name)
    ]:
        raise BackupError(f"rows don't agree after the restore: {', '.join(sorted(wrong)[:_NAMED])}")
    if applied_migrations(connection) != manifest["migrations"]:
        raise BackupError("migrations don't agree after the restore")
    if wrong := list(_wrong_data_files(path)):
        raise BackupError(f"files don't agree after the restore: {', '.join(wrong[:_NAMED])}")
    list_evidence(connection, places)
    wrong = list(_wrong_evidence(places, set(extracted.damaged["lost"] + extracted.damaged["changed"]), progress))
    if wrong and manifest["evidence"] == "copied":
        raise BackupError(f"evidence doesn't agree after the restore: {', '.join(wrong[:_NAMED])}")
    return wrong


def _wrong_data_files(path: Path) -> Iterator[str]:
    for name, _size, content in archive.read_members(path):
        if name.partition("/")[0] in FOLDERS:
            with (settings.DATA_DIR / name).open("rb") as restored:
                if archive.digest_of(restored) != archive.digest_of(content):
                    yield name


def _wrong_evidence(places: Path, known: set[str], progress: archive.Progress) -> Iterator[str]:
    for place in lines_of(places):
        if place in known:
            continue
        try:
            with evidence_storage().open(place) as content:
                if not place.endswith(f"/{archive.digest_of(content)}"):
                    yield place
                progress(place, content.size)
        except FileNotFoundError:
            yield place


def _lead_to_files(former: str) -> None:
    """Imports name their files by absolute paths: lead those of another DATA_DIR to this one."""
    if former != str(settings.DATA_DIR):
        moved = Concat(Value(str(settings.DATA_DIR)), Substr("path", len(former) + 1))
        Import.objects.filter(path__startswith=f"{former}/").update(path=moved)


def _own_keys(restored: str) -> Sequence[str]:
    """The fingerprints of the keys that open secrets here from the next start on."""
    is_kept = settings.ENCRYPTION_KEYS == [settings.SECRET_KEY] and restored and _was_kept(restored)
    return key_fingerprints([restored] if is_kept else settings.ENCRYPTION_KEYS)


def _was_kept(restored: str) -> bool:
    path = settings.DATA_DIR / KEY
    return path.exists() and path.read_text().strip() == restored
