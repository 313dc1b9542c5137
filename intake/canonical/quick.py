"""Whole columns of cells at once (IX-02): what most cells look like, read without a step of Python for each check.

Every function gives exactly what `intake.canonical.cells` gives cell by cell, or raises OddCellError, and then the
cells are read one by one: a short way for good cells, never another meaning.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from intake.canonical.cells import FIRST_INSTANT, LAST_INSTANT

# Readings of different texts that are remembered, per column.
REMEMBERED = 2**15
_ENDS = {"Z", ""}
_SIGNS = {"+", "-"}
_LONG = len("2024-05-01T10+08:00")
_from_iso = datetime.fromisoformat


class OddCellError(ValueError):
    """A cell of the column needs a closer look."""


class Memory(dict[str, Any]):
    """What texts were read as, each looked at once; forgets all when it holds too many."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Any:
        value = self._read(text)
        if len(self) >= REMEMBERED:
            self.clear()
        self[text] = value
        return value


def plain_column(raw: Sequence[str], fill: Any, longest: int) -> list[Any]:
    """Identifiers: printable ASCII that no spreadsheet has damaged."""
    joined = "".join(raw)
    if not joined.isascii() or not joined.isprintable() or "E+" in joined or "e+" in joined:
        raise OddCellError
    if max(map(len, raw), default=0) > longest:
        raise OddCellError
    # Of all blanks only the space is printable ASCII.
    values: Sequence[str] = list(map(str.strip, raw)) if " " in joined else raw
    return [text or fill for text in values] if "" in values else list(values)


def text_column(raw: Sequence[str], fill: Any, longest: int) -> list[Any]:
    """Free text: anything that UTF-8 can hold but NUL."""
    joined = "".join(raw)
    if "\x00" in joined or max(map(len, raw), default=0) > longest:
        raise OddCellError
    try:
        joined.encode()
    except UnicodeEncodeError:
        raise OddCellError from None
    return [text.strip() or fill for text in raw]


def instant_column(raw: Sequence[str], fill: Any) -> list[Any]:
    """Instants that end with Z or an offset of hours and minutes."""
    if not {text[-1:] for text in raw} <= _ENDS and not all(map(_has_offset, raw)):
        raise OddCellError
    try:
        values = [int(_from_iso(text).timestamp()) if text else fill for text in raw]
    except ValueError:
        raise OddCellError from None
    given = [value for value in values if value] if "" in raw else values
    if given and not (min(given) >= FIRST_INSTANT and max(given) <= LAST_INSTANT):
        raise OddCellError
    return values


def _has_offset(text: str) -> bool:
    if not text or text[-1] == "Z":
        return True
    # A sign may also stand between day and time: what looks like an offset is then the time.
    return len(text) >= _LONG and text[-6] in _SIGNS and text[-3] == ":"
