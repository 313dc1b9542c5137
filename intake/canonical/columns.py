"""Columns of canonical files, and reading a whole column of cells at once (IX-02)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from intake.canonical import cells, instants, nothing, quick
from intake.canonical.rejections import RejectedCellError
from intake.canonical.sites import read_site

LONGEST_TEXT = 20_000


class Kind(Enum):
    """What a cell holds."""

    IDENTIFIER = "identifier"
    CODE = "code"
    NUMBER = "number"
    TEXT = "text"
    SITE = "site"
    INSTANT = "instant"
    DAY = "day"
    DECIMAL = "decimal"
    WHOLE = "whole"
    TRUTH = "truth"
    CHOICE = "choice"
    CURRENCY = "currency"
    FLAGS = "flags"


# Kinds of cells that look like numbers and are none.
NUMBERS = frozenset({Kind.IDENTIFIER, Kind.CODE, Kind.NUMBER})
# Kinds whose cells mostly are kept as they are.
PLAIN = frozenset({Kind.IDENTIFIER, Kind.CODE, Kind.TEXT})
_SAYS_NOTHING: dict[Kind, Callable[[str], bool]] = {
    Kind.IDENTIFIER: nothing.is_word_as_code,
    Kind.CODE: nothing.is_word_as_code,
    Kind.NUMBER: nothing.is_word_as_code,
    Kind.INSTANT: nothing.is_no_date,
    Kind.DAY: nothing.is_no_date,
    Kind.SITE: nothing.is_word_of_site,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How the cells of one import are read: the zone of instants without an offset, the flags of the rulebook."""

    zone: ZoneInfo | None = None
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``field``: the model's field (default: the column's name; None: not stored as such); ``fill``: what
    an empty cell of a key column stands for; ``planned``: an instant that may lie ahead when the file is made;
    ``decimals``: the most that are taken (None: more are rounded); ``zero_is_nothing``: nobody is called 0."""

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
    decimals: int | None = None
    zero_is_nothing: bool = False

    @property
    def target(self) -> str | None:
        """The name of the model's field, None where the pipeline does something of its own with the column."""
        return self.name if self.field == "" else self.field

    def cell_reader(self, reading: Reading) -> Callable[[str], Any]:
        """A function from the text of one non-empty, stripped cell to its value; raises RejectedCellError."""
        makers: dict[Kind, Callable[[], Callable[[str], Any]]] = {
            Kind.IDENTIFIER: lambda: cells.identifier_reader(self.longest),
            Kind.CODE: lambda: cells.identifier_reader(self.longest, is_code=True),
            Kind.NUMBER: cells.number_reader,
            Kind.TEXT: lambda: cells.text_reader(self.longest),
            Kind.SITE: lambda: read_site,
            Kind.INSTANT: lambda: instants.instant_reader(reading.zone),
            Kind.DAY: lambda: instants.read_day,
            Kind.DECIMAL: lambda: cells.decimal_reader(
                self.places, least=self.least, above=self.above, decimals=self.decimals
            ),
            Kind.WHOLE: lambda: cells.whole_reader(self.least or 0, self.most),
            Kind.TRUTH: lambda: cells.read_truth,
            Kind.CHOICE: lambda: cells.choice_reader(self.choices),
            Kind.CURRENCY: lambda: cells.read_currency,
            Kind.FLAGS: lambda: cells.flags_reader(reading.flags),
        }
        return makers[self.kind]()

    @property
    def says_nothing(self) -> Callable[[str], bool]:
        """A function that tells whether a stripped cell says that there is nothing (IX-05b)."""
        return nothing.is_zero_or_word if self.zero_is_nothing else _SAYS_NOTHING.get(self.kind, nothing.is_word)

    def column_reader(self, reading: Reading) -> "ColumnReader":
        """A reader of whole columns."""
        return ColumnReader(self, self.cell_reader(reading))


class ReadColumn(NamedTuple):
    """Values by position, the reasons of rejected cells by position, and how many cells said that there is nothing."""

    values: list[Any]
    rejected: dict[int, str]
    emptied: int = 0


class ColumnReader:
    """Reads a column of a chunk: at once where every cell is good, else cell by cell."""

    def __init__(self, column: Column, read: Callable[[str], Any]) -> None:
        self.column = column
        self._read = read
        self._known = quick.Memory(self._read_cell)
        # Texts are seldom said twice, and long.
        self._read_again = self._read_cell if column.kind is Kind.TEXT else self._known.__getitem__
        self._says_nothing = column.says_nothing
        self._nothing: set[str] = set()

    def read(self, raw: Sequence[str]) -> ReadColumn:
        """The values of the cells."""
        try:
            return ReadColumn(self._read_at_once(raw), {})
        except quick.OddCellError:
            pass
        try:
            found = ReadColumn(list(map(self._read_again, raw)), {})
        except RejectedCellError:
            found = self._read_each(raw)
        if not self._nothing:
            return found
        return found._replace(emptied=sum(map(self._nothing.__contains__, raw)))

    def _read_at_once(self, raw: Sequence[str]) -> list[Any]:
        kind, fill = self.column.kind, self.column.fill
        if kind is Kind.INSTANT:
            values = quick.instant_column(raw, fill)
        elif kind in PLAIN:
            values = _QUICK[kind](raw, fill, self.column.longest, self._words)
        else:
            raise quick.OddCellError
        if self.column.required and None in values:
            raise quick.OddCellError
        return values

    @property
    def _words(self) -> frozenset[str]:
        return nothing.WORDS_AND_ZERO if self.column.zero_is_nothing else nothing.WORDS

    def _read_cell(self, raw: str) -> Any:
        text = raw.strip()
        if text and self._says_nothing(text):
            self._nothing.add(raw)
            text = ""
        if text:
            return self._read(text)
        return _reject_empty() if self.column.required else self.column.fill

    def _read_each(self, raw: Sequence[str]) -> ReadColumn:
        values: list[Any] = []
        rejected: dict[int, str] = {}
        for position, text in enumerate(raw):
            value = self.column.fill
            try:
                value = self._read_again(text)
            except RejectedCellError as error:
                rejected[position] = str(error)
            values.append(value)
        return ReadColumn(values, rejected)


_QUICK = {Kind.IDENTIFIER: quick.number_column, Kind.CODE: quick.code_column, Kind.TEXT: quick.text_column}


def _reject_empty() -> Any:
    raise RejectedCellError(_("is required"))
