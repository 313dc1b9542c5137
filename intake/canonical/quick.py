"""Whole columns of cells at once (IX-02): what most cells look like, read without a step of Python for each check.

Every function gives exactly what `intake.canonical.cells` gives cell by cell, or raises OddCellError, and then the
cells are read one by one: a short way for good cells, never another meaning.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from intake.canonical.instants import FIRST_INSTANT, LAST_INSTANT

# Readings of different texts that are remembered, per column.
REMEMBERED = 2**15
_ENDS = {"Z", ""}
_SIGNS = {"+", "-"}
_WIDTH = len("2024-05-01T10:00:00Z")
_LONG = len("2024-05-01T10+08:00")
_MARKS = {"T", " ", ""}
_DRESSES = ("'", '"', "#", "=", "*", "^")
# Cells are looked at in one text, in which a bar stands before each: what begins with it is found fast.
_EXPONENT = re.compile(r"\|[+-]?[0-9]{1,3}(?:[.,][0-9]*)?[eE][+-]?[0-9]{1,4}(?=\||$)")
_FLOAT = re.compile(r"\.0+(?=\||$)")
_GROUPED = re.compile(r"\|[0-9]{1,3},[0-9]{3},")
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


def number_column(raw: Sequence[str], fill: Any, longest: int, words: frozenset[str]) -> list[Any]:
    """Identifiers in their canonical form: printable ASCII without a blank."""
    return _plain_column(raw, fill, longest, words, blanks=" ")


def code_column(raw: Sequence[str], fill: Any, longest: int, words: frozenset[str]) -> list[Any]:
    """Codes in their canonical form: printable ASCII, single blanks between words."""
    return _plain_column(raw, fill, longest, words, blanks="  ")


def _plain_column(raw: Sequence[str], fill: Any, longest: int, words: frozenset[str], *, blanks: str) -> list[Any]:
    joined = "|" + "|".join(raw)
    if not joined.isascii() or not joined.isprintable() or max(map(len, raw), default=0) > longest:
        raise OddCellError
    # Of all blanks only the space is printable ASCII.
    if " " in joined:
        raw = list(map(str.strip, raw))
        joined = "|" + "|".join(raw)
    if blanks in joined or any(map(joined.__contains__, _DRESSES)) or _looks_damaged(joined):
        raise OddCellError
    if not words.isdisjoint(raw):
        raise OddCellError
    return [text or fill for text in raw] if "" in raw else list(raw)


def _looks_damaged(joined: str) -> bool:
    if ("e" in joined or "E" in joined) and _EXPONENT.search(joined):
        return True
    if ".0" in joined and _FLOAT.search(joined):
        return True
    return "," in joined and _GROUPED.search(joined) is not None


def text_column(raw: Sequence[str], fill: Any, longest: int, words: frozenset[str]) -> list[Any]:
    """Free text: anything that UTF-8 can hold but NUL."""
    joined = "".join(raw)
    if "\x00" in joined or max(map(len, raw), default=0) > longest:
        raise OddCellError
    try:
        joined.encode()
    except UnicodeEncodeError:
        raise OddCellError from None
    values = list(map(str.strip, raw))
    if not words.isdisjoint(values):
        raise OddCellError
    return [text or fill for text in values]


def instant_column(raw: Sequence[str], fill: Any) -> list[Any]:
    """Instants that end with Z or an offset of hours and minutes."""
    if not _all_in_utc(raw) and not _all_with_offset(raw):
        raise OddCellError
    try:
        values = [int(_from_iso(text).timestamp()) if text else fill for text in raw]
    except ValueError:
        raise OddCellError from None
    given = [value for value in values if value is not None] if "" in raw else values
    if given and not (min(given) >= FIRST_INSTANT and max(given) <= LAST_INSTANT):
        raise OddCellError
    return values


def _all_in_utc(raw: Sequence[str]) -> bool:
    """Whether all are written as most are, 2024-05-01T10:00:00Z: then their signs stand at the same places."""
    if not set(map(len, raw)) <= {0, _WIDTH}:
        return False
    joined = "".join(raw)
    return set(joined[10::_WIDTH]) <= _MARKS and set(joined[_WIDTH - 1 :: _WIDTH]) <= _ENDS


def _all_with_offset(raw: Sequence[str]) -> bool:
    # Python takes any sign between day and time, digits too.
    return {text[10:11] for text in raw} <= _MARKS and all(map(_has_offset, raw))


def _has_offset(text: str) -> bool:
    if not text or text[-1] == "Z":
        return True
    # A sign may also stand between day and time: what looks like an offset is then the time.
    return len(text) >= _LONG and text[-6] in _SIGNS and text[-3] == ":"
