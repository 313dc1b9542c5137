"""A wish to stop that reaches into reading: unpacking, converting and looking through a file take minutes (IX-07)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Called with the rows read since the last call.
Ask = Callable[[int], None]
_asked: ContextVar[Ask | None] = ContextVar("intake_asked", default=None)


@contextmanager
def stopping(ask: Ask) -> Iterator[None]:
    """Have `heed` call ``ask``, which raises when the work is to stop."""
    token = _asked.set(ask)
    try:
        yield
    finally:
        _asked.reset(token)


def heed(rows: int = 0) -> None:
    """Stop here if that is wished, and tell how many rows were read; called between pieces of work that take a fraction
    of a second."""
    ask = _asked.get()
    if ask is not None:
        ask(rows)
