"""What a parameter of the policy is entered in: cells, lists of choices, tables (DM-30)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dashboard.presenters.policy.choices import IN_ORDER, codes_of
from rulebook.fields import PolicyField, writes_percent
from rulebook.policy.build import Data
from rulebook.policy.shapes import NO, YES, CellKind, Column, Holder, cell_text, rows_of
from rulebook.reading import word

# Tables of one value to a code that are longer than this are written as lines of text.
MOST_TABLE_ROWS = 16
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Option:
    """A code that may be chosen."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class CellView:
    """An input: ``mode`` is text, number, select, checks or lines."""

    name: str
    label: str
    mode: str
    text: str = ""
    options: Sequence[Option] = ()


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of a table; ``drop``: the name of the box that removes it, empty of a row that is not there yet."""

    cells: Sequence[CellView]
    drop: str


def inputs_of(
    field: PolicyField, base: Data, data: Data, value: Any
) -> tuple[CellView | None, Sequence[str], Sequence[RowView]]:
    """The inputs of a value: one cell, or a table's heading and rows with an empty one to be filled in."""
    shape, codes, share = field.shape, codes_of(field, data), writes_percent(field, base)
    if shape.holder is Holder.ONE:
        return _cell(f"v:{field.key}", "", shape.columns[0], value, codes.get(0), share=share), (), ()
    rows = rows_of(shape, value)
    if shape.holder is Holder.LIST and field.key not in IN_ORDER:
        return _list_cell(field, [row[0] for row in rows], codes.get(0), share), (), ()
    if shape.holder is Holder.MAP and len(rows) > MOST_TABLE_ROWS and shape.columns[1].kind is not CellKind.WORDS:
        lines = [" ".join(cell_texts(shape.columns, row, share)) for row in rows]
        return CellView(f"v:{field.key}", "", "lines", "\n".join(lines)), (), ()
    names = [column_name(field, place) for place in range(len(shape.columns))]
    views = [_row(field, place, row, names, codes, share) for place, row in enumerate(rows)]
    blank = [None] * len(shape.columns)
    return None, names, [*views, _row(field, len(rows), blank, names, codes, share)]


def cell_texts(columns: Iterable[Column], row: Sequence[Any], share: bool) -> list[str]:
    return [cell_text(column, value, share=share) for column, value in zip(columns, row, strict=False)]


def _list_cell(field: PolicyField, items: Sequence[Any], codes: Sequence[str] | None, share: bool) -> CellView:
    column = field.shape.columns[0]
    if codes is not None:
        return CellView(f"v:{field.key}", "", "checks", options=_options(codes, items))
    texts = [cell_text(column, item, share=share) for item in items]
    if column.kind is CellKind.WHOLE:
        return CellView(f"v:{field.key}", "", "text", ", ".join(texts))
    return CellView(f"v:{field.key}", "", "lines", "\n".join(texts))


def _options(codes: Iterable[str], chosen: Sequence[Any]) -> list[Option]:
    """What is chosen stands first, in its order, which is kept."""
    every = dict.fromkeys([*map(str, chosen), *codes])
    return [Option(code, word(code), code in chosen) for code in every if code]


def _row(
    field: PolicyField,
    place: int,
    row: Sequence[Any],
    names: Sequence[str],
    codes: Mapping[int, Sequence[str]],
    share: bool,
) -> RowView:
    columns = field.shape.columns
    cells = [
        _cell(
            f"v:{field.key}:{place}:{number}",
            f"{names[number]} {place + 1}",
            column,
            row[number] if number < len(row) else None,
            codes.get(number),
            share=share and column.kind is CellKind.DECIMAL,
        )
        for number, column in enumerate(columns)
    ]
    is_there = any(cell is not None for cell in row)
    return RowView(cells, f"d:{field.key}:{place}" if is_there else "")


def _cell(name: str, label: str, column: Column, value: Any, codes: Sequence[str] | None, *, share: bool) -> CellView:
    if column.kind is CellKind.WORDS and codes is not None:
        return CellView(name, label, "checks", options=_options(codes, value if isinstance(value, list) else []))
    text = cell_text(column, value, share=share)
    if column.kind is CellKind.WORDS:
        return CellView(name, label, "lines", text)
    if column.kind is CellKind.FLAG:
        options = [Option("", NOTHING, not text), Option(YES, _("yes"), text == YES), Option(NO, _("no"), text == NO)]
        return CellView(name, label, "select", text, options)
    if codes is not None:
        every = dict.fromkeys(["", *([text] if text else []), *codes])
        options = [Option(code, word(code) if code else NOTHING, code == text) for code in every]
        return CellView(name, label, "select", text, options)
    mode = {CellKind.WHOLE: "number", CellKind.DECIMAL: "number", CellKind.DAY: "day"}.get(column.kind, "text")
    return CellView(name, label, mode, text)


def column_name(field: PolicyField, place: int) -> str:
    column = field.shape.columns[place]
    if field.shape.holder is Holder.PAIRS:
        return (_("value"), _("score"))[place] if field.key.startswith("shs.") else (_("level"), _("from"))[place]
    if column.name:
        return str(_column_words().get(column.name, word(column.name)))
    if field.key in IN_ORDER:
        return _("what follows")
    if place + 1 < len(field.shape.columns):
        return (_("code"), _("metric"))[place]
    return _("factor") if field.key.startswith("factors.") else _("value")


def _column_words() -> dict[str, str]:
    return {
        "code": _("code"),
        "name": _("name"),
        "name_en": _("English name"),
        "name_zh": _("Chinese name"),
        "at_least": _("from"),
        "window_days": _("window, days"),
        "fixed_weights": _("fixed weights"),
        "removable_en": _("what can be removed, English"),
        "removable_zh": _("what can be removed, Chinese"),
        "after_hours": _("after hours"),
        "action": _("what follows"),
        "actions": _("what follows"),
        "action_en": _("what to do, English"),
        "action_zh": _("what to do, Chinese"),
        "register_from": _("registration opens"),
        "register_until": _("registration closes"),
        "starts": _("starts"),
        "ends": _("ends"),
        "points": _("points"),
        "days": _("days"),
        "severity": _("severity"),
        "due_hours": _("to be done within hours"),
        "languages": _("languages"),
        "flags": _("flags"),
        "approved": _("approved"),
        "official": _("official"),
        "scan_interval_hours": _("interval of scans, hours"),
        "number_pattern": _("pattern of its numbers"),
    }
