"""Backup and restore: the drill on both databases, and what is refused (RL-16)."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings as project
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from psycopg import sql

from config.backup import archive
from config.backup.contents import list_evidence
from config.backup.databases import EMPTIED, DatabaseError, count_rows
from config.backup.keeping import keep_backups, latest_backup
from config.backup.making import BackupError, make_backup
from config.backup.postgresql import program_for
from config.backup.restoring import restore_backup
from core.events import record_event
from core.models import Event
from evidence.models import EvidenceFile
from evidence.storage import evidence_storage, place_of
from stores.models import Company
from tests.stores.people import client_of
from tests.stores.world import build_tenant

pytestmark = pytest.mark.rule("RL-16")

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def silent(name: str, size: int) -> None:
    pass


@pytest.fixture(autouse=True)
def own_data(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir(mode=0o700)
    disk = {"BACKEND": "evidence.storage.DiskStorage", "OPTIONS": {"location": settings.DATA_DIR / "evidence"}}
    settings.STORAGES = {**settings.STORAGES, "evidence": disk}
    return settings.DATA_DIR


# ── the drill ──


@contextmanager
def writer() -> Iterator[None]:
    """Somebody adds a company with its event, one transaction after the other, as long as the block lasts."""
    ended, begun = Signal(), Signal()

    def write() -> None:
        number = 0
        while not ended.is_set():
            with transaction.atomic():
                company = Company.objects.create(company_no=f"W{number}", name="Written meanwhile")
                record_event(
                    kind="store.closed", subject_kind="store", subject_key=company.company_no, actor="writer", at=AT
                )
            begun.set()
            number += 1
        connections.close_all()

    thread = Thread(target=write)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def empty_place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an installation with nothing in it."""
    there = {"DATA_DIR": str(tmp_path / "restored"), "DATABASE_URL": "", "DEBUG": "on", "REDIS_URL": ""}
    there["SECRET_KEY"] = project.SECRET_KEY
    if project.SQLITE:
        yield there
        return
    server, name = os.environ["DATABASE_URL"], f"drill_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as running:
        running.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield {**there, "DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl()}
        finally:
            running.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def evidence_row(company: Company, sha256: str) -> EvidenceFile:
    return EvidenceFile.objects.create(company=company, sha256=sha256, kind="pdf", name="a.pdf", size=1, uploaded_at=AT)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("RL-09", "RL-15")
def test_drill_restores_all_that_was_there_at_one_instant(tmp_path: Path) -> None:
    tenant = build_tenant("asked")
    client_of(tenant.member)
    lost, changed = (
        EvidenceFile.objects.create(
            company=tenant.company, sha256=mark * 64, kind="pdf", name=mark, size=1, uploaded_at=AT
        )
        for mark in "12"
    )
    evidence_storage().save(place_of(tenant.company.pk, changed.sha256), ContentFile(b"something else"))
    before, path = count_rows(connection), tmp_path / "backup.tar"
    with writer(), pytest.raises(CommandError, match="2 evidence files are lost or changed, the backup has the rest"):
        call_command("backup", str(path), "--json", stdout=io.StringIO())
    command = [sys.executable, "-m", "tests.config.drill", str(path), str(tenant.member.pk), tenant.store.store_no]
    with empty_place(tmp_path) as there:
        environment = {**os.environ, **there, "DJANGO_SETTINGS_MODULE": "config.settings"}
        ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    # Killed twice, it never looks finished; started over, it is.
    assert found["killed"] == [-signal.SIGKILL] * 2
    assert "--start-over" in found["refused"]
    # A marker and maintenance say so until then.
    assert found["unfinished"] == [True, True, False, False]
    assert "empty place" in found["again"]
    # Every table is that of one instant, whatever was written meanwhile: each company with its event.
    rows, written = found["rows"], {Company._meta.db_table, Event._meta.db_table}
    assert rows == archive.read_manifest(path)["rows"]
    assert {table: rows[table] for table in before.keys() - written} == {
        table: 0 if table in EMPTIED else before[table] for table in before.keys() - written
    }
    assert len({rows[table] - before[table] for table in written}) == 1
    assert Session.objects.count() == 1
    # Evidence, waiting uploads, secrets, pages; the audit trail goes on and can't be changed.
    assert found["damaged"] == ["lost", "changed"]
    assert found["restored"]["damaged"] == [place_of(tenant.company.pk, file.sha256) for file in (lost, changed)]
    assert rows[EvidenceFile._meta.db_table] == EvidenceFile.objects.count() == 3
    assert found["uploads"]
    assert set(found["uploads"]) == {True}
    assert any(tenant.canary in secret for secret in found["secrets"])
    assert (found["restored"]["to_migrate"], found["restored"]["missing_keys"]) == (0, False)
    assert found["page"] == [200, True]
    assert found["append_only"]
    assert found["new_event"]


# ── killed, and no room ──


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_killed_backup_leaves_no_file_and_the_next_one_clears_up(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    def die(name: str, size: int) -> None:
        if name == archive.DAMAGED:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        make_backup(folder / "a.tar", at=AT, progress=die)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (unfinished,) = left_in(folder)
    assert unfinished.startswith(".dianwei-unfinished-")
    make_backup(folder / "a.tar", at=AT, progress=silent)
    assert left_in(folder) == ["a.tar"]
    assert (folder / "a.tar").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount") or "mount"
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=64k", "none", str(folder)], check=False).returncode:
        pytest.skip("only root mounts a disk")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(folder)], check=True)


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_full_disk_is_said_and_leaves_nothing(small_disk: Path) -> None:
    with pytest.raises(CommandError, match="no room is left"):
        call_command("backup", str(small_disk), stderr=io.StringIO())
    assert left_in(small_disk) == []


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_backup_overwrites_nothing_and_one_at_a_time_writes_into_a_folder(tmp_path: Path) -> None:
    (tmp_path / "there.tar").touch()
    with pytest.raises(CommandError, match="exists: name another file"):
        call_command("backup", str(tmp_path / "there.tar"))

    def second(name: str, size: int) -> None:
        with pytest.raises(CommandError, match="another backup or restore is at work"):
            call_command("backup", str(tmp_path / "second.tar"))

    make_backup(tmp_path / "first.tar", at=AT, progress=second)
    assert left_in(tmp_path) == ["data", "first.tar", "there.tar"]


