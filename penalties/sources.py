"""Where grounds of penalties come from: apps declare sources, deriving asks all of them.

A source is declared in an app's module ``grounds``, which is loaded when the site starts::

    @grounds_of("notice", words=notice_words)
    def grounds_of_notices(store_ids: Collection[int], at: datetime) -> Iterable[Ground]: ...

The function returns every ground of these stores that stored rows show at ``at``, past and lasting ones, in a fixed
number of queries. It must not depend on when it is called: the same rows yield the same grounds.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from penalties.models import Penalty
from penalties.rules import Ground

__all__ = ["GroundWords", "Source", "declared_sources", "grounds_of", "source_named"]


class GroundWords(NamedTuple):
    """A penalty's cause and what lifts it, in the reader's language; ``url``: the page of the cause, or empty."""

    cause: str
    lifted_by: str
    url: str = ""


Finder = Callable[[Collection[int], datetime], Iterable[Ground]]
Words = Callable[[Penalty], GroundWords]


@dataclass(frozen=True, slots=True)
class Source:
    """A declared source of grounds."""

    name: str
    find: Finder
    words: Words


_sources: dict[str, Source] = {}


def grounds_of(name: str, *, words: Words) -> Callable[[Finder], Finder]:
    """Declare a source. Raises ValueError for a name that is declared already."""

    def register(find: Finder) -> Finder:
        if name in _sources:
            raise ValueError(f"two sources of grounds {name!r}")
        _sources[name] = Source(name, find, words)
        return find

    return register


def declared_sources() -> Mapping[str, Source]:
    return _sources


def source_named(name: str) -> Source:
    """The source of a name. Raises LookupError where no app declares it."""
    return _sources[name]
