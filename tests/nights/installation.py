"""An installation of its own for tests that kill processes: a database, a broker, commands and workers as processes."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from config import children
from tests.databases import copy_to_postgres, start_migrated

CELERY = [sys.executable, "-m", "celery", "--app", "config.celery", "worker", "--concurrency", "1"]


@dataclass(frozen=True)
class Installation:
    """``server`` is the URL of a PostgreSQL server without the database's name; empty for SQLite. ``clock`` is what
    `clock_at` gave: all its processes share that clock."""

    folder: Path
    clock: Mapping[str, str]
    server: str = ""
    redis: str = ""
    name: str = "base"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.clock,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(self.folder / self.name),
            "DATABASE_URL": f"{self.server}/{self.database}" if self.server else "",
            "REDIS_URL": self.redis,
            "NIGHT_SHARD_SUBJECTS": "40",
            "NIGHT_SHARD_STORES": "2",
            "LOG_LEVEL": "INFO",
        }

    @property
    def database(self) -> str:
        return f"killed_{self.name}_{self.folder.name}".replace("-", "_").lower()[:60]

    def manage(self, *arguments: str) -> str:
        """Run a command to its end."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a command and go on."""
        command = [sys.executable, "manage.py", *arguments]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            return children.start(command, env=self.environment, stdout=log, stderr=log)

    def start_worker(self, place: int) -> "subprocess.Popen[bytes]":
        """Start a Celery worker with one process."""
        command = [*CELERY, "--loglevel", "INFO", "--hostname", f"w{place}@%h"]
        with self.worker_log(place).open("ab") as log:
            return children.start(command, env=self.environment, stdout=log, stderr=log)

    def worker_log(self, place: int) -> Path:
        return self.folder / f"{self.name}-worker-{place}.log"

    def make(self) -> None:
        """An empty database with its tables."""
        if self.server:
            (self.folder / self.name).mkdir(mode=0o700)
            copy_to_postgres({"NAME": self.database, "TEST": {"NAME": self.database}})
        else:
            start_migrated(self.folder / self.name)

    def copy(self, name: str) -> "Installation":
        """The same data in another database; nothing may be connected to this one."""
        other = replace(self, name=name)
        shutil.copytree(self.folder / self.name, self.folder / name)
        if self.server:
            self._on_server(f"CREATE DATABASE {other.database} TEMPLATE {self.database}")
        return other

    def drop(self) -> None:
        """Remove the database."""
        if self.server:
            self._on_server(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")

    def _on_server(self, statement: str) -> None:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(statement)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        if self.server:
            with psycopg.connect(f"{self.server}/{self.database}") as connection:
                return connection.execute(statement).fetchall()
        with closing(sqlite3.connect(self.folder / self.name / "dianwei.sqlite3", timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def outcome(self) -> dict[str, list[tuple[Any, ...]]]:
        """What a night leaves, without instants and ids, each list in an order of its own."""
        scorecard = self.rows("SELECT store_id, day, calendar, cards FROM metrics_published")
        plain = {
            "facts": "SELECT * FROM metrics_fact",
            "problems": "SELECT store_id, counter, day, order_id, subject_id FROM metrics_problem",
            "benchmarks": "SELECT scope, day, metric, stores, numerator, denominator FROM metrics_benchmark",
            "judged": "SELECT store_id, day, calendar FROM notifications_judgedday",
            "notices": "SELECT store_id, metric, level, day, state, value, numerator FROM notifications_notice",
            "numbers": "SELECT number FROM notifications_notice",
            "orders": """SELECT n.store_id, n.metric, o.place, o.order_no FROM notifications_noticeorder o
                JOIN notifications_notice n ON n.id = o.notice_id""",
            "messages": "SELECT kind, COUNT(*) FROM notifications_message GROUP BY kind",
            "deadlines": "SELECT store_id, kind, state, COUNT(*) FROM stores_deadline GROUP BY store_id, kind, state",
            "events": "SELECT kind, COUNT(*) FROM stores_event WHERE kind LIKE 'notice.%' GROUP BY kind",
            "dirty": "SELECT COUNT(*) FROM stores_touched",
        }
        found = {name: sorted(self.rows(statement), key=repr) for name, statement in plain.items()}
        found["facts"] = sorted((row[1:] for row in found["facts"]), key=repr)
        as_text = [(*key, text if isinstance(text, str) else json.dumps(text)) for *key, text in scorecard]
        found["cards"] = sorted((*key, json.dumps(json.loads(text), sort_keys=True)) for *key, text in as_text)
        return found


def kill(process: "subprocess.Popen[bytes]") -> None:
    """kill -9 of a process and its children, and wait for its end."""
    children.stop(process, patience=0, first=signal.SIGKILL)


def children_of(pid: int) -> Sequence[int]:
    """Ids of the processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
