"""Records of a CSV file, with recovery: one broken record costs itself, not the rows after it."""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from django.utils.translation import gettext as _

T = TypeVar("T")
LONGEST_LINE = 8 * 2**20
MOST_BROKEN = 1000
CSV_LIMIT = 131_072
# How quotes are read: as marks round a cell.
_QUOTED: Literal[0] = csv.QUOTE_MINIMAL
# Characters read at once.
BLOCK = 2**20
# Blocks of a chunk of rows: common rows come to a few, rows of the longest cells to more than memory holds.
MOST_PARTS = 32
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a record can't be a row: the column it concerns (or none), the value, the reason."""

    column: str
    value: str
    reason: str


class TooBrokenError(ValueError):
    """So many records are broken that the file is not a CSV file as meant."""


@dataclass(slots=True)
class Part:
    """Records one after the other: their line numbers, their cells (``is_short``: only the first of them), and by
    position what is wrong with them."""

    lines: Sequence[int]
    rows: list[list[str]]
    bad: dict[int, BadRow] = field(default_factory=dict)
    is_short: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def good_rows(self) -> Sequence[list[str]]:
        """The cells of the records with nothing wrong."""
        return self.good(self.rows)

    def good(self, items: Sequence[T]) -> Sequence[T]:
        """Of something for each record, that of those with nothing wrong."""
        if not self.bad:
            return items
        return [item for position, item in enumerate(items) if position not in self.bad]

    def split(self, place: int) -> tuple["Part", "Part"]:
        """The records before a position, and the others."""
        before = {position: bad for position, bad in self.bad.items() if position < place}
        after = {position - place: bad for position, bad in self.bad.items() if position >= place}
        return (
            Part(self.lines[:place], self.rows[:place], before, self.is_short),
            Part(self.lines[place:], self.rows[place:], after, self.is_short),
        )


Record = tuple[int, list[str], BadRow | None]
# A block's lines → its records, their lines counted from 0; None where it can't read them.
Parser = Callable[[list[str]], Part | None]


class Lines:
    """The physical lines of a stream, counted; read in blocks, and given one by one or by block. They can be given
    back."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream
        self._waiting: deque[str] = deque()
        self._unfinished = ""
        self._ended = False
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self._waiting:
            self._read()
        if not self._waiting:
            raise StopIteration
        line = self._waiting.popleft()
        self.number += 1
        self.record.append(line)
        return line

    @property
    def is_between_blocks(self) -> bool:
        """Whether every line that was read was given."""
        return not self._waiting

    def block(self) -> list[str]:
        """The lines that wait, else the next block; none at the end. They are not counted."""
        if not self._waiting:
            self._read()
        lines = list(self._waiting)
        self._waiting.clear()
        return lines

    def give_back(self, lines: Sequence[str]) -> None:
        """Return a block."""
        self._waiting.extendleft(reversed(lines))

    def give_back_all_but_one(self) -> str:
        """Return the lines of the present record except its first, which is the result."""
        rest = self.record[1:]
        self.give_back(rest)
        self.number -= len(rest)
        return self.record[0]

    def _read(self) -> None:
        while not self._waiting and not self._ended:
            text = self._stream.read(BLOCK)
            self._ended = not text
            lines = io.StringIO(self._unfinished + text, newline="").readlines()
            if len(self._unfinished) + len(text) > LONGEST_LINE:
                lines = [piece for line in lines for piece in _cut(line)]
            # A line that ends in CR may go on with LF.
            is_finished = self._ended or not lines or lines[-1].endswith("\n")
            self._unfinished = "" if is_finished else lines.pop()
            self._waiting.extend(lines)


def _cut(line: str) -> Iterator[str]:
    for start in range(0, len(line), LONGEST_LINE):
        yield line[start : start + LONGEST_LINE]


def open_text(path: Path) -> io.TextIOWrapper:
    """The file as UTF-8 text without a BOM; bytes that are not UTF-8 become lone surrogates, which cells reject."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def printable(text: str) -> str:
    """A cell as pages and JSON can hold it: bytes that are no UTF-8, and NUL, become U+FFFD, which cells reject too."""
    return _UNPRINTABLE.sub("\ufffd", text)


