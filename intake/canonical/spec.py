"""How a canonical file is declared (IX-02): columns, key, parent, feed; and short words for its columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from django.db.models import Model

from core.pages.currencies import MOST_DECIMALS, decimals_of
from intake.canonical.columns import Column, Kind


class Parent(Enum):
    """The parent of a file's rows; rows without it wait (IX-03)."""

    NONE = "none"
    STORE = "store"
    ORDER = "order"


@dataclass(frozen=True)
class FileSpec:
    """One canonical file. ``key``: the columns that tell its rows apart; ``feed``: what its presence turns on;
    ``counts``: a change of a row changes what its order contributes to the facts."""

    name: str
    model: type[Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    parent: Parent = Parent.NONE
    feed: str | None = None

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)

    @cached_property
    def bits(self) -> dict[str, int]:
        """A bit for each column: a number then says which of them."""
        return {column.name: 1 << place for place, column in enumerate(self.columns)}

    @property
    def table(self) -> str:
        """The database table of the rows."""
        return self.model._meta.db_table

    @property
    def per_store(self) -> bool:
        """Whether rows name a store."""
        return self.name == "stores" or self.parent is not Parent.NONE


def ident(name: str, longest: int = 64, **options: Any) -> Column:
    return Column(name, Kind.IDENTIFIER, longest=longest, **options)


def code(name: str, longest: int = 64, **options: Any) -> Column:
    return Column(name, Kind.CODE, longest=longest, **options)


def number(name: str, **options: Any) -> Column:
    return Column(name, Kind.NUMBER, **options)


def text(name: str, longest: int, **options: Any) -> Column:
    return Column(name, Kind.TEXT, longest=longest, **options)


def instant(name: str, **options: Any) -> Column:
    return Column(name, Kind.INSTANT, **options)


def money(name: str, **options: Any) -> Column:
    return Column(name, Kind.DECIMAL, decimals=MOST_DECIMALS, **options)


def dollars(name: str) -> Column:
    return Column(name, Kind.DECIMAL, decimals=decimals_of("USD"))


def truth(name: str) -> Column:
    return Column(name, Kind.TRUTH)


def choice(name: str, choices: Iterable[str], **options: Any) -> Column:
    return Column(name, Kind.CHOICE, choices=tuple(choices), **options)


def stars(name: str) -> Column:
    return Column(name, Kind.WHOLE, least=1, most=5)


STORE_NO = number("store_no", required=True, field=None)
ORDER_NO = ident("order_no", required=True, field=None)
MEASURE = (code("metric", 32, required=True), Column("value", Kind.DECIMAL, required=True, places=10, least=None))
DAY = Column("day", Kind.DAY, required=True)
