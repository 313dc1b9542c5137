"""One command runs web, worker and beat together, and ends them together."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config import launcher
from config.translations import compile_catalogues
from tests.databases import start_migrated
from tests.services import free_port

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only]
FEWEST = ("--web-workers", "1", "--task-workers", "1")


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "timed out"
        time.sleep(0.1)


class Run:
    """`manage.py serve` in its own data directory."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.data_dir, self.port, self.output = data_dir, port, data_dir.with_suffix(".out")
        settings = {"DATA_DIR": str(data_dir), "PORT": str(port), "DATABASE_URL": "", "REDIS_URL": "", "LC_ALL": "C"}
        self.environment = {**os.environ, **settings, "DJANGO_SETTINGS_MODULE": "config.settings"}

    def start(self, *options: str) -> None:
        with self.output.open("w") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--no-prepare", *options],
                env=self.environment,
                stdout=stream,
                stderr=stream,
            )
        wait_for(lambda: "running at" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()

    def said(self) -> str:
        return self.output.read_text()

    def descendants(self) -> list[tuple[int, str]]:
        """Return (process id, command) of every living process that serves this data directory's port or logs."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if f"DATA_DIR={self.data_dir}\0".encode() in environment and "serve" not in command:
                found.append((int(folder.name), command))
        return found

    def kill_child(self, word: str) -> None:
        main = [pid for pid, command in self.descendants() if word in command and parent(pid) == self.process.pid]
        os.kill(main[0], signal.SIGKILL)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Run]:
    """A run with as many processes as usual, or with the options that a test names: each process takes seconds."""
    run = Run(tmp_path / "data", free_port())
    start_migrated(run.data_dir)
    run.start(*getattr(request, "param", ()))
    yield run
    run.process.kill()
    run.process.wait()
    wait_for(lambda: run.descendants() == [])


def test_run_answers_and_a_stop_ends_every_process(run: Run) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=10)
    connection.request("GET", "/readyz")
    assert connection.getresponse().status == 200
    assert f"http://localhost:{run.port}" in run.said()
    commands = " ".join(command for _, command in run.descendants())
    assert all(word in commands for word in ("granian", "celery --quiet --app config.celery worker", "beat"))
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(30) == 0
    assert run.descendants() == []


@pytest.mark.parametrize("run", [FEWEST], ids=[""], indirect=True)
@pytest.mark.parametrize(("name", "word"), [("web", "granian"), ("worker", " worker "), ("beat", " beat ")])
def test_death_of_one_process_ends_all_with_a_message(run: Run, name: str, word: str) -> None:
    run.kill_child(word)
    assert run.process.wait(40) == 1
    assert f"The {name} process ended (signal SIGKILL)" in run.said()
    assert run.descendants() == []


@pytest.mark.parametrize("run", [FEWEST], ids=[""], indirect=True)
def test_killed_launcher_leaves_nothing_running(run: Run) -> None:
    run.process.kill()
    wait_for(lambda: run.descendants() == [])


def test_port_in_use_is_refused_before_anything_is_done() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=str(port)):
            call_command("serve", "--host", "127.0.0.1", "--port", str(port))
    assert not launcher.is_taken("127.0.0.1", port)


def test_static_files_are_collected_once_and_again_after_a_change(settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    style = tmp_path / "source" / "style.css"
    style.parent.mkdir()
    style.write_text("a{color:red}")

    def collected() -> int:
        launcher.collect_static()
        return (settings.STATIC_ROOT / "staticfiles.json").stat().st_mtime_ns

    first = collected()
    assert collected() == first
    style.write_text("a{color:blue}")
    assert collected() > first


def test_long_log_is_kept_short_while_its_writer_goes_on(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(launcher, "LOG_BYTES", 20)
    log = tmp_path / "web.log"
    with log.open("ab") as writer:
        writer.write(b"one line of old text\n")
        writer.flush()
        launcher.keep_short(log)
        writer.write(b"new\n")
    assert (log.read_text(), (tmp_path / "web.log.1").read_text()) == ("new\n", "one line of old text\n")


def test_catalogue_is_compiled_when_newer(tmp_path: Path) -> None:
    source = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Store"\nmsgstr "店铺"\n')
    assert compile_catalogues(tmp_path) == [source.with_suffix(".mo")]
    assert compile_catalogues(tmp_path) == []
    assert "店铺".encode() in source.with_suffix(".mo").read_bytes()
