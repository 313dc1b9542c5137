"""A SQLite database with its tables, made once and copied: migrating takes seconds, and many tests begin with it."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_KEPT = _ROOT / ".test-databases"
# What may decide what a new database holds: code, migrations, shipped policy, pinned packages.
_SOURCES = ("*/*.py", "*/*/*.py", "*/*/*/*.py", "requirements.txt")
_MOST_KEPT = 5


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


def _make(made: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        embedded = {
            "DATA_DIR": folder,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=_ROOT, env={**os.environ, **embedded}, check=True)
        shutil.copyfile(Path(folder, "dianwei.sqlite3"), made.with_suffix(".part"))
        made.with_suffix(".part").rename(made)
    for old in sorted(_KEPT.glob("*.sqlite3"), key=lambda path: path.stat().st_mtime)[:-_MOST_KEPT]:
        old.unlink()


def _digest() -> str:
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(_ROOT.glob(pattern)):
            if path.relative_to(_ROOT).parts[0] not in ("tests", "benchmarks", "tools", ".venv"):
                digest.update(path.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:24]
