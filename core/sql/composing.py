"""SQL put together from fragments, in the manner of `psycopg.sql`, for every database that the product speaks to.

`psycopg.sql` itself escapes by PostgreSQL's rules and keeps values apart from the text; here a value travels with the
fragment that holds it, and what databases say differently is decided when a statement is rendered.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Any

from core.sql.base import Composable, Dialect
from core.sql.reserved import RESERVED

if TYPE_CHECKING:
    from django.db.models import QuerySet


_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")


@dataclass(frozen=True)
class SQL(Composable):
    """SQL as it stands, written by a programmer: never a value, never a name from outside."""

    sql: str

    def write(self, dialect: Dialect, parameters: list[Any]) -> str:
        return self.sql.replace("%", "%%")

    def format(self, **parts: Composable) -> Composable:
        """Put fragments into the ``{name}`` places. Each must have one, and each place its fragment."""
        pieces: list[Composable] = []
        used = set()
        for text, name, spec, conversion in Formatter().parse(self.sql):
            if text:
                pieces.append(SQL(text))
            if name is None:
                continue
            if spec or conversion or not isinstance(parts[name], Composable):
                raise TypeError(f"{name} is no fragment: wrap it in SQL, Identifier, Literal or Parameter")
            pieces.append(parts[name])
            used.add(name)
        if surplus := parts.keys() - used:
            raise TypeError(f"no place for {', '.join(sorted(surplus))}")
        return Composed(tuple(pieces))

    def join(self, parts: Iterable[Composable]) -> Composable:
        """The fragments with this one between them."""
        pieces: list[Composable] = []
        for part in parts:
            pieces += [self, part] if pieces else [part]
        return Composed(tuple(pieces))


@dataclass(frozen=True)
class Composed(Composable):
    """Fragments one behind the other."""

    pieces: tuple[Composable, ...]

    def write(self, dialect: Dialect, parameters: list[Any]) -> str:
        return "".join(piece.write(dialect, parameters) for piece in self.pieces)


@dataclass(frozen=True, init=False)
class Identifier(Composable):
    """A name, or several with dots between: ``Identifier("o", "site")``.

    Quoted where it would not be read as that name otherwise. A plain word stays bare: SQLite silently takes a quoted
    name that it doesn't know for a text.
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        if not names or any(not name or "\0" in name for name in names):
            raise ValueError("a name has at least one character, and no NUL")
        object.__setattr__(self, "names", names)

    def write(self, dialect: Dialect, parameters: list[Any]) -> str:
        return ".".join(map(_quoted_name, self.names)).replace("%", "%%")


def _quoted_name(name: str) -> str:
    return name if _PLAIN.match(name) and name not in RESERVED else _in_quotes(name)


def _in_quotes(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Quoted(Identifier):
    """A name in quotes whatever it is: for files that other engines read, with words of their own."""

    def write(self, dialect: Dialect, parameters: list[Any]) -> str:
        return ".".join(map(_in_quotes, self.names)).replace("%", "%%")


@dataclass(frozen=True)
class Literal(Composable):
    """A constant of the product's own declarations, written into the text: databases use a partial index only where
    they see the constant. Values from outside are parameters."""

    value: str | int | bool | None

    def write(self, dialect: Dialect, parameters: list[Any]) -> str:
        if self.value is None:
            return "NULL"
        if isinstance(self.value, str):
            if "\0" in self.value:
                raise ValueError("no database stores NUL")
            return "'" + self.value.replace("'", "''").replace("%", "%%") + "'"
        return str(self.value).upper()


@dataclass(frozen=True)
class Parameter(Composable):
    """A value that the database is given beside the text."""

    value: Any

    def write(self, dialect: Dialect, parameters: list[Any]) -> str:
        parameters.append(self.value)
        return "%s"


@dataclass(frozen=True)
class Differing(Composable):
    """What each database says in its own words: asked when the statement is rendered."""

    said: Callable[[Dialect], Composable]

    def write(self, dialect: Dialect, parameters: list[Any]) -> str:
        return self.said(dialect).write(dialect, parameters)


@dataclass(frozen=True)
class QuerySetSQL(Composable):
    """A queryset's SELECT, with its parameters, as the connection's database takes it."""

    rows: "QuerySet[Any, Any]"

    def write(self, dialect: Dialect, parameters: list[Any]) -> str:
        text, values = self.rows.query.sql_with_params()
        parameters.extend(values)
        return str(text)


def comma(parts: Iterable[Composable]) -> Composable:
    """Fragments with commas between them."""
    return SQL(", ").join(parts)


def columns(names: Iterable[str], *, table: str = "") -> Composable:
    """Names of columns with commas between them, each behind the table's name if one is given."""
    return comma(Identifier(table, name) if table else Identifier(name) for name in names)


def literals(values: Iterable[str | int]) -> Composable:
    """The constants of an ``IN``; NULL where there are none, which matches nothing."""
    return comma([Literal(value) for value in values] or [Literal(None)])


def parameters(values: Iterable[Any]) -> Composable:
    """The values of an ``IN``; NULL where there are none, which matches nothing."""
    return comma([Parameter(value) for value in values] or [Literal(None)])


def aliased(expressions: Mapping[str, Composable]) -> Composable:
    """The expressions of a SELECT, by the names that they get."""
    return comma(
        SQL("{expression} AS {name}").format(expression=expression, name=Identifier(name))
        for name, expression in expressions.items()
    )
