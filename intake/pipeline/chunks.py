"""The number of rows per transaction, and retries (RL-07)."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection

from core.sql import dialect_of

T = TypeVar("T")
ROWS = {"postgresql": 20_000, "sqlite": 4_000}
# SQLite has one writer at a time and no queue: without a pause between chunks other writers would starve (RL-07).
PAUSE = {"postgresql": 0.0, "sqlite": 0.025}
ATTEMPTS = 6


def rows_per_chunk() -> int:
    """Rows in one transaction."""
    return ROWS[dialect_of(connection).name]


def pause() -> None:
    """Let other writers have a turn."""
    time.sleep(PAUSE[dialect_of(connection).name])


def repeated(act: Callable[[], T]) -> T:
    """Retry when the database was busy; not possible inside a larger transaction."""
    for attempt in range(ATTEMPTS):
        try:
            return act()
        except (IntegrityError, OperationalError):
            if connection.in_atomic_block or attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.05 * 2**attempt)
    raise AssertionError
