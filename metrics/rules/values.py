"""A metric's value as an exact number, with what sufficiency looks at (MX-05, MX-06)."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from rulebook.rules import Exact, Ratio, fraction_of


class Zone(StrEnum):
    """Where a value lies against the thresholds, without streaks and usual swings (MX-10)."""

    OK = "ok"
    YELLOW = "yellow"
    RED = "red"


@dataclass(slots=True)
class Value:
    """A metric of a store on a day. ``numerator`` and ``denominator`` as exported (None for scores and sums);
    ``count`` is the denominator that sufficiency looks at; ``exact`` is None without data or for a denominator of 0.
    Never changed once made: not frozen only because a night makes hundreds of thousands."""

    numerator: int | None
    denominator: int | None
    exact: Exact | None
    sufficient: bool
    has_feeds: bool = True
    count: int | None = None

    @property
    def value(self) -> Fraction | None:
        """The value in lowest terms."""
        return None if self.exact is None else fraction_of(self.exact)


NO_DATA = Value(None, None, None, sufficient=False, has_feeds=False)


def ratio(upper: int | Fraction, lower: int | Fraction, factor: int = 1) -> Ratio | None:
    """factor · upper ÷ lower; None for a denominator of 0. Supposed counts of days to come may be fractions."""
    if lower <= 0:
        return None
    if isinstance(upper, int) and isinstance(lower, int):
        return Ratio(factor * upper, lower)
    return Ratio(*(Fraction(factor * upper) / lower).as_integer_ratio())
