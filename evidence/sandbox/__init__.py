"""Runs tasks of `evidence.inspection` on files of strangers, each in a process that can do nothing else (RL-09).

The process gets the file on its standard input and answers on its standard output, a temporary file. It has limits
of processor time, memory, output and open files; it can open no connection, start no program and reach no file but
those of Python, fonts and text recognition; after 10 seconds it is killed. It knows no settings and no secrets.

    facts = sandbox.run("pdf.accept", path, max_pages=100)
    picture = sandbox.draw("pdf.preview", path, page=1, width=1200)
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from evidence.inspection import RefusedContentError
from evidence.sandbox.answers import BYTES, ERROR, JSON, REFUSED

SECONDS = 10
_PROJECT = Path(__file__).resolve().parents[2]
# Settings of text recognition; nothing else of our environment is the child's business.
_PASSED_ON = ("TESSDATA_PREFIX",)
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1", "MALLOC_ARENA_MAX": "2"}


class SandboxError(Exception):
    """A task that died, ran into a limit or answered nonsense; the content is as good as unreadable."""


def run(task: str, path: Path, **parameters: Any) -> dict[str, Any]:
    """What a task, named ``module.function``, finds in a file.

    Raises RefusedContentError where the task refuses the content, SandboxError where it dies.
    """
    answer = _answer_of(task, path, parameters)
    if not isinstance(answer, dict):
        raise SandboxError(f"{task}: no facts")
    return answer


def draw(task: str, path: Path, **parameters: Any) -> bytes:
    """The picture that a task makes of a file; raises as `run` does."""
    answer = _answer_of(task, path, parameters)
    if not isinstance(answer, bytes):
        raise SandboxError(f"{task}: no picture")
    return answer


def _answer_of(task: str, path: Path, parameters: dict[str, Any]) -> Any:
    with path.open("rb") as content, tempfile.TemporaryFile() as out:
        command = [sys.executable, "-m", "evidence.sandbox.child", task, json.dumps(parameters), str(os.getpid())]
        environment = _ENVIRONMENT | {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        process = subprocess.Popen(
            command,
            stdin=content,
            stdout=out,
            stderr=subprocess.DEVNULL,
            cwd=_PROJECT,
            env=environment,
            start_new_session=True,
        )
        try:
            status = process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise SandboxError(f"{task}: took longer than {SECONDS} s") from error
        finally:
            _end(process)
        out.seek(0)
        return _read(task, status, out.read())


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(task: str, status: int, answer: bytes) -> Any:
    kind, body = answer[:1], answer[1:]
    if status != 0 or kind not in (JSON, BYTES, REFUSED, ERROR):
        raise SandboxError(f"{task}: ended with status {status}")
    if kind == BYTES:
        return body
    try:
        said = json.loads(body)
    except ValueError as error:
        raise SandboxError(f"{task}: answered nonsense") from error
    if kind == REFUSED:
        raise RefusedContentError(str(said["code"]), **said["params"])
    if kind == ERROR:
        raise SandboxError(f"{task}: {said}")
    return said
