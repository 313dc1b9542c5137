"""How far a rate is from its thresholds, in orders (MX-13). Pure and exact: comparisons by cross-multiplication.

``allowed`` is the failure share that a threshold allows: the threshold itself where more is worse, what it lacks to the
top for a floor (95 % → 5 %). ``inclusive``: a share on the threshold crosses it (liability, ≥)."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Headroom:
    """``fits``: further failures that stay inside the threshold at today's denominator, None when the threshold is
    crossed; ``over``: failures too many (0 inside); ``clean``: orders without failure that bring it back, 0 inside,
    None where no number of them does; ``leaves_in``: days until enough failures have left the window, None where
    unknown."""

    fits: int | None
    over: int
    clean: int | None
    leaves_in: int | None = None


def most_failures(denominator: int, allowed: Fraction, *, inclusive: bool = False) -> int:
    """The largest number of failures that does not cross the threshold; −1 where not even 0 does."""
    upper, lower = allowed.numerator * denominator, allowed.denominator
    return -(-upper // lower) - 1 if inclusive else upper // lower


def clean_orders(failures: int, denominator: int, allowed: Fraction, *, inclusive: bool = False) -> int | None:
    """The fewest orders without failure that bring the share back inside; None where the threshold is 0."""
    if failures <= most_failures(denominator, allowed, inclusive=inclusive):
        return 0
    if allowed <= 0:
        return None
    upper, lower = failures * allowed.denominator, allowed.numerator
    needed = upper // lower + 1 if inclusive else -(-upper // lower)
    return needed - denominator


def headroom(
    failures: int,
    denominator: int,
    allowed: Fraction,
    *,
    inclusive: bool = False,
    remaining: Callable[[int], int] | None = None,
    window_days: int = 0,
) -> Headroom:
    """Where ``failures`` of ``denominator`` stand against a threshold.

    ``remaining(n)`` gives how many of today's failures are still in the window n days on; with it, and no new failure
    at today's denominator, the day that brings the share back is found.
    """
    most = most_failures(denominator, allowed, inclusive=inclusive)
    if failures <= most:
        return Headroom(most - failures, 0, 0)
    clean = clean_orders(failures, denominator, allowed, inclusive=inclusive)
    leaves_in = None
    if remaining is not None:
        leaves_in = next((days for days in range(1, window_days + 1) if remaining(days) <= most), None)
    return Headroom(None, failures - most, clean, leaves_in)
