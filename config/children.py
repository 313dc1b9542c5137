"""Child processes that end with their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

_SET_PARENT_DEATH_SIGNAL = 1
# Loaded before any fork: between fork and exec nothing should allocate.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def start(command: Sequence[str], *, env: Mapping[str, str] | None = None, **options: Any) -> "subprocess.Popen[bytes]":
    """Start `command` in a process group of its own; on Linux even kill -9 of this process stops it.

    Its own group, so that Ctrl-C in a terminal reaches only us and the children stop in order.
    """
    return subprocess.Popen(
        command,
        env={**os.environ, **(env or {})},
        start_new_session=True,
        preexec_fn=_die_with_parent,
        **options,
    )


def stop(child: "subprocess.Popen[bytes]", *, patience: float, first: signal.Signals = signal.SIGTERM) -> None:
    """Ask `child` to end; after `patience` seconds kill its whole group."""
    if child.poll() is None:
        child.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(patience)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
