"""A metric's value as an exact fraction, with what sufficiency looks at (MX-05, MX-06)."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Value:
    """A metric of a store on a day. ``numerator`` and ``denominator`` as exported (None for scores and sums);
    ``count`` is the denominator that sufficiency looks at; ``value`` is None without data or for a denominator of 0."""

    numerator: int | None
    denominator: int | None
    value: Fraction | None
    sufficient: bool
    has_feeds: bool = True
    count: int | None = None


NO_DATA = Value(None, None, None, sufficient=False, has_feeds=False)


def ratio(upper: int, lower: int, factor: int = 1) -> Fraction | None:
    """factor · upper ÷ lower; None for a denominator of 0."""
    return Fraction(factor * upper, lower) if lower > 0 else None