# ── what is in it ──


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_key_is_in_it_only_when_asked_for(own_data: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="comes from the environment"):
        call_command("backup", str(tmp_path / "a.tar"), "--with-key")
    (own_data / "secret_key").write_text(project.SECRET_KEY)
    for name, options in (("without", []), ("with", ["--with-key"])):
        out = io.StringIO()
        call_command("backup", str(tmp_path / name), *options, stdout=out)
        with tarfile.open(tmp_path / name) as made:
            assert ("secret_key" in made.getnames()) == (name == "with")
        assert ("keep it like one" in out.getvalue()) == (name == "with")


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_files_of_imports_are_in_it_and_what_can_be_made_again_is_not(own_data: Path, tmp_path: Path) -> None:
    kept = ["imports/7/errors/orders.csv", "imports/uploads/a/订单.xlsx", "inbox/C1/new\nline.csv"]
    for name in (*kept, "exports/1.csv", "cache/1", "static/a.css", "imports/.unfinished/x"):
        (own_data / name).parent.mkdir(parents=True, exist_ok=True)
        (own_data / name).write_text(name)
    (own_data / "inbox/C1/link").symlink_to("/etc/passwd")
    make_backup(tmp_path / "a.tar", at=AT, progress=silent)
    with tarfile.open(tmp_path / "a.tar") as made:
        made.extractall(tmp_path / "unpacked", filter="data")
    others = {"manifest.json", "database.sqlite3", "damaged.json", "SHA256SUMS"}
    files = {
        str(path.relative_to(tmp_path / "unpacked")) for path in (tmp_path / "unpacked").rglob("*") if path.is_file()
    }
    assert files - others == set(kept)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path / "unpacked", check=True)


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_evidence_is_found_in_tables_of_older_versions_too(tmp_path: Path) -> None:
    company = Company.objects.create(company_no="C1", name="Company")
    kept, removed = (evidence_row(company, mark * 64) for mark in "12")
    EvidenceFile.objects.filter(pk=removed.pk).update(removed_at=AT)
    list_evidence(connection, tmp_path / "listed")
    assert (tmp_path / "listed").read_text().splitlines() == [place_of(company.pk, kept.sha256)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE evidence_evidencefile RENAME COLUMN removed_at TO added_later")
    list_evidence(connection, tmp_path / "listed")
    assert (tmp_path / "listed").read_text().splitlines() == [
        place_of(company.pk, file.sha256) for file in (kept, removed)
    ]


# ── damaged archives ──


@pytest.fixture
def small_archive(tmp_path: Path) -> Path:
    path = tmp_path / "small.tar"
    with archive.written(path, tmp_path, silent) as written:
        written.add_json(archive.MANIFEST, manifest())
        written.add("database.sqlite3", io.BytesIO(b"d" * 1000), 1000)
        written.add(f"evidence/1/{'a' * 64}", io.BytesIO(b"e" * 700), 700)
    return path


def manifest(**more: Any) -> dict[str, Any]:
    said = {"format": 1, "application": "1.0.0", "made_at": AT.isoformat(), "migrations": [], "rows": {}}
    kind = {"kind": connection.vendor, "version": 1}
    return said | {"database": kind, "evidence": "copied", "keys": [], "data_dir": "/srv"} | more


# A member is a block of 512 bytes for its name and size, then its content in whole blocks.
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("place", "named"),
    [
        (512 + 90, "damaged: manifest.json"),
        (1024 + 512 + 700, "damaged: database.sqlite3"),
        (1024 + 1536 + 3, "can't be read after database.sqlite3"),
        (1024 + 1536 + 512 + 1, f"damaged: evidence/1/{'a' * 64}"),
    ],
)
def test_one_changed_byte_is_found_and_its_file_named(place: int, named: str, small_archive: Path) -> None:
    content = bytearray(small_archive.read_bytes())
    assert archive.verify_archive(small_archive, silent) == 3
    content[place] ^= 1
    small_archive.write_bytes(content)
    with pytest.raises(archive.DamagedArchiveError, match=named):
        archive.verify_archive(small_archive, silent)


