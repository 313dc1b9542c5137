"""A throw-away installation: a data directory, a database, and commands run in it as processes of their own."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from tests.services import POSTGRES_OPTIONS, postgres

ROOT = Path(__file__).resolve().parent.parent
# Durable as in service, unlike the servers of the tests; memory for a machine that does other things too.
DURABLE = {
    **POSTGRES_OPTIONS,
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
}


@dataclass(frozen=True)
class Ended:
    """A command that ran: wall seconds, CPU seconds of it and of the database server meanwhile, peak memory of its
    process in MB, what it printed."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str

    def json(self) -> Any:
        """The last line of the output, read as JSON."""
        return json.loads(self.output.strip().splitlines()[-1])


class CommandFailedError(RuntimeError):
    """A command ended with another status than 0."""


@dataclass(frozen=True)
class Deployment:
    """An installation: ``kind`` is sqlite or postgres; ``broker`` is the URL of a Redis where it has workers."""

    kind: str
    folder: Path
    url: str
    server: int | None = None
    broker: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of its processes: production settings, nothing of the caller's."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        return kept | {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.url,
            "REDIS_URL": self.broker,
            "DEBUG": "0",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONPATH": str(ROOT),
        }

    def manage(self, *arguments: str) -> Ended:
        return self.python(str(ROOT / "manage.py"), *arguments)

    def module(self, name: str, *arguments: str) -> Ended:
        return self.python("-m", name, *arguments)

    def python(self, *arguments: str) -> Ended:
        """Run Python; raises CommandFailedError with what the process said."""
        before = server_cpu(self.server)
        ended = run([sys.executable, *arguments], self.environment)
        return replace(ended, cpu_seconds=ended.cpu_seconds + server_cpu(self.server) - before)


def run(command: Sequence[str], environment: dict[str, str]) -> Ended:
    """Run a command to its end and measure it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        child = subprocess.Popen(command, env=environment, stdout=out, stderr=err, cwd=ROOT)
        try:
            _pid, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - began
            child.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if child.returncode is None:
                child.kill()
        out.seek(0)
        err.seek(0)
        output, said = out.read().decode(errors="replace"), err.read().decode(errors="replace")
    if child.returncode:
        raise CommandFailedError(
            f"{' '.join(command[1:4])} … ended with {child.returncode}: {said[-2000:]}{output[-500:]}"
        )
    return Ended(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


@contextmanager
def deployment(kind: str, kept: Path | None = None) -> Iterator[Deployment]:
    """A migrated installation, empty and gone afterwards, or that of a folder, which stays."""
    with contextlib.ExitStack() as stack:
        if kept is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f"dianwei-bench-{kind}-")))
        else:
            folder = kept / kind
            folder.mkdir(parents=True, exist_ok=True)
        if kind == "sqlite":
            yield _migrated(Deployment(kind, folder, ""))
        else:
            server = kept / "server" if kept else None
            url = stack.enter_context(postgres(DURABLE, kept=server))
            yield _migrated(Deployment(kind, folder, url, postmaster(url)))


def _migrated(place: Deployment) -> Deployment:
    place.manage("migrate", "--verbosity", "0")
    return place


def postmaster(url: str) -> int:
    """The process id of a PostgreSQL server on this machine."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    return int(row[0].splitlines()[0])


def server_cpu(pid: int | None) -> float:
    """CPU seconds that a server and its processes, ended ones included, have taken so far."""
    if pid is None:
        return 0.0
    ticks = sum(_ticks(pid))
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError):
            ticks += sum(_ticks(int(child))[:2])
    return ticks / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> list[int]:
    """User and system time of a process, and of those children that it has waited for."""
    return [int(part) for part in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]]
