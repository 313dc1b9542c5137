"""Lists by ranges of time: all pages of a range as if read at once, and proof that the platform heeded the range."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intake.connectors.aliexpress import wire
from intake.connectors.aliexpress.values import certain_after, certain_before, first_of, moment_of, rows_of, whole_of
from intake.connectors.errors import TransientError, UnfilteredError

Json = Any
READINGS = 3
SHORTEST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` to ``end``, both in it."""

    start: datetime
    end: datetime

    def halves(self) -> tuple["Window", "Window"]:
        middle = (self.start + (self.end - self.start) / 2).replace(microsecond=0)
        return Window(self.start, middle), Window(middle, self.end)

    @property
    def is_divisible(self) -> bool:
        return self.end - self.start > SHORTEST

    def first(self, length: timedelta) -> "Window":
        return Window(self.start, min(self.start + length, self.end))

    def askable(self) -> "Window":
        """The same or more, without ends in the hours of autumn that local times name twice."""
        return Window(certain_before(self.start), certain_after(self.end))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its rows, and how many rows and pages the list has. ``goes_on``: it doesn't say, and this page
    is full."""

    rows: list[Json]
    total: int
    pages: int
    goes_on: bool = False


def page_of(content: Json, method: wire.Method, size: int) -> Page:
    """A page as answers give it."""
    rows = rows_of(first_of(content, method.rows))
    total = whole_of(first_of(content, "total_count", "total_item", "total"))
    pages = whole_of(first_of(content, "total_page", "total_pages")) or -(-total // size)
    return Page(rows, total, pages, goes_on=not total and len(rows) >= size)


def read_windows(window: Window, ask: Callable[[Window, int], Page]) -> Iterator[list[Json]]:
    """The rows of a window, in parts of it where it is large."""
    left = [window.askable()]
    while left:
        part = left.pop()
        rows = _read(part, ask)
        if rows is not None:
            yield rows
        elif part.is_divisible:
            left += reversed(part.halves())
        else:
            raise TransientError("the list changes while it is read")


def _read(window: Window, ask: Callable[[Window, int], Page]) -> list[Json] | None:
    """All pages, read again if rows came or went meanwhile, which moves others between pages; None: too many, or they
    never stood still."""
    for _reading in range(READINGS):
        first = ask(window, 1)
        if first.pages > wire.MOST_PAGES and window.is_divisible:
            return None
        rows, page, number = list(first.rows), first, 1
        while number < first.pages or page.goes_on:
            number += 1
            page = ask(window, number)
            if page.total != first.total:
                break
            rows += page.rows
        else:
            return rows
    return None


def check_heeded(rows: list[Json], window: Window, *paths: str) -> None:
    """Raises UnfilteredError where a row lies outside of what was asked: a filter that has no effect fails silently."""
    asked = window.askable()
    earliest, latest = asked.start - wire.TOLERANCE, asked.end + wire.TOLERANCE
    moments = [moment.at for row in rows if (moment := moment_of(first_of(row, *paths))) is not None]
    if moments and not (earliest <= min(moments) and max(moments) <= latest):
        raise UnfilteredError(f"{paths[0]}: asked {earliest} to {latest}, got {min(moments)} to {max(moments)}")
