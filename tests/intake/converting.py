"""Converts files of other formats without a database: what their canonical files hold."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from intake.profiles import opener_of
from intake.profiles.mapping.declared import MappingProfile
from intake.reading import AnswerBook, Answers, Bundle, Memory, Opening
from intake.reading.annotated import ORIGINAL


@dataclass
class Converted:
    """A bundle, and the rows of its canonical files."""

    bundle: Bundle
    files: dict[str, list[dict[str, str]]]

    def rows(self, name: str, *columns: str) -> list[tuple[str, ...]]:
        """Some columns of a file; '' for one that it lacks."""
        return [tuple(row.get(column, "") for column in columns) for row in self.files[name]]

    @property
    def kind(self) -> str:
        """What the only table was recognised as."""
        (look,) = self.bundle.looks
        return look.kind


def converted(
    path: Path,
    said: Answers | None = None,
    *,
    own: Iterable[MappingProfile] = (),
    memory: Memory | None = None,
    is_look: bool = False,
    profile: str = "auto",
) -> Converted:
    """What a file becomes."""
    memory = memory or Memory(known={"S1": "Lamps", "S2": "Trains"})
    book = AnswerBook(said or Answers(store="S1", zone="Asia/Singapore", currency="USD"))
    opening = Opening(path, path.parent / "work", answers=book, memory=memory, is_look=is_look)
    bundle = opener_of(profile, own)(opening)
    files = {source.name: _rows(source.path) for source in bundle.sources}
    return Converted(bundle, files)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            {name: text for name, text in row.items() if text and not name.startswith(ORIGINAL) and name != "_line"}
            for row in csv.DictReader(stream)
        ]


Cells = Sequence[object]


def workbook(path: Path, *rows: Cells, sheet: str = "orders") -> Path:
    """A workbook with one sheet; ids and times are text, as back ends write them."""
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            page.write(number, place, cell) if isinstance(cell, int | float) else page.write_string(
                number, place, str(cell)
            )
    book.close()
    return path


def text_file(path: Path, *rows: Cells, separator: str = ",", mark: str = "", encoding: str = "utf-8") -> Path:
    """A text file, its cells in quotes where they must be."""
    with path.open("w", encoding=encoding, newline="") as stream:
        stream.write(mark)
        csv.writer(stream, delimiter=separator).writerows(rows)
    return path


def below(headings: Sequence[str], *orders: dict[str, str]) -> list[list[str]]:
    """The headings and rows below them, of cells by heading."""
    for order in orders:
        assert set(order) <= set(headings), set(order) - set(headings)
    return [list(headings), *([order.get(heading, "") for heading in headings] for order in orders)]
