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
    """A thread that makes items until there are no more (None) or `stop` is called; at most one item waits."""

    def __init__(self, make: Callable[[], T | None]) -> None:
        self._make = make
        self._made: Queue[T | BaseException | None] = Queue(maxsize=1)
        self._stopped = threading.Event()
        # Reasons of rejections are translated, and the active language is per thread.
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
        """End the thread, even in the middle of an item."""
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
    """The results of ``make`` until it returns None, computed one item ahead. ``make`` must not use the database."""
    reader = _Reader(make)
    try:
        yield reader.items()
    finally:
        reader.stop()
