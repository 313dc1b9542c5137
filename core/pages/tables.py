"""Pure description of a table: its columns and its order, read from and written to the URL, which holds both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column. ``figure`` right-aligns it; ``descending`` is what the first press on its head gives."""

    key: str
    label: str
    figure: bool = False
    sortable: bool = False
    descending: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Sort:
    """The order of a table: a column's key and a direction; an empty key is the table's own order."""

    key: str = ""
    descending: bool = False

    @classmethod
    def parse(cls, raw: str | None, columns: Iterable[Column], default: str = "") -> Sort:
        """Read ``sort=paid_at`` or ``sort=-paid_at``; anything that names no sortable column gives the default."""
        keys = {column.key for column in columns if column.sortable}
        text = raw if raw and raw.removeprefix("-") in keys else default
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.key}" if self.descending else self.key

    def direction_of(self, key: str) -> str:
        """The value of ``aria-sort`` for a column: ``ascending``, ``descending`` or empty."""
        if not key or key != self.key:
            return ""
        return "descending" if self.descending else "ascending"

    def next_for(self, column: Column) -> str:
        """The ``sort`` parameter that a press on the column's head leads to."""
        descending = not self.descending if column.key == self.key else column.descending
        return f"-{column.key}" if descending else column.key