class Records:
    """The records of a CSV file; blank ones are left out. Lines are counted by record (``by_record``) or as they are.

    A record with a broken quote or an endless cell is rejected alone: reading goes on with the line after its first.
    Raises TooBrokenError after MOST_BROKEN such records. ``parsers`` are tried on every block before it is read record
    by record. ``is_quoted``: quotes enclose cells; else they are characters like any other.
    """

    def __init__(
        self,
        stream: io.TextIOBase,
        *,
        by_record: bool = False,
        parsers: Sequence[Parser] = (),
        separator: str = ",",
        is_quoted: bool = True,
    ) -> None:
        csv.field_size_limit(CSV_LIMIT)
        self._lines = Lines(stream)
        quoting: Literal[0, 3] = _QUOTED if is_quoted else csv.QUOTE_NONE
        self._reader = csv.reader(self._lines, strict=True, delimiter=separator, quoting=quoting)
        self._by_record = by_record
        self._parsers: tuple[Parser, ...] = (*parsers, partial(parse_block, separator=separator, quoting=quoting))
        self._records = self._broken = 0

    def __iter__(self) -> Iterator[Record]:
        for part in self.parts():
            for position, (line, cells) in enumerate(zip(part.lines, part.rows, strict=True)):
                yield line, cells, part.bad.get(position)

    def parts(self) -> Iterator[Part]:
        """The records, many at once."""
        while block := self._lines.block():
            part = self._at_once(block)
            if part is None:
                self._lines.give_back(block)
                part = self._one_by_one()
            if part.rows:
                yield part

    def _at_once(self, block: list[str]) -> Part | None:
        parsed = (parse(block) for parse in self._parsers)
        part = next((found for found in parsed if found is not None), None)
        if part is None:
            return None
        first, rows = self._lines.number + 1, part.rows
        lines: Sequence[int] = range(self._records + 1, self._records + 1 + len(rows))
        part.lines = lines if self._by_record else [first + line for line in part.lines]
        self._lines.number += len(block)
        self._records += len(rows)
        if not all(map(any, rows)):
            kept = [position for position, cells in enumerate(rows) if any(cells)]
            return Part([part.lines[position] for position in kept], [rows[position] for position in kept])
        return part

    def _one_by_one(self) -> Part:
        """Records up to where a block ends with one."""
        part, lines = Part([], []), self._lines
        numbers: list[int] = []
        while not lines.is_between_blocks:
            self._records += 1
            start = self._records if self._by_record else lines.number + 1
            lines.record.clear()
            try:
                cells = next(self._reader)
            except StopIteration:
                break
            except csv.Error as error:
                self._count_broken()
                first = lines.give_back_all_but_one()
                part.bad[len(numbers)] = BadRow("", first[:200].rstrip("\r\n"), _reason(error))
                part.rows.append(_cells_at_best(first))
                numbers.append(start)
                continue
            if any(cells):
                part.rows.append(cells)
                numbers.append(start)
        part.lines = numbers
        return part

    def _count_broken(self) -> None:
        self._broken += 1
        if self._broken > MOST_BROKEN:
            raise TooBrokenError(_("has broken quotes in more than %(count)s rows") % {"count": MOST_BROKEN})


def parse_block(block: list[str], separator: str = ",", quoting: Literal[0, 3] = _QUOTED) -> Part | None:
    """The records of lines that hold whole records without a fault."""
    reader = csv.reader(block, strict=True, delimiter=separator, quoting=quoting)
    starts, rows, passed = [], [], 0
    try:
        for cells in reader:
            starts.append(passed)
            rows.append(cells)
            passed = reader.line_num
    except csv.Error:
        return None
    return Part(starts, rows)


class Chunks:
    """Parts in pieces of the sizes asked for."""

    def __init__(self, parts: Iterator[Part]) -> None:
        self._parts = parts
        self._rest = Part([], [])
        self._taken = 0

    def take(self, size: int) -> Part:
        """The next records, ``size`` of them as long as there are so many; fewer where they are so long that they
        would need much memory together."""
        last = self._taken + MOST_PARTS
        lines: list[int] = []
        rows: list[list[str]] = []
        bad: dict[int, BadRow] = {}
        while len(rows) < size and self._taken < last:
            if not self._rest.rows and not self._refill():
                break
            taken, self._rest = self._rest.split(size - len(rows))
            bad.update({position + len(rows): why for position, why in taken.bad.items()})
            lines.extend(taken.lines)
            rows.extend(taken.rows)
        return Part(lines, rows, bad)

    def _refill(self) -> bool:
        self._rest = next(self._parts, Part([], []))
        self._taken += 1
        return bool(self._rest.rows)


def _cells_at_best(line: str) -> list[str]:
    try:
        return next(csv.reader([line[:CSV_LIMIT]]), [])
    except csv.Error:
        return []


def _reason(error: csv.Error) -> str:
    said = str(error)
    if "field larger than" in said:
        return _("a cell is longer than %(limit)s characters: perhaps a quote is not closed") % {"limit": CSV_LIMIT}
    if "unexpected end" in said:
        return _("a quote that is opened here is never closed")
    return _("a quote is not closed, or text follows a closing quote: write a quote inside a cell as two quotes")
