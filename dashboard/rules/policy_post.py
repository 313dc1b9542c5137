"""From the posted fields of the policy editor to changes of a draft (DM-30). Pure.

A field's key stands in ``shown``; which of its inputs are there says how it was written: ``c:KEY`` with ``v:KEY`` for
ticked codes, ``n:KEY`` rows of cells ``v:KEY:ROW:COLUMN`` for tables (``d:KEY:ROW`` drops a row), else ``v:KEY``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from rulebook.fields import PolicyField, writes_percent
from rulebook.policy.build import Data
from rulebook.policy.shapes import CellKind, Holder, Shape, cell_value, value_of
from rulebook.revision import changed_entry

SHOWN = "shown"
MOST_ROWS = 1_000
MOST_LETTERS = 20_000
BREAKS = re.compile(r"[\s,，、;；]+")


class Posted(Protocol):
    """What is read of a posted form."""

    def get(self, name: str, /) -> Any: ...

    def getlist(self, name: str, /) -> list[Any]: ...


def posted_changes(
    post: Posted, fields: Mapping[str, PolicyField], base: Data, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """A draft's changes with those of the posted fields in their place; the others stay."""
    found = dict(changes)
    for key in post.getlist(SHOWN):
        if key in fields:
            found[key] = _entry(post, fields[key], base)
    return found


def _entry(post: Posted, field: PolicyField, base: Data) -> dict[str, Any] | None:
    rows = _rows(post, field, writes_percent(field, base))
    if field.optional and not any(cell not in (None, "", []) for row in rows for cell in row):
        return None
    return changed_entry(base, field.key, value_of(field.shape, rows))


def _rows(post: Posted, field: PolicyField, share: bool) -> list[list[Any]]:
    key, shape = field.key, field.shape
    if post.get(f"c:{key}"):
        return [[_clean(code)] for code in post.getlist(f"v:{key}")]
    if (count := post.get(f"n:{key}")) is not None:
        return _table_rows(post, key, shape, share, min(int(count) if str(count).isdecimal() else 0, MOST_ROWS))
    text = _clean(post.get(f"v:{key}"))
    if shape.holder is Holder.LIST:
        return [[cell_value(shape.columns[0], part, share=share)] for part in _parts(shape, text)]
    if shape.holder is Holder.MAP:
        return _lines(shape, text, share)
    return [[cell_value(shape.columns[0], text, share=share)]]


def _parts(shape: Shape, text: str) -> list[str]:
    parts = text.splitlines() if shape.columns[0].kind is CellKind.TEXT else BREAKS.split(text)
    return [part.strip() for part in parts if part.strip()]


def _lines(shape: Shape, text: str, share: bool) -> list[list[Any]]:
    """A long table of codes with one value each, written ``USD 1``, a row to a line."""
    pairs = [line.replace("=", " ").split(None, 1) for line in text.splitlines() if line.strip()]
    value = shape.columns[1]
    return [[pair[0], cell_value(value, pair[1] if len(pair) > 1 else "", share=share)] for pair in pairs]


def _table_rows(post: Posted, key: str, shape: Shape, share: bool, count: int) -> list[list[Any]]:
    rows = []
    for row in range(count):
        texts = [_cell_text(post, f"v:{key}:{row}:{place}") for place in range(len(shape.columns))]
        if any(texts) and not post.get(f"d:{key}:{row}"):
            rows.append(
                [cell_value(column, text, share=share) for column, text in zip(shape.columns, texts, strict=True)]
            )
    return rows


def _cell_text(post: Posted, name: str) -> str:
    """Codes that are ticked in a cell come one by one."""
    return "\n".join(_clean(text) for text in post.getlist(name)).strip()


def _clean(text: Any) -> str:
    return str(text or "").replace("\x00", "").replace("\r\n", "\n")[:MOST_LETTERS].strip()


def collisions(ours: Mapping[str, Any], theirs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What somebody else's saves changed, by parameter: the entries before the first of them and after the last."""
    found: dict[str, Any] = {}
    for changes in theirs:
        for key, (before, after) in changes.items():
            found[key] = (found[key][0] if key in found else before, after)
    return found


def rebased(posted: Mapping[str, Any], present: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Posted changes laid over the present ones (RL-06): what somebody else changed meanwhile stays, unless it was
    changed here too, which the person then sees and decides."""
    merged = dict(posted)
    for key, (before, _after) in theirs.items():
        untouched = posted.get(key) == before
        if untouched:
            merged.pop(key, None)
            if key in present:
                merged[key] = present[key]
    return merged
