"""Imports that are killed, and many at once (IX-03, RL-01, RL-07), as processes of their own."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config.settings import BASE_DIR
from core.models import DirtySubject
from tests.databases import start_migrated
from tests.intake.helpers import STORES, write

pytestmark = pytest.mark.slow

ROWS = 30_000
HEAD = "store_no,order_no,created_at,paid_at,total_amount,currency\n"


class Site:
    """A data directory with commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The embedded deployment: SQLite, whatever database the rest of the run uses.
        self.environment = {
            **os.environ,
            "DATA_DIR": str(folder / "data"),
            "DATABASE_URL": "",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        del self.environment["DATABASE_URL"]
        start_migrated(folder / "data")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        return subprocess.Popen(
            command, env=self.environment, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *arguments: str) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
        return out

    def column(self, statement: str) -> list[Any]:
        """The first column of what a query finds, looked up without starting Django."""
        with closing(sqlite3.connect(self.folder / "data" / "dianwei.sqlite3", timeout=20)) as database:
            return [row[0] for row in database.execute(statement)]

    def orders(self) -> int:
        """Orders committed so far."""
        return int(self.column("SELECT COUNT(*) FROM orders_order")[0])

    def states(self) -> list[str]:
        """The states of the imports."""
        return self.column("SELECT state FROM intake_import ORDER BY id")


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def orders(store: str, rows: int) -> str:
    return HEAD + "".join(
        f"{store},{number},2024-05-01T10:00:00Z,2024-05-01T11:00:00Z,1.00,USD\n" for number in range(rows)
    )


@pytest.mark.rule("IX-03", "RL-01")
def test_an_import_that_is_killed_goes_on_where_it_was(site, tmp_path):
    path = str(write(tmp_path / "bundle", stores=STORES, orders=orders("S1", ROWS)))
    standing = 0
    for _kill in range(2):
        process = site.start("import_bundle", path, "--json")
        while process.poll() is None and site.orders() <= standing:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert site.orders() > standing, "nothing went in before the kill"
        standing = site.orders()
        assert standing % 2_000 == 0
    assert standing < ROWS, "killed too late to show anything"
    site.run("import_bundle", path, "--json")
    dirty = site.column(f"SELECT COUNT(*) FROM {DirtySubject._meta.db_table} WHERE kind = 'order'")
    assert (site.orders(), dirty, site.states()) == (ROWS, [ROWS], ["done"])


@pytest.mark.rule("RL-07")
def test_eight_writers_at_once_meet_no_lock(site, tmp_path):
    stores = "store_no,name\n" + "".join(f"S{number},Store\n" for number in range(8))
    paths = [
        str(write(tmp_path / f"b{number}", stores=stores, orders=orders(f"S{number}", 3_000))) for number in range(8)
    ]
    processes = [site.start("import_bundle", path, "--json") for path in paths]
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
    assert (site.orders(), set(site.states())) == (24_000, {"done"})
