"""A real worker on both brokers: work whose process is killed is done again (RL-01, RL-03)."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import children
from tests.config.test_launcher import wait_for

pytestmark = pytest.mark.slow

CELERY = [sys.executable, "-m", "celery", "--app", "tests.config.worker_tasks"]
SEND = "import sys; from tests.config.worker_tasks import app; app.send_task(sys.argv[1], args=sys.argv[2:])"


@pytest.fixture(params=["files", pytest.param("redis", id="redis")])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of sender and worker, with one of the two brokers."""
    broker = request.getfixturevalue("redis_url").rsplit("/", 1)[0] + "/9" if request.param == "redis" else ""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": ""}
    return {**os.environ, **settings, "REDIS_URL": broker}


@pytest.fixture
def send(environment: dict[str, str]) -> Callable[..., None]:
    def send(*arguments: str) -> None:
        subprocess.run([sys.executable, "-c", SEND, *arguments], env=environment, check=True)

    return send


@pytest.fixture
def start_worker(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    workers = []

    def start() -> "subprocess.Popen[bytes]":
        with (tmp_path / "worker.log").open("ab") as log:
            options = ["--concurrency", "1", "--loglevel", "INFO"]
            workers.append(children.start([*CELERY, "worker", *options], env=environment, stdout=log, stderr=log))
        return workers[-1]

    yield start
    for worker in workers:
        children.stop(worker, patience=15)


@pytest.mark.rule("RL-03")
def test_task_whose_process_is_killed_runs_again(send, start_worker, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    send("tests.die_once", str(notes))
    start_worker()
    wait_for(lambda: notes.exists() and "finished" in notes.read_text(), 40)
    assert notes.read_text().split() == ["started", "started", "finished"]


@pytest.mark.rule("RL-01")
def test_messages_wait_while_no_worker_runs_and_while_one_is_replaced(send, start_worker, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    send("tests.note", str(notes), "before")
    first = start_worker()
    wait_for(lambda: notes.exists() and "before" in notes.read_text(), 40)
    children.stop(first, patience=15)
    send("tests.note", str(notes), "between")
    start_worker()
    wait_for(lambda: "between" in notes.read_text(), 40)
    assert notes.read_text().split() == ["before", "between"]
