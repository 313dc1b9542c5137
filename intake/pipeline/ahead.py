"""Reading ahead: while the database takes one chunk in, the next one is read and converted."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

from django.utils import translation

T = TypeVar("T")
_PATIENCE = 0.1


class _Reader(Generic[T]):
    """A thread that makes items until there are no more (None) or it is told to stop; one item waits at most."""

    def __init__(self, make: Callable[[], T | None]) -> None:
        self._make = make
        self._made: Queue[T | BaseException | None] = Queue(maxsize=1)
        self._stopped = threading.Event()
        # Reasons of rejections are words, and a thread has a language of its own.
        self._language = translation.get_language()
        self._thread = threading.Thread(target=self._run, name="intake-ahead", daemon=True)
        self._thread.start()

    def items(self) -> Iterator[T]:
        """The items in order; raises what making one raised."""
        while True:
            item = self._made.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                return
            yield item

    def stop(self) -> None:
        """End the thread, whatever it is at."""
        self._stopped.set()
        with suppress(Empty):
            self._made.get_nowait()
        self._thread.join()

    def _run(self) -> None:
        with translation.override(self._language):
            item: T | BaseException | None
            while not self._stopped.is_set():
                try:
                    item = self._make()
                except BaseException as error:
                    item = error
                self._hand_over(item)
                if item is None or isinstance(item, BaseException):
                    return

    def _hand_over(self, item: T | BaseException | None) -> None:
        while not self._stopped.is_set():
            try:
                self._made.put(item, timeout=_PATIENCE)
                return
            except Full:
                continue


@contextmanager
def read_ahead(make: Callable[[], T | None]) -> Iterator[Iterator[T]]:
    """What ``make`` makes until it makes None, one item ahead of its use. ``make`` must not use the database."""
    reader = _Reader(make)
    try:
        yield reader.items()
    finally:
        reader.stop()
