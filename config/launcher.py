"""The embedded run: prepares the data directory, then runs web, worker and beat together until one of them ends.

In production the same three commands (`commands()`) run under each machine's own supervisor.
"""

import errno
import hashlib
import http.client
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command, get_commands
from django.utils.translation import gettext

from config import children
from stores.services import is_set_up
from stores.setup_token import setup_link

PATIENCE = 20.0
START_SECONDS = 60.0
LOG_BYTES = 20_000_000


class StopRequest(BaseException):
    """Someone asked the launcher to end."""


def commands(*, host: str, port: int, web_workers: int, task_workers: int) -> dict[str, list[str]]:
    """Return the command of each process by its name."""
    # Celery warns when it runs as root, which is harmless in a container or on a test machine.
    silent = ["-W", "ignore::UserWarning:celery.platforms"]
    celery = [sys.executable, *silent, "-m", "celery", "--quiet", "--app", "config.celery"]
    quiet = ["--loglevel", "INFO"]
    return {
        "web": [
            *(sys.executable, "-m", "granian", "config.wsgi:application"),
            *("--interface", "wsgi", "--no-ws", "--host", host, "--port", str(port)),
            *("--workers", str(web_workers), "--blocking-threads", "4", "--backlog", "1024"),
            *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "warning"),
            *("--log-config", "config/granian.json"),
        ],
        "worker": [
            *(*celery, "worker", *quiet, "--concurrency", str(task_workers)),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        "beat": [*celery, "beat", *quiet, "--pidfile", "", "--schedule", str(settings.DATA_DIR / "beat-schedule")],
    }


def prepare(*, with_demo: bool) -> None:
    """Bring database and static files up to date, and perhaps fill an empty database with the demo."""
    call_command("migrate", verbosity=0)
    collect_static()
    if with_demo and "demo" in get_commands():
        call_command("demo", if_empty=True)


def collect_static() -> None:
    """Run collectstatic when its sources changed since the last time: hashing every file takes seconds."""
    stamp = settings.DATA_DIR / "static.stamp"
    current = fingerprint([*settings.STATICFILES_DIRS, settings.BASE_DIR / "requirements.txt"])
    if (settings.STATIC_ROOT / "staticfiles.json").exists() and stamp.exists() and stamp.read_text() == current:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(current)


def fingerprint(places: Iterable[Path]) -> str:
    """Hash name, size and time of every file under `places`."""
    digest = hashlib.sha256()
    for place in places:
        files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
        for path in files:
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_taken(host: str, port: int) -> bool:
    """Whether something listens there already. The web processes share their port, so starting them would not fail:
    each would answer some of the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def serve(*, host: str, port: int, web_workers: int, task_workers: int) -> int:
    """Run all processes until a signal or the end of one of them, stop the rest, and return the exit status."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands(host=host, port=port, web_workers=web_workers, task_workers=task_workers).items():
            with logbook(name).open("ab") as log:
                running[name] = children.start(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        ended = _watch(running, host=host, port=port)
    except StopRequest:
        _say(gettext("Stopping."))
        return 0
    else:
        status = running[ended].returncode
        _say(
            gettext("The %(name)s process ended (%(reason)s): stopping the others. The end of %(log)s:")
            % {"name": ended, "reason": _reason(status), "log": logbook(ended)}
        )
        _say(last_lines(logbook(ended)))
        return 1
    finally:
        _stop_all(running)


def _watch(running: dict[str, "subprocess.Popen[bytes]"], *, host: str, port: int) -> str:
    """Wait for a process to end and return its name; announce the address once the web process answers."""
    announced, give_up = False, time.monotonic() + START_SECONDS
    while True:
        for name, child in running.items():
            if child.poll() is not None:
                return name
        if not announced and _answers(host, port):
            announced = True
            announce()
        if not announced and time.monotonic() > give_up:
            announced = True
            _say(gettext("No answer on port %(port)d yet; see %(log)s.") % {"port": port, "log": logbook("web")})
        for name in running:
            keep_short(logbook(name))
        time.sleep(0.2)


def logbook(name: str) -> Path:
    """Return the file that a process logs to."""
    folder: Path = settings.DATA_DIR / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{name}.log"


def keep_short(log: Path) -> None:
    """Move a long log's lines to `….1` and go on in the emptied file, which its process keeps open."""
    if log.stat().st_size > LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def last_lines(log: Path, count: int = 12) -> str:
    return "\n".join(line[:300] for line in log.read_text(errors="replace").splitlines()[-count:])


def announce() -> None:
    """Print where the site is and how to sign in: as the demo's people, or by setting it up."""
    _say("\n" + gettext("Dianwei is running at %(address)s") % {"address": settings.BASE_URL})
    sign_ins = settings.DATA_DIR / "sign-ins.txt"
    if sign_ins.exists():
        _say(sign_ins.read_text().rstrip())
    if not is_set_up():
        _say(gettext("Set it up here, once: %(link)s") % {"link": setup_link()})
    _say(gettext("Logs are in %(folder)s. Ctrl-C stops it.") % {"folder": logbook("web").parent} + "\n")


def _answers(host: str, port: int) -> bool:
    address = "localhost" if ipaddress.ip_address(host).is_unspecified else host
    name = next((name for name in settings.ALLOWED_HOSTS if "*" not in name and not name.startswith(".")), "localhost")
    connection = http.client.HTTPConnection(address, port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _stop_all(running: dict[str, "subprocess.Popen[bytes]"]) -> None:
    """End every process, all at once, waiting for a task in progress; a second Ctrl-C waits no more."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for child in running.values():
        if child.poll() is None:
            child.terminate()
    give_up = time.monotonic() + PATIENCE
    for child in running.values():
        children.stop(child, patience=max(0.0, give_up - time.monotonic()))


def _reason(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise StopRequest


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def worker_counts() -> tuple[int, int]:
    """Return how many web and task processes suit this machine: one task process more than large imports may take."""
    processors = os.cpu_count() or 1
    return max(2, processors), max(settings.IMPORTS_AT_ONCE + 1, processors)
