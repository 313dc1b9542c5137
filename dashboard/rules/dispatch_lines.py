"""Pasted lines of dispatched parcels: order number, carrier and tracking number of each (PG-06). Pure."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.identifiers import canonical
from intake.canonical.chinese import HEADINGS
from intake.reading.headings import heading_key

# Lines of one paste or file that are looked at.
MOST_LINES = 500
LONGEST_TEXT = 100_000
ORDER, CARRIER, NUMBER = "order_no", "carrier", "tracking_no"
ENGLISH = {
    ORDER: ("order", "order number", "order no", "order no.", "order id"),
    CARRIER: ("carrier name", "carrier code", "logistics company", "shipping company", "courier", "shipping method"),
    NUMBER: ("tracking", "tracking number", "tracking no.", "tracking code", "waybill", "waybill number"),
}
KNOWN = {heading_key(text): role for role, texts in ENGLISH.items() for text in (*texts, role, *HEADINGS[role])}
# Without headings: the first cell is the order, the last one the number.
Columns = Mapping[str, int]
_BETWEEN = re.compile(r"[,;|\uff0c\uff1b\u3001]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was pasted, ``place`` from 1. Numbers are canonical, the carrier is as written."""

    place: int
    text: str
    order_no: str = ""
    carrier: str = ""
    tracking_no: str = ""
    is_heading: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to check."""
        return not self.text.strip() or self.is_heading


def read_lines(text: str, carriers: Container[str]) -> list[Line]:
    """The lines of a pasted text, blank ones and a line of headings included, at most MOST_LINES.

    ``carriers`` holds the `heading_key` of every known carrier's code and name: without headings they tell which
    column is the carrier's.
    """
    columns: Columns = {}
    lines: list[Line] = []
    for place, raw in enumerate(split_lines(text)[:MOST_LINES], 1):
        cells = cells_of(raw)
        found = headings_of(cells)
        if found and not any(line.order_no for line in lines):
            columns = found
            lines.append(Line(place, raw, is_heading=True))
        else:
            lines.append(_line(place, raw, cells, columns, carriers))
    return lines


def split_lines(text: str) -> list[str]:
    """The lines of a text without those that end it empty."""
    lines = text[:LONGEST_TEXT].replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def cells_of(line: str) -> list[str]:
    """The cells of a line: between tabs, else between commas and the like, else the words, of which those in the
    middle belong together."""
    if "\t" in line:
        return [cell.strip() for cell in line.split("\t")]
    if _BETWEEN.search(line):
        return [cell.strip() for cell in _BETWEEN.split(line)]
    words = line.split()
    return words if len(words) < 4 else [words[0], " ".join(words[1:-1]), words[-1]]


def headings_of(cells: Sequence[str]) -> dict[str, int]:
    """Where each column stands if the cells are headings with an order number and a tracking number; else nothing."""
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        role = KNOWN.get(heading_key(cell))
        if role:
            found.setdefault(role, index)
    return found if ORDER in found and NUMBER in found else {}


def _line(place: int, raw: str, cells: Sequence[str], columns: Columns, carriers: Container[str]) -> Line:
    where = columns or _guessed(cells, carriers)
    held = {role: cells[index] for role, index in where.items() if index < len(cells)}
    return Line(
        place,
        raw,
        order_no=canonical(held.get(ORDER, "")),
        carrier=" ".join(held.get(CARRIER, "").split()),
        tracking_no=canonical(held.get(NUMBER, "")).upper(),
    )


def _guessed(cells: Sequence[str], carriers: Container[str]) -> Columns:
    filled = [index for index, cell in enumerate(cells) if cell]
    if not filled:
        return {}
    if len(filled) < 3:
        return dict(zip((ORDER, NUMBER), filled, strict=False))
    named = next((index for index in filled if heading_key(cells[index]) in carriers), filled[1])
    order, number = [index for index in filled if index != named][:2]
    return {ORDER: order, CARRIER: named, NUMBER: number}


def lines_of_rows(rows: Iterator[Sequence[str]]) -> str:
    """The three columns of a file as text to paste, under its own headings if they are known, else as they stand."""
    columns: Columns = {}
    lines: list[str] = []
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        columns = columns or headings_of(cells)
        shown = [cells[at] if at < len(cells) else "" for at in _ordered(columns)] if columns else cells
        lines.append("\t".join(shown))
    return "\n".join(lines)


def _ordered(columns: Columns) -> list[int]:
    return [columns[role] for role in (ORDER, CARRIER, NUMBER) if role in columns]


def mended(text: str, place: int, old: str, new: str) -> str:
    """The text with the first ``old`` of a line replaced; as it is where there is none."""
    lines = text.replace("\r\n", "\n").split("\n")
    if old and 0 < place <= len(lines):
        lines[place - 1] = lines[place - 1].replace(old, new, 1)
    return "\n".join(lines)


def left_over(text: str, lines: Sequence[Line], gone: Container[int]) -> str:
    """What stays in the box: lines whose places are not in ``gone``; headings only above others."""
    rest = [line.text for line in lines if line.place not in gone and line.text.strip()]
    rest += split_lines(text)[len(lines) :]
    only_headings = len(rest) == 1 and any(line.is_heading for line in lines)
    return "" if only_headings else "\n".join(rest)


def with_carrier(line: Line, carrier: str) -> Line:
    """The line with the carrier of lines that name none."""
    return line if line.carrier or line.is_blank else replace(line, carrier=carrier)
