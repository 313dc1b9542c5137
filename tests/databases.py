"""Migrated databases, made once and copied: migrating takes seconds, and every test process starts with one."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

_ROOT = Path(__file__).parent.parent
_KEPT = _ROOT / ".test-databases"
# What decides what a new database holds: migrations and what they import, models (whose permissions and content types
# are rows), roles, shipped policy, pinned packages. Other code may change without a new migration of tens of seconds.
_SOURCES = (
    *("*/migrations/*.py", "*/models.py", "*/models/*.py", "*/apps.py"),
    *("core/*.py", "stores/*.py", "rulebook/**/*.py", "intake/canonical/*.py", "config/settings.py"),
    "requirements.txt",
)
_MOST_KEPT = 5
# Processes that prepare databases on the same PostgreSQL server take turns.
_LOCK = 7_204_118


def migrated_database() -> Path:
    """The file of a migrated database without rows of its own, made when the code has changed. Copy it."""
    _KEPT.mkdir(exist_ok=True)
    made = _KEPT / f"{_digest()}.sqlite3"
    with (_KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(made)
    return made


def start_migrated(data_dir: Path) -> None:
    """Give an embedded installation its database."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = data_dir / "dianwei.sqlite3"
    shutil.copyfile(migrated_database(), database)
    database.chmod(0o600)


def copy_to_postgres(database: Mapping[str, Any]) -> None:
    """Replace the test database of these settings by a copy of a migrated one on the same server."""
    name = sql.Identifier(database.get("TEST", {}).get("NAME") or f"test_{database['NAME']}")
    template = f"migrated_{_digest()}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            _make_on_postgres(server, template)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(template)))


def _make_on_postgres(server: "psycopg.Connection[Any]", template: str) -> None:
    part = f"{template}_part"
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(part)))
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(part)))
    with tempfile.TemporaryDirectory() as folder:
        _migrate(folder, urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{part}").geturl())
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(part), sql.Identifier(template)))


def _migrate(data_dir: str, database_url: str) -> None:
    settings = {
        "DATA_DIR": data_dir,
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=_ROOT, env={**os.environ, **settings}, check=True)


def _make(made: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _migrate(folder, "")
        shutil.copyfile(Path(folder, "dianwei.sqlite3"), made.with_suffix(".part"))
        made.with_suffix(".part").rename(made)
    for old in sorted(_KEPT.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-_MOST_KEPT]:
        old.unlink()


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in _SOURCES for path in _ROOT.glob(pattern)}):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:24]