@pytest.mark.sqlite_only
def test_archive_that_was_cut_off_anywhere_is_refused(small_archive: Path) -> None:
    content = small_archive.read_bytes()
    end = len(content.rstrip(b"\0"))
    for length in (0, 10, 512, 700, 3000, end - 300, end - 1):
        small_archive.write_bytes(content[:length])
        with pytest.raises(CommandError, match=r"can't be read after|SHA256SUMS"):
            call_command("restore", str(small_archive), "--verify-only")


# ── where it doesn't fit ──


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("more", "why"),
    [
        (
            {"migrations": ["orders.9999_of_tomorrow"], "application": "9.0"},
            "newer version .9.0, migration orders.9999",
        ),
        ({"database": {"kind": "postgresql", "version": 15}}, "of postgresql, DATABASE_URL names sqlite"),
        ({"format": 2}, "no manifest.json that this version reads"),
    ],
)
def test_backup_that_does_not_fit_is_refused_before_anything_is_written(
    more: dict[str, Any], why: str, own_data: Path, tmp_path: Path
) -> None:
    with archive.written(tmp_path / "a.tar", tmp_path, silent) as written:
        written.add_json(archive.MANIFEST, manifest(**more))
    with pytest.raises(CommandError, match=why):
        call_command("restore", str(tmp_path / "a.tar"))
    assert left_in(own_data) == []


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_restore_into_a_place_with_data_is_refused_with_what_to_do(small_archive: Path, own_data: Path) -> None:
    (own_data / "evidence/1").mkdir(parents=True)
    (own_data / "evidence/1" / ("a" * 64)).touch()
    (own_data / "inbox/C1").mkdir(parents=True)
    (own_data / "inbox/C1/orders.csv").touch()
    with pytest.raises(BackupError) as refused:
        restore_backup(small_archive, at=AT, progress=silent)
    assert str(refused.value) == (
        "backups are restored into an empty place only, and the database has tables: name a new one by DATABASE_URL, or"
        " another DATA_DIR; the storage of evidence has files: name another DATA_DIR or bucket;"
        f" {own_data} has files of imports: name another DATA_DIR"
    )
    assert left_in(own_data) == ["evidence", "inbox"]


# ── every night ──


def backups(folder: Path) -> list[str]:
    return [path.name for path in sorted(folder.glob("*.tar"))]


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_one_backup_a_day_is_made_and_the_last_ones_are_kept(settings: Any, tmp_path: Path) -> None:
    assert keep_backups(at=AT) is None
    settings.BACKUP_DIR, settings.BACKUP_KEEP = str(tmp_path / "kept"), 2
    (tmp_path / "kept").mkdir()
    # The day ends at 21:00 UTC; what failed then is made up for within the hour.
    for hour in (0, 8, 9, 10, 32, 33, 57, 70):
        keep_backups(at=AT + timedelta(hours=hour))
    assert backups(tmp_path / "kept") == ["dianwei-20260502T210000Z.tar", "dianwei-20260503T210000Z.tar"]
    assert latest_backup() == datetime(2026, 5, 3, 21, tzinfo=UTC)
    assert archive.verify_archive(tmp_path / "kept" / backups(tmp_path / "kept")[0], silent) == 3


# ── PostgreSQL's programs ──


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("name", "why"), [("pg_dump", "pg_dump is older than the server"), ("pg_no", "pg_no is missing")]
)
def test_program_that_is_missing_or_older_than_the_server_is_named(name: str, why: str) -> None:
    with pytest.raises(DatabaseError, match=f"{why}: install the package postgresql-client-99"):
        program_for(name, 99)
