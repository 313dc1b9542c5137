"""Rows of a table that are its subject, filled below merged cells, brought together by order (IX-06b)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.identifiers import canonical
from intake.canonical import nothing
from intake.canonical.rejections import RejectedCellError
from intake.profiles.mapping.amounts import read_money
from intake.profiles.mapping.declared import SkipRule
from intake.profiles.mapping.layout import Layout
from intake.profiles.mapping.spill import SourceRow, grouped

YES = frozenset({"是", "yes", "y", "true", "1"})
MOST_NOTES = 50
# Rows left out, by the note that tells why and a word of them.
Skipped = Counter[tuple[str, str]]


def taken_rows(layout: Layout, skipped: Skipped) -> Iterator[SourceRow]:
    """The rows but those that the profile leaves out, which are counted by their notes."""
    rules = [(rule, place) for rule in layout.profile.skip if (place := layout.place([rule.heading])) >= 0]
    numbers = [layout.place(_order_headings(layout)), layout.place(filter(None, [layout.profile.erp_number]))]
    own = layout.own_places
    above: list[str] | None = None
    for line, cells, bad in layout.table.rows():
        if bad is not None:
            yield SourceRow(line, cells, bad)
            continue
        if layout.profile.fills_down:
            cells = _filled(cells, above, numbers, own)
            above = cells
        rule = next((rule for rule, place in rules if _applies(rule, layout.cell(cells, place), layout)), None)
        if rule is None:
            yield SourceRow(line, cells)
        elif rule.note:
            word = layout.cell(cells, layout.place([rule.by])) if rule.by and len(skipped) < MOST_NOTES else ""
            skipped[rule.note, word] += 1


def _order_headings(layout: Layout) -> Sequence[str]:
    mapping = layout.profile.mapping_of("order_no")
    return layout.profile.group_by or (mapping.headings if mapping else ())


def _filled(cells: list[str], above: list[str] | None, numbers: Sequence[int], own: frozenset[int]) -> list[str]:
    """A row below merged cells with what stands above it; one with another number begins an order."""
    if above is None or numbers[0] < 0:
        return cells
    cells = [*cells, *[""] * (len(above) - len(cells))]
    told = [(cells[place].strip(), above[place].strip()) for place in numbers if place >= 0]
    if any(number and number != former for number, former in told):
        return cells
    return [
        cell if cell.strip() or place in own else former
        for place, (cell, former) in enumerate(zip(cells, above, strict=False))
    ]


def _applies(rule: SkipRule, text: str, layout: Layout) -> bool:
    key = text.casefold()
    if rule.when == "empty":
        return nothing.is_word(text) or not text
    if rule.when == "wordy":
        return bool(text) and not any(map(str.isdigit, text))
    if rule.when == "begins":
        return key.startswith(tuple(word.casefold() for word in rule.words))
    if rule.when == "is":
        return key in {word.casefold() for word in rule.words}
    return _is_not_positive(text, layout)


def _is_not_positive(text: str, layout: Layout) -> bool:
    try:
        return read_money(text, layout.profile.decimal)[0] <= 0
    except RejectedCellError:
        # It is said of the row.
        return False


def groups_of(layout: Layout, skipped: Skipped, path: Path) -> Iterator[list[SourceRow]]:
    """Rows of one order together; those that can't be read stand alone."""
    rows = taken_rows(layout, skipped)
    if layout.profile.grain == "order":
        return ([row] for row in rows)
    places = [layout.place([heading]) for heading in _order_headings(layout)][:1]
    if layout.profile.group_by:
        places = [layout.place([heading]) for heading in layout.profile.group_by]
    places.append(layout.places.get("store_no", -1))
    suffix = layout.profile.suffix

    def key(row: SourceRow) -> str:
        if row.bad is not None:
            return f"\0{row.line}"
        told = [canonical(layout.cell(row.cells, place)) for place in places]
        if not any(told[:-1]):
            return f"\0{row.line}"
        told[0] = without_suffix(told[0], suffix)
        return "\0".join(told)

    return grouped(((key(row), row) for row in rows), path)


def without_suffix(number: str, suffix: str) -> str:
    """An order number without what an ERP put behind it: ``-1`` of a split or re-sent order."""
    if not suffix:
        return number
    base, mark, rest = number.rpartition(suffix)
    return base if mark and rest.isdigit() and len(rest) <= _LONGEST_SUFFIX and base else number


_LONGEST_SUFFIX = 2


def is_copy(layout: Layout, cells: Sequence[str]) -> bool:
    """Whether an ERP marked the row as a split, merged, re-sent or gift order."""
    places = [layout.place([heading]) for heading in layout.profile.copies]
    return any(layout.cell(cells, place).casefold() in YES for place in places if place >= 0)
