"""Which published rows of a day call for something, found by the database: the scorecards of most say that all is well,
and a night that reads them all spends its time on that (MX-08)."""

from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import Q

from core.sql import InJson, dialect_of


def with_levels(codes: Iterable[str], levels: Collection[str]) -> list[InJson]:
    """That one of these metrics has one of these levels."""
    return [InJson((code, "level"), values=levels) for code in codes]


def sifted(tests: Collection[InJson]) -> Q:
    """The published rows that pass any of the tests, and perhaps a few whose numbers nearly do."""
    return dialect_of(connection).sieve("scorecard", tests)
