"""Tasks that misbehave on purpose, for a real worker: `celery --app tests.config.worker_tasks worker`."""

import os
import signal
from pathlib import Path

from config.celery import app

__all__ = ["app"]


@app.task(name="tests.note")
def note(path: str, line: str) -> None:
    with Path(path).open("a") as stream:
        stream.write(f"{line}\n")


@app.task(name="tests.die_once")
def die_once(path: str) -> None:
    """Kill the process that runs it, the first time."""
    first = not Path(path).exists()
    note(path, "started")
    if first:
        os.kill(os.getpid(), signal.SIGKILL)
    note(path, "finished")
