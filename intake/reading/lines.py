"""Records of a CSV file, with recovery: one broken record costs itself, not the rows after it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

LONGEST_LINE = 8 * 2**20
MOST_BROKEN = 1000
CSV_LIMIT = 131_072


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a record can't be a row: the column it concerns (or none), the value, the reason."""

    column: str
    value: str
    reason: str


class TooBrokenError(ValueError):
    """So many records are broken that the file is not a CSV file as meant."""


class Lines:
    """The physical lines of a stream, counted; lines can be given back."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream
        self._returned: list[str] = []
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.pop() if self._returned else self._stream.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        return line

    def give_back_all_but_one(self) -> str:
        """Return the lines of the present record except its first, which is the result."""
        rest = self.record[1:]
        self._returned.extend(reversed(rest))
        self.number -= len(rest)
        return self.record[0]


def open_text(path: Path) -> io.TextIOWrapper:
    """The file as UTF-8 text without a BOM; bytes that are not UTF-8 become lone surrogates, which cells refuse."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def read_records(lines: Lines, *, by_record: bool = False) -> Iterator[tuple[int, list[str], BadRow | None]]:
    """Records with the number of their first line, or their own (``by_record``); blank ones are left out.

    A record with a broken quote or an endless cell is refused alone: reading goes on with the line after its first.
    Raises TooBrokenError after MOST_BROKEN such records.
    """
    csv.field_size_limit(CSV_LIMIT)
    reader = csv.reader(lines, strict=True)
    broken = records = 0
    while True:
        records += 1
        start = records if by_record else lines.number + 1
        lines.record.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            broken += 1
            if broken > MOST_BROKEN:
                raise TooBrokenError(
                    _("has broken quotes in more than %(count)s rows") % {"count": MOST_BROKEN}
                ) from None
            first = lines.give_back_all_but_one()
            yield start, _cells_at_best(first), BadRow("", first[:200].rstrip("\r\n"), _reason(error))
            continue
        if any(cells):
            yield start, cells, None


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
