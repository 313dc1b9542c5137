"""How a table is written down: marks before the header, separator, headings; and the same as plain CSV (IX-06b)."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from intake.reading.annotated import AnnotatedWriter
from intake.reading.lines import CSV_LIMIT, Record, Records, TooBrokenError, open_text, printable
from intake.reading.stopping import heed

SEPARATORS = (",", "\t", ";", "|")
_MARK = "\ufeff"
_SEPARATOR_LINE = "sep="
_SAMPLE = 2**16
# Rows looked at to tell a table from a note.
_FIRST_ROWS = 20
_GLANCE = 1_000
# Cells of a row that is no line of prose with a comma in it.
_WIDE = 4
_LARGEST_SAMPLE = 8 * 2**20


@dataclass(frozen=True)
class Table:
    """A table as UTF-8 text: its file, its sheet ('' where there are none), where it stands. ``before``: characters
    before the header (marks, a line that names the separator); ``is_filled``: whether a row of cells follows it;
    ``first``: the first rows below the headings; ``skipped``: rows above them; ``is_quoted``: quotes enclose cells."""

    file: str
    sheet: str
    path: Path
    by_record: bool
    encoding: str = ""
    separator: str = ","
    before: str = ""
    headings: tuple[str, ...] = ()
    is_filled: bool = False
    first: tuple[tuple[str, ...], ...] = ()
    skipped: int = 0
    is_quoted: bool = True

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.file} · {self.sheet}" if self.sheet else self.file

    @property
    def is_plain(self) -> bool:
        """Whether it can be read without knowing how it is written down."""
        return self.separator == "," and not self.before

    @property
    def is_table(self) -> bool:
        """Whether it looks like data: several headings and rows below them."""
        return self.is_filled and (_width_of(self.headings) > 1 or self._is_titled)

    @property
    def _is_titled(self) -> bool:
        """Whether rows as wide as data follow a title."""
        return sum(_width_of(row) >= _WIDE for row in self.first) > 1

    def below(self, count: int) -> "Table":
        """The same table with its headings ``count`` rows further down, below a title or notes."""
        if not count:
            return self
        rest = self.first[count:]
        is_filled = any(sum(map(bool, cells)) > 1 for cells in rest)
        return replace(self, headings=self.first[count - 1], first=rest, skipped=count, is_filled=is_filled)

    def write_sample(self, target: Path, most: int) -> None:
        """Write the first rows, headings and what stands above them included, as plain CSV."""
        target.parent.mkdir(parents=True, exist_ok=True)
        left = _LARGEST_SAMPLE
        with target.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            records = _records(self.path, self.before, self.separator, self.by_record, self.is_quoted)
            for _line, cells, _bad in islice(records, most):
                left -= sum(map(len, cells))
                if left < 0:
                    return
                writer.writerow(map(printable, cells))

    def rows(self) -> Iterator[Record]:
        """The rows below the header."""
        lines = 0 if self.by_record else self.before.count("\n")
        records = _records(self.path, self.before, self.separator, self.by_record, self.is_quoted)
        records = islice(records, 1 + self.skipped, None)
        for number, (line, cells, bad) in enumerate(records, 1):
            if number % _GLANCE == 0:
                heed(_GLANCE)
            yield line + lines, cells, bad


def _width_of(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _records(path: Path, before: str, separator: str, by_record: bool, is_quoted: bool = True) -> Iterator[Record]:
    with open_text(path) as stream:
        stream.read(len(before))
        yield from Records(stream, by_record=by_record, separator=separator, is_quoted=is_quoted)


def look_at(path: Path, *, file: str, sheet: str = "", by_record: bool = False, encoding: str = "") -> Table:
    """A table as its first lines show it."""
    with open_text(path) as stream:
        head = stream.read(_SAMPLE)
    before, separator = _before(head)
    separator = separator or _separator_of(head[len(before) :])
    headings, is_filled, first_rows = _first_rows(path, before, separator, by_record)
    return Table(file, sheet, path, by_record, encoding, separator, before, headings, is_filled, first_rows)


def _before(head: str) -> tuple[str, str]:
    """Marks and a line ``sep=;`` before the header, and the separator that it names."""
    marks = head[: len(head) - len(head.lstrip(_MARK))]
    line = head[len(marks) :].splitlines(keepends=True)[:1]
    said = line[0].strip('"\r\n ').lower() if line else ""
    if not said.startswith(_SEPARATOR_LINE) or len(said) > len(_SEPARATOR_LINE) + 1:
        return marks, ""
    named = line[0].strip('"\r\n')[len(_SEPARATOR_LINE) :][:1]
    return marks + line[0], named if named in SEPARATORS else ""


def _separator_of(head: str) -> str:
    """The separator that cuts the header into most cells."""
    return max(SEPARATORS, key=lambda separator: _width(head, separator))


def _width(head: str, separator: str) -> int:
    csv.field_size_limit(CSV_LIMIT)
    try:
        return len(next(filter(any, csv.reader(io.StringIO(head, newline=""), delimiter=separator)), []))
    except csv.Error:
        return 0


def _first_rows(
    path: Path, before: str, separator: str, by_record: bool
) -> tuple[tuple[str, ...], bool, tuple[tuple[str, ...], ...]]:
    """The headings, whether a row of cells follows them, and the rows that do."""
    try:
        first = list(islice(_records(path, before, separator, by_record), 1 + _FIRST_ROWS))
    except TooBrokenError:
        return (), False, ()
    if not first or first[0][2] is not None:
        return (), bool(first), ()
    rows = tuple(tuple(cells) for _line, cells, _bad in first[1:])
    return tuple(first[0][1]), any(sum(map(bool, cells)) > 1 for cells in rows), rows


def write_plain(table: Table, header: Sequence[str], target: Path) -> Path:
    """The table as an annotated canonical file under these headings."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        writer = AnnotatedWriter(stream, header)
        for line, cells, bad in table.rows():
            writer.write_cells(line, cells, bad)
    return target
