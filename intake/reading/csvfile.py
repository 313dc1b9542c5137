"""One canonical CSV file: checked as a whole first, then read row by row (IX-01, IX-04)."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from core.identifiers import canonical
from intake.canonical import FileSpec
from intake.reading.annotated import EXTRA, ORIGINAL, read_annotations
from intake.reading.lines import (
    CSV_LIMIT,
    BadRow,
    Chunks,
    Parser,
    Part,
    Records,
    TooBrokenError,
    open_text,
)
from intake.reading.neutral import restored
from intake.reading.stopping import heed

# What an error CSV has beside the original columns; ours to ignore when it is imported again.
REPORT_COLUMNS = ("file", "line", "column", "value", "reason", "refused_value")
_LARGEST_BITS = 2**29
_SMALLEST_BITS = 2**16
_BITS_PER_ROW = 64
_SHORTEST_ROW = 16
# What a reading of a file keeps is bounded, whatever the file holds (RL-18).
MOST_COLUMNS = 512
MOST_SUSPECTS = 1_000_000
MOST_STORES = 250_000
# A line that begins so may have nothing in it.
_NO_ROWS = frozenset(",\r\n")
# What numbers in spreadsheet dress have, and others seldom.
_DRESSES = ("'", '"', "#", "=", " ", ".0")


class RejectedFileError(ValueError):
    """A file that can't be read as what its name says; the message says why and what to do."""


@dataclass
class Scan:
    """What a first reading of a file finds: rows, keys that may occur twice, stores named, columns nobody knows."""

    rows: int = 0
    suspects: set[int] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)
    ignored: list[str] = field(default_factory=list)


class Watch(Protocol):
    """Looks at some columns of all rows while a file is scanned."""

    columns: tuple[str, ...]

    def see(self, rows: Sequence[Sequence[str]], places: Sequence[int]) -> None:
        """The next rows without a fault, and where the columns stand in them; -1 for those that the file lacks."""


