"""A chunk of rows as columns of values, and what was refused of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from intake.canonical import FileSpec, Reading
from intake.canonical.columns import ColumnReader
from intake.reading.lines import Part


@dataclass
class Refusal:
    """A row that is not taken: where it stands, which cell, why; ``cells`` are the original ones."""

    line: int
    cells: Sequence[str]
    column: str
    value: str
    reason: str


@dataclass
class Batch:
    """Rows of one file with the same columns: ``values`` by column name, all lists of one length; ``emptied``: how many
    cells of a column said that there is nothing."""

    spec: FileSpec
    lines: list[int]
    cells: list[Sequence[str]]
    values: dict[str, list[Any]]
    refused: list[Refusal] = field(default_factory=list)
    emptied: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> list[Any]:
        """The values of a column; empty ones when the file does not have it."""
        return self.values.get(name) or [None] * len(self)

    def refuse(self, reasons: dict[int, tuple[str, str]], header: Sequence[str]) -> None:
        """Take out the rows at these positions: position → (column, reason)."""
        if not reasons:
            return
        places = {name: place for place, name in enumerate(header)}
        for position in sorted(reasons):
            column, reason = reasons[position]
            cells = self.cells[position]
            place = places.get(column, -1)
            value = cells[place] if 0 <= place < len(cells) else ""
            self.refused.append(Refusal(self.lines[position], cells, column, value, reason))
        self.keep([position for position in range(len(self)) if position not in reasons])

    def keep(self, positions: Sequence[int]) -> None:
        """Keep only the rows at these positions."""
        self.lines = [self.lines[position] for position in positions]
        self.cells = [self.cells[position] for position in positions]
        self.values = {name: [column[position] for position in positions] for name, column in self.values.items()}

    def keys(self) -> list[tuple[Any, ...]]:
        """The rows' keys (IX-03)."""
        return list(zip(*(self.column(name) for name in self.spec.key), strict=True))

    def drop_earlier_twins(self) -> list[int]:
        """Of rows with one key keep the last; returns the lines of those dropped."""
        last = {key: position for position, key in enumerate(self.keys())}
        if len(last) == len(self):
            return []
        kept = sorted(last.values())
        dropped = sorted(set(range(len(self))) - set(kept))
        lines = [self.lines[position] for position in dropped]
        self.keep(kept)
        return lines


class BatchReader:
    """Turns rows of text into batches, for one file of one import."""

    def __init__(self, spec: FileSpec, header: Sequence[str], columns: dict[str, int], reading: Reading) -> None:
        self.spec = spec
        self.header = header
        self._places = columns
        self._readers: dict[str, ColumnReader] = {name: spec.by_name[name].column_reader(reading) for name in columns}

    def read(self, rows: Part) -> Batch:
        """Values of every cell; rows with a bad cell are refused by the first of them."""
        cells: list[Sequence[str]] = [*rows.good_rows()]
        lines = [line for position, line in enumerate(rows.lines) if position not in rows.bad]
        batch = Batch(self.spec, lines, cells, {})
        for position, bad in sorted(rows.bad.items()):
            line, said = rows.lines[position], rows.rows[position]
            batch.refused.append(Refusal(line, said, bad.column, bad.value, bad.reason))
        reasons: dict[int, tuple[str, str]] = {}
        transposed = list(zip(*batch.cells, strict=True)) if cells else [()] * len(self.header)
        for name, place in self._places.items():
            column = self._readers[name].read(transposed[place])
            batch.values[name] = column.values
            if column.emptied:
                batch.emptied[name] = column.emptied
            for position, reason in column.refused.items():
                reasons.setdefault(position, (name, reason))
        for name in self.spec.key:
            if name not in batch.values:
                batch.values[name] = [self.spec.by_name[name].fill] * len(batch)
        batch.refuse(reasons, self.header)
        return batch
