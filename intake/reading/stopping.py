"""A wish to stop that reaches into reading: unpacking, converting and looking through a file take minutes (IX-07)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_asked: ContextVar[Callable[[], None] | None] = ContextVar("intake_asked", default=None)


@contextmanager
def stopping(ask: Callable[[], None]) -> Iterator[None]:
    """Have `heed` call ``ask``, which raises when the work is to stop."""
    token = _asked.set(ask)
    try:
        yield
    finally:
        _asked.reset(token)


def heed() -> None:
    """Stop here if that is wished; called between pieces of work that take a fraction of a second."""
    ask = _asked.get()
    if ask is not None:
        ask()
