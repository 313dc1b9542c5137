"""A chunk of rows as columns of values, and the outcome of each row."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from intake.canonical import FileSpec, Reading
from intake.canonical.columns import ColumnReader
from intake.models import empty_counts
from intake.reading.lines import Part

# Beside the columns of a batch: the bits of those that a row doesn't name, which keep their values.
KEPT = "kept"
# Column and reason by position.
Reasons = dict[int, tuple[str, str]]


class Verdict(StrEnum):
    """The outcome of a row (IX-03, IX-04); of two rows with one key the earlier is the duplicate."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    OLDER = "older"
    WAITING = "waiting"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


# The names that reports count under; other programs rely on them (IX-04).
COUNTED = {verdict: verdict.value for verdict in Verdict} | {
    Verdict.REJECTED: "refused",
    Verdict.DUPLICATE: "duplicates",
}


@dataclass(slots=True)
class Rejection:
    """A rejected row: its place, the cell, the reason; ``cells`` are the original ones."""

    place: int
    line: int
    cells: Sequence[str]
    column: str
    value: str
    reason: str


@dataclass
class Batch:
    """Rows of one file with the same columns: ``values`` by column name, all lists of one length.

    Rows that are rejected or duplicates leave it. ``places`` says where those that are left stand among all that were
    read; ``verdicts`` holds by place what is not the same. ``emptied``: how many cells of a column said that there is
    nothing.
    """

    spec: FileSpec
    values: dict[str, list[Any]]
    size: int
    lines: Sequence[int] = ()
    cells: Sequence[Sequence[str]] = ()
    header: Sequence[str] = ()
    places: Sequence[int] = ()
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    rejected: list[Rejection] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    emptied: dict[str, int] = field(default_factory=dict)
    # By store number: the company that had it before, none where it is new.
    former_companies: dict[str, int | None] = field(default_factory=dict)
    # By currency: the earliest day whose rate came or changed.
    rates_since: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def of_values(cls, spec: FileSpec, values: dict[str, list[Any]], size: int) -> "Batch":
        """A batch of rows that were read before."""
        return cls(spec, values, size, [0] * size, [()] * size, (), range(size))

    def copy(self) -> "Batch":
        """A copy that can be imported without changing this batch."""
        return replace(
            self,
            values=dict(self.values),
            verdicts=dict(self.verdicts),
            rejected=list(self.rejected),
            duplicates=list(self.duplicates),
        )

    def column(self, name: str) -> list[Any]:
        """The values of a column; empty ones when the file does not have it."""
        return self.values.get(name) or [None] * len(self)

    def named(self, position: int) -> dict[str, Any]:
        """The values of the columns that a row names."""
        kept = self.values[KEPT][position] if KEPT in self.values else 0
        bits = self.spec.bits if kept else {}
        return {
            name: values[position]
            for name, values in self.values.items()
            if name != KEPT and not kept & bits.get(name, 0)
        }

    def keys(self) -> list[tuple[Any, ...]]:
        """The rows' keys (IX-03)."""
        return list(zip(*(self.column(name) for name in self.spec.key), strict=True))

    def counts(self) -> dict[str, int]:
        """How many rows there are of each verdict, under the names of reports."""
        found = Counter(self.verdicts.values())
        found[Verdict.SAME] = self.size - found.total()
        emptied = sum(self.emptied.values())
        return empty_counts() | {COUNTED[verdict]: found[verdict] for verdict in Verdict} | {"emptied": emptied}

    # ── Outcomes of rows ───────────────────────────────────────────────────────────────────────────────────────────

    def judge(self, verdict: Verdict, positions: Iterable[int]) -> None:
        """Record the verdict of the rows at these positions."""
        places = self.places
        self.verdicts.update((places[position], verdict) for position in positions)

    def reject(self, reasons: Reasons) -> None:
        """Remove the rows at these positions."""
        if reasons:
            self.note_rejected(reasons)
            self.keep([position for position in range(len(self)) if position not in reasons])

    def note_rejected(self, reasons: Reasons) -> None:
        """Record why rows are rejected, but keep them in the batch."""
        columns = {name: place for place, name in enumerate(self.header)}
        for position in sorted(reasons):
            column, reason = reasons[position]
            cells, place = self.cells[position], columns.get(column, -1)
            value = cells[place] if 0 <= place < len(cells) else ""
            self.rejected.append(Rejection(self.places[position], self.lines[position], cells, column, value, reason))
        self.judge(Verdict.REJECTED, reasons)

    def drop_duplicates(self) -> None:
        """Remove rows that later ones with the same key replace."""
        last = {key: position for position, key in enumerate(self.keys())}
        if len(last) == len(self):
            return
        kept = set(last.values())
        dropped = [position for position in range(len(self)) if position not in kept]
        self.judge(Verdict.DUPLICATE, dropped)
        self.duplicates += [self.lines[position] for position in dropped]
        self.keep(sorted(kept))

    def keep(self, positions: Sequence[int]) -> None:
        """Keep only the rows at these positions."""
        self.places = [self.places[position] for position in positions]
        self.lines = [self.lines[position] for position in positions]
        self.cells = [self.cells[position] for position in positions]
        self.values = {name: [column[position] for position in positions] for name, column in self.values.items()}


class BatchReader:
    """Turns rows of text into batches, for one file of one import."""

    def __init__(self, spec: FileSpec, header: Sequence[str], columns: dict[str, int], reading: Reading) -> None:
        self.spec = spec
        self.header = header
        self._places = columns
        self._readers: dict[str, ColumnReader] = {name: spec.by_name[name].column_reader(reading) for name in columns}

    def read(self, rows: Part, places: Sequence[int] | None = None) -> Batch:
        """Values of every cell; rows with a bad cell are rejected by the first of them. ``places``: where the rows
        stand among all that are read together."""
        places = range(len(rows)) if places is None else places
        cells = rows.good_rows()
        batch = Batch(
            self.spec, {}, len(rows), rows.good(rows.lines), cells, header=self.header, places=rows.good(places)
        )
        _note_bad(batch, rows, places)
        reasons: Reasons = {}
        transposed = list(zip(*cells, strict=True)) if cells else [()] * len(self.header)
        for name, place in self._places.items():
            column = self._readers[name].read(transposed[place])
            batch.values[name] = column.values
            if column.emptied:
                batch.emptied[name] = column.emptied
            for position, reason in column.rejected.items():
                reasons.setdefault(position, (name, reason))
        for name in self.spec.key:
            if name not in batch.values:
                batch.values[name] = [self.spec.by_name[name].fill] * len(batch)
        batch.reject(reasons)
        return batch


def _note_bad(batch: Batch, rows: Part, places: Sequence[int]) -> None:
    for position, bad in sorted(rows.bad.items()):
        place, line, cells = places[position], rows.lines[position], rows.rows[position]
        batch.rejected.append(Rejection(place, line, cells, bad.column, bad.value, bad.reason))
        batch.verdicts[place] = Verdict.REJECTED
