"""Where grounds of penalties come from: apps declare sources, deriving asks all of them.

A source is declared in an app's module or package ``grounds``, which is loaded when the site starts::

    @grounds_of("notice", words=notice_words, rows=red_notices)
    def grounds_of_notices(store_ids: Collection[int], at: datetime) -> Iterable[Found]: ...

The function returns what stored rows show of these stores at ``at``, in a fixed number of queries: lasting grounds,
those that are over as long as their penalties are not, and those that begin later unless something happens before. It
must not depend on when it is called: the same rows yield the same instants. A source may also return cases for
operations, which are opened once (`CaseGround`). ``rows`` says which rows it finds grounds in at an instant: nights ask
it only about the stores of such rows.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from penalties.models import Penalty
from penalties.rules import Found

__all__ = ["GroundWords", "Source", "declared_sources", "grounds_of", "source_named", "sources_of_notices"]


class GroundWords(NamedTuple):
    """A penalty's cause and what lifts it, in the reader's language; ``url``: the page of the cause, or empty."""

    cause: str
    lifted_by: str
    url: str = ""


Finder = Callable[[Collection[int], datetime], Iterable[Found]]
Words = Callable[[Penalty], GroundWords]
# Rows with a store: one that has none of them has no ground of the source.
Rows = Callable[[datetime], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """A declared source of grounds. ``of_notices``: its grounds change with notices, at the same moment (PN-02)."""

    name: str
    find: Finder
    words: Words
    rows: Rows
    of_notices: bool = False


_sources: dict[str, Source] = {}


def grounds_of(name: str, *, words: Words, rows: Rows, of_notices: bool = False) -> Callable[[Finder], Finder]:
    """Declare a source. ``words`` get a penalty with its store loaded, and query nothing. Raises ValueError for a name
    that is declared already."""

    def register(find: Finder) -> Finder:
        if name in _sources:
            raise ValueError(f"two sources of grounds {name!r}")
        _sources[name] = Source(name, find, words, rows, of_notices)
        return find

    return register


def declared_sources() -> Mapping[str, Source]:
    return _sources


def sources_of_notices() -> list[str]:
    """The sources whose grounds change with notices."""
    return [source.name for source in _sources.values() if source.of_notices]


def source_named(name: str) -> Source:
    """The source of a name. Raises LookupError where no app declares it."""
    return _sources[name]
