"""What was found in the files, for a person to look at before anything goes in (IX-06b)."""

from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from intake.reading.answers import Answers
from intake.reading.dress import Table
from intake.reading.lines import printable
from intake.reading.persons import is_personal

# The kind of a look that only asks for a file's encoding.
ENCODING = "encoding"
SHOWN_ROWS = 20
_SHOWN_COLUMNS = 30
_SHOWN_LETTERS = 60


@dataclass
class Look:
    """One table. ``kind``: the canonical file or the format that it is, '' for none; ``needs``: what a person must say;
    ``said``: what was said or is remembered; ``open``: what is not said yet; ``names``: stores that the table names,
    each with the number proposed for it; ``readings``: possible encodings, each with words as they read; ``title``:
    what the format is called; ``sample``: where the first rows of a table that nobody knows are kept."""

    file: str
    label: str
    kind: str = ""
    encoding: str = ""
    readings: list[dict[str, str]] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    title: str = ""
    sample: str = ""
    notes: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    count: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As data."""
        return asdict(self)

    def say(self, answers: Answers) -> None:
        """Note what was said or is remembered."""
        self.said = asdict(answers)


def look_of(table: Table, kind: str, places: list[int] | None = None) -> Look:
    """A table with its first rows; ``places``: the columns that may be shown."""
    shown = places if places is not None else _places(table, is_known=bool(kind))
    first = [cells for _line, cells, _bad in islice(table.rows(), SHOWN_ROWS)]
    # Columns without a word in these rows only push the others out of sight.
    shown = [place for place in shown if not first or any(_shown(cells, place) for cells in first)][:_SHOWN_COLUMNS]
    rows = [[_shown(cells, place) for place in shown] for cells in first]
    columns = [printable(table.headings[place].strip()) for place in shown]
    return Look(table.file, table.label, kind, table.encoding, columns=columns, rows=rows)


def _places(table: Table, *, is_known: bool) -> list[int]:
    """Columns with a heading; of a table that nobody knows not those that seem to be about persons."""
    named = [place for place, name in enumerate(table.headings) if name.strip()]
    return named if is_known else [place for place in named if not is_personal(table.headings[place])]


def _shown(cells: list[str], place: int) -> str:
    text = printable(cells[place].strip()) if place < len(cells) else ""
    return text if len(text) <= _SHOWN_LETTERS else f"{text[: _SHOWN_LETTERS - 1]}…"
