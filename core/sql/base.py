"""What fragments and the databases' dialects know of each other."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Q


class Statement(NamedTuple):
    """What a database cursor takes: the text, its percent signs doubled, and the values of its ``%s`` in order."""

    text: str
    parameters: tuple[Any, ...]


class Composable:
    """A piece of SQL."""

    def write(self, dialect: "Dialect", parameters: list[Any]) -> str:
        """The text for a database; values are added to ``parameters`` in the order of their places in it."""
        raise NotImplementedError

    def render(self, dialect: "Dialect") -> Statement:
        parameters: list[Any] = []
        return Statement(self.write(dialect, parameters), tuple(parameters))

    def text(self, dialect: "Dialect") -> str:
        """The statement as one text; raises ValueError where a parameter would be left out."""
        text, parameters = self.render(dialect)
        if parameters:
            raise ValueError("a statement with parameters has no text of its own")
        return text.replace("%%", "%")


@dataclass(frozen=True, slots=True)
class InJson:
    """A test of a JSON object: at ``path`` stands one of the texts ``values``, or a number up to ``at_most``, be it
    written as text; with neither, anything."""

    path: tuple[str, ...]
    values: Collection[str] | None = None
    at_most: Decimal | None = None


class Dialect:
    """How statements are written for a database. A method that returns None says that it needs no such statement."""

    name: str
    # Whether COPY brings rows in and out.
    has_copy = False
    # Whether a parameter may be an array, whose elements become rows.
    has_arrays = False
    # Whether one transaction at a time writes, and keeps all others from writing from its begin.
    one_writer = False
    # Where temporary tables are, which hide others of the same name.
    temporary_schema: str

    def least(self, *expressions: Composable) -> Composable:
        """The smallest of the expressions that are not NULL; NULL when all are."""
        raise NotImplementedError

    def greatest(self, *expressions: Composable) -> Composable:
        """The largest of the expressions that are not NULL; NULL when all are."""
        raise NotImplementedError

    def instant_text(self, seconds: Composable, zone: str) -> Composable:
        """Seconds, shifted into a time zone, as an ISO 8601 instant with the zone's offset behind."""
        raise NotImplementedError

    def day_text(self, day: Composable) -> Composable:
        """A day number as an ISO 8601 date."""
        raise NotImplementedError

    def decimal_text(self, scaled: Composable, places: int) -> Composable:
        """A scaled integer as a decimal with all its places."""
        raise NotImplementedError

    def first_character(self, text: Composable) -> Composable:
        """The code of a text's first character."""
        raise NotImplementedError

    def csv_text(self, text: Composable) -> Composable:
        """A text as a cell of CSV, empty like one that is absent."""
        return text

    def clock(self) -> Composable:
        """The database's own clock as epoch seconds, the same throughout a statement."""
        raise NotImplementedError

    def settled(self, lag: int) -> Composable:
        """SELECT of the instant, in epoch seconds of `clock`, before which whatever others stamped with `clock` is
        committed or lost: no transaction under way can add to it. ``lag``: seconds between reading the clock and
        beginning to write, at most."""
        raise NotImplementedError

    def analyze(self, table: str, names: Sequence[str]) -> Composable | None:
        """Have the planner know how many rows a table has, and how many values its columns."""
        return None

    def real_table(self, cursor: CursorWrapper, table: str) -> Composable:
        """A table by its full name, which a temporary one of the same name doesn't hide."""
        raise NotImplementedError

    def hide_table(self, cursor: CursorWrapper, table: str) -> list[Composable]:
        """Hide a table behind an empty temporary one of the same name and columns."""
        raise NotImplementedError

    def continue_ids(self, cursor: CursorWrapper, table: str) -> Composable | None:
        """Have rows of a hiding table get ids that none of the hidden one has."""
        return None

    def temp_table(self, table: str, columns: Composable) -> Composable:
        """Have a temporary table with these columns, whose rows nobody needs after the transaction."""
        raise NotImplementedError

    def plan_for_lookups(self) -> Composable | None:
        """Have the planner look keys up in indexes in this transaction."""
        return None

    def next_id(self, table: str, place: Composable) -> Composable:
        """The id of one of several new rows, ahead of their insert; ``place`` counts them from 1."""
        raise NotImplementedError

    def plan_for_batches(self) -> Composable | None:
        """Have the planner take statements of this transaction for those of a batch."""
        return None

    def lock_rows(self, select: Composable, *, for_keys: bool = False) -> Composable | None:
        """Hold the selected rows until the transaction ends, with ``for_keys`` also from rows that refer to them. On
        SQLite a transaction holds all there is."""
        return None

    def lock_table(self, table: str) -> Composable | None:
        """Keep others from writing a table until the transaction ends."""
        return None

    def take_turn(self, number: int) -> Composable | None:
        """Wait for the turn of this number, and keep it until the transaction ends."""
        return None

    def try_turn(self, number: int) -> Composable | None:
        """SELECT of whether the turn of this number was free; if it was, keep it until the transaction ends."""
        return None

    def draw_ids(self, table: str, count: int) -> Composable:
        """SELECT of ids for rows that are yet to be inserted."""
        raise NotImplementedError

    def begins(self, column: str, text: str) -> Q:
        """Whether a column's text begins so, in words that an index of the column serves."""
        raise NotImplementedError

    def sieve(self, column: str, tests: Collection[InJson]) -> Q:
        """Whether a JSON column passes any of the tests, read once. Numbers are compared by machine numbers with some
        slack, so a little more passes than what is up to the number, never less: look again at what passes."""
        raise NotImplementedError

    def one_state(self, connection: BaseDatabaseWrapper) -> AbstractContextManager[None]:
        """Read one consistent state of the database without blocking writers."""
        raise NotImplementedError

    def empty_tables(self, tables: Sequence[str]) -> list[Composable]:
        raise NotImplementedError