class CsvSource:
    """The rows of one file. ``by_record``: lines are counted by record (rows of a sheet), not by physical line;
    ``annotated``: a profile wrote it, see `intake.reading.annotated`."""

    def __init__(
        self, path: Path, spec: FileSpec, label: str, *, by_record: bool = False, annotated: bool = False
    ) -> None:
        self.path = path
        self.spec = spec
        self.label = label
        self.by_record = by_record
        self.annotated = annotated
        self.header: list[str] = []
        self.columns: dict[str, int] = {}
        self.is_report = False

    def scan(self, watch: "Watch | None" = None) -> Scan:
        """Read the file once without converting anything; raises RejectedFileError when it can't be taken at all."""
        found = Scan()
        found.ignored = self._read_header()
        places = self.key_places()
        store = self.columns.get("store_no", -1) if self.spec.per_store else -1
        watched = [self.columns.get(name, -1) for name in watch.columns] if watch else []
        bits = _bits_for(self.path.stat().st_size)
        marks, mask = bytearray(bits // 8), bits - 1
        for part in self._parts(self._first_cells(max(*places, store, *watched))):
            heed(len(part))
            found.rows += len(part)
            rows = part.good_rows()
            if watch:
                watch.see(rows, watched)
            for hashed in raw_keys(rows, places):
                place = hashed & mask
                if marks[place >> 3] & (1 << (place & 7)):
                    found.suspects.add(hashed)
                else:
                    marks[place >> 3] |= 1 << (place & 7)
            if store >= 0:
                found.stores.update(map(str.strip, {cells[store] for cells in rows}))
            _reject_excess(found)
        found.stores = set(map(canonical, found.stores)) - {""}
        return found

    def chunks(self) -> Chunks:
        """The rows, as wide as the header, with what is wrong with them."""
        if not self.header:
            self._read_header()
        return Chunks(self._parts())

    def _parts(self, first_cells: Parser | None = None) -> Iterator[Part]:
        """The rows; with ``first_cells`` only the cells that it reads, wherever it can."""
        parsers = () if first_cells is None or self.annotated or self.is_report else (first_cells,)
        with open_text(self.path) as stream:
            try:
                parts = Records(stream, by_record=self.by_record, parsers=parsers).parts()
                for number, part in enumerate(parts):
                    if number == 0:
                        _header, part = part.split(1)
                    if part.rows:
                        yield part if part.is_short else self._fitted(part)
            except TooBrokenError as error:
                raise RejectedFileError(str(error)) from error

    def _first_cells(self, last: int) -> Parser:
        """A parser of the cells up to the ``last`` in lines without quotes, each a row of the header's width."""
        commas = len(self.header) - 1

        def parse(block: list[str]) -> Part | None:
            if max(map(len, block)) > CSV_LIMIT or '"' in "".join(block):
                return None
            if {line.count(",") for line in block} != {commas} or not _NO_ROWS.isdisjoint([line[0] for line in block]):
                return None
            return Part(range(len(block)), [line.split(",", last + 1) for line in block], is_short=True)

        return parse

    def _fitted(self, part: Part) -> Part:
        """The rows in the header's width, without annotations and the marks of error files."""
        width = len(self.header)
        if self.annotated:
            part = _without_annotations(part)
        for position, cells in enumerate(part.rows) if set(map(len, part.rows)) != {width} else ():
            if len(cells) != width and position not in part.bad:
                part.rows[position], bad = _fitted(cells, width)
                if bad is not None:
                    part.bad[position] = bad
        if self.is_report:
            part.rows = [list(map(restored, cells)) for cells in part.rows]
        return part

    def key_places(self) -> list[int]:
        """Where the key's columns stand; -1 for those the file does not have."""
        return [self.columns.get(name, -1) for name in self.spec.key]

    def _read_header(self) -> list[str]:
        with open_text(self.path) as stream:
            try:
                _line, cells, bad = next(iter(Records(stream)), (0, [], None))
            except TooBrokenError as error:
                raise RejectedFileError(str(error)) from error
        if bad is not None:
            raise RejectedFileError(_("the header can't be read: %(reason)s") % {"reason": bad.reason})
        if not cells:
            raise RejectedFileError(_("is empty: its first line must name the columns"))
        if len(cells) > MOST_COLUMNS:
            raise RejectedFileError(_("has more than %(count)s columns") % {"count": MOST_COLUMNS})
        named = cells[len(EXTRA) :] if self.annotated else cells
        header = [restored(cell.strip()).lower() for cell in named]
        self._reject_header(header)
        known = self.spec.by_name
        self.header = [_bare(name, header, known) for name in header]
        self.columns = {name: place for place, name in enumerate(header) if name in known}
        self.is_report = {"file", "line", "column", "reason"} <= set(header)
        if self.is_report:
            # It was said of the file that it reports on.
            return []
        return [name for name in header if name and name not in known and not name.startswith(ORIGINAL)]

    def _reject_header(self, header: list[str]) -> None:
        times = Counter(filter(None, header))
        twice = min((name for name, number in times.items() if number > 1), default=None)
        if twice:
            raise RejectedFileError(_("the header has the column %(name)s twice") % {"name": twice})
        missing = [name for name in self.spec.required if name not in times]
        if missing:
            raise RejectedFileError(
                _("the column %(name)s is missing; it must have: %(all)s")
                % {"name": ", ".join(missing), "all": ", ".join(self.spec.required)}
            )


def _bare(name: str, header: Sequence[str], known: Container[str]) -> str:
    """A heading as the report shows it: that of an original cell as it was, unless it could be taken for another one
    when the report comes in again."""
    bare = name.removeprefix(ORIGINAL)
    is_clear = bare.isascii() and bare.isidentifier() and bare not in known and bare not in REPORT_COLUMNS
    return bare if is_clear and bare not in header else name


def _reject_excess(found: Scan) -> None:
    if len(found.suspects) > MOST_SUSPECTS:
        raise RejectedFileError(
            _("more than %(count)s rows repeat a key: is it the right file?") % {"count": MOST_SUSPECTS}
        )
    if len(found.stores) > MOST_STORES:
        raise RejectedFileError(_("names more than %(count)s stores: import it in parts") % {"count": MOST_STORES})


def raw_keys(rows: Sequence[Sequence[str]], places: Sequence[int]) -> list[int]:
    """Hashes of the keys' cells, whatever dress numbers stand in."""
    columns = [[cells[place] for cells in rows] if place >= 0 else [""] * len(rows) for place in places]
    return list(map(hash, zip(*map(_undressed, columns), strict=True)))


def _undressed(column: list[str]) -> list[str]:
    joined = "".join(column)
    if joined.isascii() and joined.isprintable() and not any(mark in joined for mark in _DRESSES):
        return column
    return [canonical(cell.strip()) for cell in column]


def _without_annotations(part: Part) -> Part:
    read = [read_annotations(cells) for cells in part.rows]
    bad = {position: why for position, (_line, why) in enumerate(read) if why is not None}
    return Part([line for line, _why in read], [cells[len(EXTRA) :] for cells in part.rows], part.bad | bad)


def _fitted(cells: list[str], width: int) -> tuple[list[str], BadRow | None]:
    """The row in the header's width: empty cells beyond it are dropped, any other difference is rejected."""
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width], None
    reason = _("the row has %(cells)s cells where the header has %(columns)s") % {"cells": len(cells), "columns": width}
    return (cells + [""] * width)[:width], BadRow("", ",".join(cells)[:200], reason)


def _bits_for(size: int) -> int:
    wanted = size // _SHORTEST_ROW * _BITS_PER_ROW
    return min(max(1 << wanted.bit_length(), _SMALLEST_BITS), _LARGEST_BITS)
