"""Whether a value lies in a store's usual range (MX-10): close enough to its mean over the days before.

The exact mean of many shares has the digits of all their denominators. Almost always bounds of the sum decide; only
where they don't is it added up exactly.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from rulebook.rules import Exact, exact_sum

# Shares are counted in units of 2 to the power of -40, rounded down.
BITS = 40


def is_usual_swing(today: Exact, before: Sequence[Exact], share: Decimal) -> bool:
    """Whether today's value is no further from the mean of the days before than the share of that mean; none is below
    0."""
    least = 0
    for value in before:
        upper, lower = value.as_integer_ratio()
        least += (upper << BITS) // lower
    return is_usual_by_sum(today, least, len(before), share, lambda: exact_sum(before))


def is_usual_by_sum(today: Exact, least: int, count: int, share: Decimal, exact: Callable[[], Fraction]) -> bool:
    """The same of ``count`` days whose values, each rounded down to its unit, sum to ``least``."""
    if not count:
        return False
    decided = _by_bounds(today, least, count, share)
    if decided is not None:
        return decided
    mean = exact() / count
    return abs(Fraction(*today.as_integer_ratio()) - mean) <= Fraction(share) * mean


def _by_bounds(today: Exact, least: int, count: int, share: Decimal) -> bool | None:
    """The answer where it is the same at both ends of what the sum can be; None where it is not."""
    (upper, lower), (part, whole) = today.as_integer_ratio(), share.as_integer_ratio()
    here = ((count * upper) << BITS) * whole
    # Every value may be up to a unit more than its rounded one.
    sums = (lower * least, lower * (least + count))
    lows, highs = ([total * edge for total in sums] for edge in (whole - part, whole + part))
    if max(lows) <= here <= min(highs):
        return True
    return False if here < min(lows) or here > max(highs) else None
