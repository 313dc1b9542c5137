"""Canonical files that a profile wrote: each row carries the line of its original, why it can't be taken, and, behind
the canonical cells, the original ones, so that a report can show them (IX-04)."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from intake.reading.lines import BadRow

# Columns before the canonical ones.
LINE, REFUSED = "_line", "_refused"
EXTRA = (LINE, REFUSED)
# What the headings of original cells begin with.
ORIGINAL = "original: "


class AnnotatedWriter:
    """Writes such a file."""

    def __init__(self, stream: TextIO, columns: Sequence[str], originals: Sequence[str] = ()) -> None:
        self._writer = csv.writer(stream)
        self._columns = columns
        self._blanks = [""] * len(originals)
        self._writer.writerow([*EXTRA, *columns, *map(_marked, _apart(originals))])

    def write(self, line: int, row: dict[str, str], bad: BadRow | None, original: Iterable[str] = ()) -> None:
        """One row; ``bad`` says why it is rejected; ``original``: the cells that it is made of."""
        fitted = [*original, *self._blanks][: len(self._blanks)]
        self.write_cells(line, [*(row.get(column, "") for column in self._columns), *fitted], bad)

    def write_cells(self, line: int, cells: Sequence[str], bad: BadRow | None) -> None:
        """One row by its cells."""
        said = "" if bad is None else json.dumps([bad.column, bad.value, bad.reason])
        self._writer.writerow([str(line), said, *cells])


def _marked(heading: str) -> str:
    return ORIGINAL + heading


def _apart(headings: Sequence[str]) -> Iterator[str]:
    """Headings of which no two are alike, whatever their case, and none is empty."""
    seen: set[str] = set()
    for place, heading in enumerate(headings, 1):
        heading = heading.strip() or f"({place})"
        yield heading if heading.lower() not in seen else f"{heading} ({place})"
        seen.add(heading.lower())


def read_annotations(cells: Sequence[str]) -> tuple[int, BadRow | None]:
    """The original's line and why the row is rejected, from a row's first cells."""
    return int(cells[0]), BadRow(*json.loads(cells[1])) if cells[1] else None
