"""What the sandbox keeps from the code in it: each attempt says whether it was refused."""

import os
import socket
import tempfile
from collections.abc import Callable

_FAR_TOO_MUCH = 600 * 2**20


def attempt(content: bytes, *, secret: str) -> dict[str, bool]:
    """Try what no inspection needs; True where it was refused. ``secret``: a file that can be read outside."""
    return {name: _is_refused(act) for name, act in _acts(secret).items()}


def spin(content: bytes) -> None:
    """Never end."""
    while True:
        pass


def crash(content: bytes) -> None:
    """Die as a native library does when it runs out of memory."""
    os.abort()


def _acts(secret: str) -> dict[str, Callable[[], object]]:
    return {
        "network": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        "processes": _fork,
        "programs": _execute,
        "reading": lambda: open(secret, "rb").close(),
        "writing": lambda: tempfile.TemporaryFile(),
        "memory": lambda: bytearray(_FAR_TOO_MUCH),
    }


def _is_refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except (OSError, MemoryError):
        return True
    return False


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _execute() -> None:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
