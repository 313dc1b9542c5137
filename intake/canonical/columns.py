"""Columns of canonical files, and reading a whole column of cells at once (IX-02)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from intake.canonical import cells, quick
from intake.canonical.cells import RefusedCellError

LONGEST_TEXT = 20_000


class Kind(Enum):
    """What a cell holds."""

    IDENTIFIER = "identifier"
    TEXT = "text"
    UPPER = "upper"
    INSTANT = "instant"
    DAY = "day"
    DECIMAL = "decimal"
    WHOLE = "whole"
    TRUTH = "truth"
    CHOICE = "choice"
    CURRENCY = "currency"
    FLAGS = "flags"


# Kinds whose cells are kept as they are.
PLAIN = frozenset({Kind.IDENTIFIER, Kind.TEXT, Kind.UPPER})


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of one import are read: the zone of instants without an offset, the flags of the rulebook."""

    zone: ZoneInfo | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``field``: the model's field (default: the column's name; None: not stored as such); ``fill``: what
    an empty cell of a key column stands for; ``planned``: an instant that may lie ahead when the file is made."""

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    field: str | None = ""
    fill: Any = None
    choices: tuple[str, ...] = ()
    places: int = 4
    least: int | None = 0
    most: int = 2**31 - 1
    above: bool = False
    longest: int = LONGEST_TEXT
    planned: bool = False

    @property
    def target(self) -> str | None:
        """The name of the model's field, None where the pipeline does something of its own with the column."""
        return self.name if self.field == "" else self.field

    def cell_reader(self, reading: Reading) -> Callable[[str], Any]:
        """A function from the text of one non-empty, stripped cell to its value; raises RefusedCellError."""
        makers: dict[Kind, Callable[[], Callable[[str], Any]]] = {
            Kind.IDENTIFIER: lambda: cells.identifier_reader(self.longest),
            Kind.TEXT: lambda: cells.text_reader(self.longest),
            Kind.UPPER: lambda: cells.upper_reader(self.longest),
            Kind.INSTANT: lambda: cells.instant_reader(reading.zone),
            Kind.DAY: lambda: cells.read_day,
            Kind.DECIMAL: lambda: cells.decimal_reader(self.places, least=self.least, above=self.above),
            Kind.WHOLE: lambda: cells.whole_reader(self.least or 0, self.most),
            Kind.TRUTH: lambda: cells.read_truth,
            Kind.CHOICE: lambda: cells.choice_reader(self.choices),
            Kind.CURRENCY: lambda: cells.read_currency,
            Kind.FLAGS: lambda: cells.flags_reader(reading.flags),
        }
        return makers[self.kind]()

    def column_reader(self, reading: Reading) -> "ColumnReader":
        """A reader of whole columns."""
        return ColumnReader(self, self.cell_reader(reading))


class ColumnReader:
    """Reads a column of a chunk: at once where every cell is good, else cell by cell."""

    def __init__(self, column: Column, read: Callable[[str], Any]) -> None:
        self.column = column
        self._read = read
        self._known = quick.Memory(self._read_cell)

    def read(self, raw: Sequence[str]) -> tuple[list[Any], dict[int, str]]:
        """Values by position and the reasons of refused cells by position."""
        try:
            try:
                return self._read_at_once(raw), {}
            except quick.OddCellError:
                return list(map(self._known.__getitem__, raw)), {}
        except RefusedCellError:
            return self._read_each(raw)

    def _read_at_once(self, raw: Sequence[str]) -> list[Any]:
        kind, fill = self.column.kind, self.column.fill
        if self.column.required and not all(raw):
            raise quick.OddCellError
        if kind is Kind.INSTANT:
            return quick.instant_column(raw, fill)
        if kind not in PLAIN:
            return list(map(self._known.__getitem__, raw))
        read = quick.text_column if kind is Kind.TEXT else quick.plain_column
        values = read(raw, fill, self.column.longest)
        if self.column.required and None in values:
            raise quick.OddCellError
        return [text.upper() if text else text for text in values] if kind is Kind.UPPER else values

    def _read_cell(self, text: str) -> Any:
        if text and not text.isspace():
            return self._read(text.strip())
        return _refuse_empty() if self.column.required else self.column.fill

    def _read_each(self, raw: Sequence[str]) -> tuple[list[Any], dict[int, str]]:
        values: list[Any] = []
        refused: dict[int, str] = {}
        for position, text in enumerate(raw):
            text = text.strip()
            value = self.column.fill
            try:
                if text:
                    value = self._read(text)
                elif self.column.required:
                    _refuse_empty()
            except RefusedCellError as refusal:
                refused[position] = str(refusal)
            values.append(value)
        return values, refused


def _refuse_empty() -> Any:
    raise RefusedCellError(_("is required"))
