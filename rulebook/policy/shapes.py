"""How people see and write a parameter's value: one cell, a list, or a table with rows (DM-30). Pure.

The shape follows from the parameter's type. A cell's text that can't be read stays as it is in the value, so that a
draft keeps what somebody typed and the check names it.
"""

import re
import types
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from rulebook.policy.core import Row
from rulebook.policy.units import DECIMAL_TEXT, percent, plain

WHOLE_TEXT = re.compile(r"-?\d{1,12}")
NUMBER_TEXT = re.compile(r"-?\d{1,12}(\.\d{1,24})?")
YES, NO = "yes", "no"


class CellKind(StrEnum):
    """What a cell holds; ``WORDS``: texts, one to a line."""

    WHOLE = "whole"
    DECIMAL = "decimal"
    TEXT = "text"
    FLAG = "flag"
    DAY = "day"
    WORDS = "words"


class Holder(StrEnum):
    """How cells make a value: alone, as a list, as pairs, as rows with named fields, as a mapping, as a mapping of
    mappings."""

    ONE = "one"
    LIST = "list"
    PAIRS = "pairs"
    ROWS = "rows"
    MAP = "map"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, or the only one; ``name`` is empty where rows have no named fields."""

    kind: CellKind
    name: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a value and how they are held together."""

    holder: Holder
    columns: tuple[Column, ...]

    @property
    def is_table(self) -> bool:
        """Whether it has rows of several cells."""
        return self.holder not in (Holder.ONE, Holder.LIST)


KINDS = {
    int: CellKind.WHOLE,
    Decimal: CellKind.DECIMAL,
    str: CellKind.TEXT,
    bool: CellKind.FLAG,
    date: CellKind.DAY,
}
NAME = Column(CellKind.TEXT)


def shape_of(hint: Any) -> Shape:
    """The shape of a parameter's type."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _shape_of_tuple(args)
    if origin not in (None, Union, types.UnionType):
        inner = args[1]
        if get_origin(inner) in (None, Union, types.UnionType, tuple):
            return Shape(Holder.MAP, (NAME, _column(inner)))
        return Shape(Holder.NESTED, (NAME, NAME, _column(get_args(inner)[1])))
    return Shape(Holder.ONE, (_column(hint),))


def _shape_of_tuple(args: tuple[Any, ...]) -> Shape:
    item = args[0]
    if isinstance(item, type) and issubclass(item, Row):
        hints = get_type_hints(item)
        return Shape(Holder.ROWS, tuple(_column(hints[spec.name], spec.name) for spec in fields(cast(Any, item))))
    if get_origin(item) is tuple:
        return Shape(Holder.PAIRS, tuple(_column(part) for part in get_args(item)))
    return Shape(Holder.LIST, (_column(item),))


def _column(hint: Any, name: str = "") -> Column:
    if get_origin(hint) is tuple:
        return Column(CellKind.WORDS, name)
    if get_origin(hint) in (Union, types.UnionType):
        known = next(arg for arg in get_args(hint) if arg is not type(None))
        return Column(KINDS[known], name, optional=True)
    return Column(KINDS[hint], name)


# ── Values and rows of cells ───────────────────────────────────────────────────────────────────────────────────────


def rows_of(shape: Shape, value: Any) -> list[list[Any]]:
    """The cells of a value as stored; of a value of another form none."""
    try:
        return _rows_of(shape, value)
    except (AttributeError, KeyError, TypeError):
        return []


def _rows_of(shape: Shape, value: Any) -> list[list[Any]]:
    match shape.holder:
        case Holder.ONE:
            return [[value]]
        case Holder.LIST:
            return [[item] for item in value]
        case Holder.PAIRS:
            return [list(pair) for pair in value]
        case Holder.ROWS:
            return [[row[column.name] for column in shape.columns] for row in value]
        case Holder.MAP:
            return [[name, item] for name, item in value.items()]
        case Holder.NESTED:
            return [[name, inner, item] for name, by_name in value.items() for inner, item in by_name.items()]


def value_of(shape: Shape, rows: Sequence[Sequence[Any]]) -> Any:
    """The value that rows of cells make; of equal names in a mapping the last one stands."""
    match shape.holder:
        case Holder.ONE:
            return rows[0][0] if rows else None
        case Holder.LIST:
            return [row[0] for row in rows]
        case Holder.PAIRS:
            return [list(row) for row in rows]
        case Holder.ROWS:
            names = [column.name for column in shape.columns]
            return [dict(zip(names, row, strict=True)) for row in rows]
        case Holder.MAP:
            return {str(name): item for name, item in rows}
        case Holder.NESTED:
            nested: dict[str, dict[str, Any]] = {}
            for name, inner, item in rows:
                nested.setdefault(str(name), {})[str(inner)] = item
            return nested


# ── Cells and their text ───────────────────────────────────────────────────────────────────────────────────────────


def cell_text(column: Column, value: Any, *, share: bool = False) -> str:
    """A stored cell as it stands in its field; ``share``: written in percent."""
    if value is None:
        return ""
    if column.kind is CellKind.FLAG and isinstance(value, bool):
        return YES if value else NO
    if column.kind is CellKind.WORDS and isinstance(value, list):
        return "\n".join(map(str, value))
    if column.kind is CellKind.DECIMAL and isinstance(value, str) and DECIMAL_TEXT.fullmatch(value):
        return percent(Decimal(value)) if share else value
    return str(value)


def cell_value(column: Column, text: str, *, share: bool = False) -> Any:
    """What is stored of a field's text; text that is no such value is stored as it is."""
    text = text.strip()
    if column.kind is CellKind.WORDS:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if not text and column.optional:
        return None
    if column.kind is CellKind.WHOLE and WHOLE_TEXT.fullmatch(text):
        return int(text)
    if column.kind is CellKind.FLAG and text in (YES, NO):
        return text == YES
    if column.kind is CellKind.DECIMAL:
        number = text.removesuffix("%").removesuffix("％").strip()
        if NUMBER_TEXT.fullmatch(number):
            return plain(Decimal(number).scaleb(-2)) if share else number
    return text
