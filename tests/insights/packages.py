"""Running a data package as its reader would: in DuckDB, and in SQLite through its shell where there is one."""

import csv
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb

Row = tuple[str, int | None, int | None, str | None]
LEFT_OUT = """SELECT metric, counter, rule, why, COUNT(*) FROM events
    GROUP BY metric, counter, rule, why ORDER BY metric, counter, rule, why"""


def unpack(chunks: Iterable[bytes], folder: Path) -> dict[str, Any]:
    """Unpack the ZIP; every file must match the manifest. Returns the manifest."""
    with zipfile.ZipFile(BytesIO(b"".join(chunks))) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
        names = set(archive.namelist())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert set(manifest["files"]) == names - {"manifest.json"}
    for name, facts in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (facts["sha256"], facts["bytes"])
        if name.endswith(".csv"):
            heading, *lines = csv.reader(content.decode().splitlines(keepends=True))
            assert (heading, len(lines)) == (facts["columns"], facts["rows"])
    return manifest


def run_duckdb(folder: Path) -> tuple[Row, list[tuple[Any, ...]]]:
    """The result and the events by counter and rule, in DuckDB."""
    with _inside(folder), duckdb.connect(config={"threads": 1}) as db:
        db.execute(Path("load_duckdb.sql").read_text())
        db.execute(Path("reproduce.sql").read_text())
        metric, numerator, denominator, value = db.execute("SELECT * FROM result").fetchall()[0]
        return (metric, numerator, denominator, value), db.execute(LEFT_OUT).fetchall()


def run_sqlite(folder: Path) -> tuple[Row, list[tuple[Any, ...]]]:
    """The same in SQLite, the files loaded by Python."""
    with _inside(folder), sqlite3.connect(":memory:") as db:
        for line in Path("load_sqlite.sql").read_text().splitlines():
            if line.startswith("CREATE TABLE"):
                db.execute(line)
            elif line.startswith(".import"):
                *_options, name, table = line.split()
                with open(name, newline="", encoding="utf-8") as file:
                    heading, *rows = csv.reader(file)
                db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(heading))})", rows)
        db.executescript(Path("reproduce.sql").read_text())
        return db.execute("SELECT * FROM result").fetchone(), db.execute(LEFT_OUT).fetchall()


def run_sqlite_shell(folder: Path) -> str:
    """What SQLite's shell shows for the commands of the README; empty where there is no shell."""
    shell = shutil.which("sqlite3")
    if shell is None:
        return ""
    command = [shell, "-csv", ":memory:", ".read load_sqlite.sql", ".read reproduce.sql"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
