"""Backup and restore of PostgreSQL by `pg_dump` and `pg_restore` (RL-16). Passwords reach them by their environment."""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.conninfo import make_conninfo

from config import children
from config.backup.databases import EMPTIED, DatabaseError
from core.sql import SQL, execute

_VERSION = re.compile(rb"\(PostgreSQL\) (\d+)")
# What the programs are told of our connection, if it says so; passwords stay out of command lines.
_CONNECTION = (
    *("host", "port", "user", "dbname", "service", "passfile", "options", "target_session_attrs"),
    *("sslmode", "sslrootcert", "sslcert", "sslkey"),
)
_BINARIES = Path("/usr/lib/postgresql")


class PostgresqlDatabase:
    kind: ClassVar[str] = "postgresql"
    member: ClassVar[str] = "database.dump"

    @property
    def folder(self) -> Path:
        return Path(settings.DATA_DIR)

    @contextmanager
    def dumped(self, to: Path) -> Iterator[BaseDatabaseWrapper]:
        own = connection.copy()
        program = program_for("pg_dump", self.server)
        try:
            with own.cursor() as cursor:
                execute(cursor, SQL("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
                execute(cursor, SQL("SELECT PG_EXPORT_SNAPSHOT()"))
                snapshot = cursor.fetchone()[0]
            empty = [f"--exclude-table-data={table}" for table in EMPTIED]
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={to}"]
            _run(program, *options, *empty)
            yield own
        finally:
            own.close()

    @property
    def server(self) -> int:
        """The server's major version."""
        connection.ensure_connection()
        return int(connection.connection.info.server_version) // 10000

    def facts(self) -> dict[str, Any]:
        return {"version": self.server}

    def check_fits(self, facts: Mapping[str, Any]) -> None:
        if facts["version"] > self.server:
            raise DatabaseError(f"the backup is of PostgreSQL {facts['version']}, and this server is {self.server}")
        program_for("pg_restore", self.server)

    def load(self, dump: Path, *, over: bool) -> None:
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        _run(program_for("pg_restore", self.server), *options, *(["--clean", "--if-exists"] if over else []), str(dump))


def program_for(name: str, server: int) -> Path:
    """A program of the server's version, or the next newer one: older ones refuse, newer ones may say what the server
    doesn't know."""
    found = [*_BINARIES.glob(f"*/bin/{name}"), *([Path(path)] if (path := shutil.which(name)) else [])]
    versions = {version: path for path in found if (version := _version(path)) >= server}
    if not versions:
        has = f"{name} is older than the server" if found else f"{name} is missing"
        raise DatabaseError(f"{has}: install the package postgresql-client-{server} (Debian) or one like it")
    return versions[min(versions)]


def _version(program: Path) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, check=False).stdout
    match = _VERSION.search(said)
    return int(match[1]) if match else 0


def _run(program: Path, *options: str) -> None:
    """Run a program on our database; it ends with us."""
    known = connection.get_connection_params()
    server = make_conninfo(**{name: known[name] for name in _CONNECTION if name in known})
    command = [str(program), f"--dbname={server}", "--no-password", *options]
    child = children.start(
        command,
        env={"PGPASSWORD": known["password"]} if known.get("password") else {},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        said = child.communicate()[1].decode(errors="replace").strip()
    finally:
        children.stop(child, patience=10)
    if child.returncode:
        raise DatabaseError(f"{program.name} failed: {said[-2000:]}")
