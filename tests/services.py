"""Throw-away PostgreSQL and Redis servers on free ports, gone when their `with` block ends."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from config import children

START_SECONDS = 60
# Speed for safety: nothing here outlives the run.
POSTGRES_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres(settings: Mapping[str, str] = POSTGRES_OPTIONS, *, kept: Path | None = None) -> Iterator[str]:
    """Run PostgreSQL with these settings and yield its URL; ``kept`` is a folder that it stays in and goes on in."""
    binaries, user = postgres_binaries(), unprivileged_user()
    folder = kept or Path(tempfile.mkdtemp(prefix="dianwei-postgres-"))
    folder.mkdir(exist_ok=True)
    data = folder / "data"
    if user:
        shutil.chown(folder, user)
    port = free_port()
    options = {**settings, "port": str(port), "unix_socket_directories": str(folder)}
    make: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "dianwei",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    try:
        if not data.exists():
            subprocess.run(make, user=user, cwd=folder, env=_plain_environment(), check=True, capture_output=True)
        log = (folder / "log").open("wb")
        command = [str(binaries / "postgres"), "-D", str(data)]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        server = children.start(command, env=_plain_environment(), user=user, cwd=folder, stdout=log, stderr=log)
        try:
            url = f"postgres://dianwei@127.0.0.1:{port}/postgres"
            _wait(server, lambda: psycopg.connect(url, connect_timeout=2).close(), folder / "log")
            yield url
        finally:
            children.stop(server, patience=15, first=signal.SIGINT)
            log.close()
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_server() -> Iterator[str]:
    """Run Redis without persistence and yield its URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is missing: `make test` installs it, or apt-get install redis-server")
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="dianwei-redis-"))
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    log = (folder / "log").open("wb")
    server = children.start(command, cwd=folder, stdout=log, stderr=log)
    try:
        _wait(server, redis.Redis(port=port).ping, folder / "log")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        children.stop(server, patience=10)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def postgres_binaries() -> Path:
    """Return the folder of initdb and postgres, the newest version first."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    for folder in [*installed, *on_path]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError("PostgreSQL is missing: `make test` installs it, or apt-get install postgresql")


def unprivileged_user() -> str | None:
    """Return whom the server runs as, since PostgreSQL refuses root; None when we aren't root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody", "daemon") if name in names)


def _plain_environment() -> dict[str, str]:
    """Return an environment without the settings of other PostgreSQL clients."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _wait(server: "subprocess.Popen[bytes]", answers: Callable[[], object], log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            answers()
        except (psycopg.OperationalError, redis.ConnectionError) as error:
            if server.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}") from error
            time.sleep(0.1)
        else:
            return
