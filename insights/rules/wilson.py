"""How sure a rate is (BX-02): the Wilson interval of a share. Pure.

The interval is shown beside a rate and never decides a level; its square root is taken to 30 digits.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Interval:
    """The shares between which the true one lies with the policy's confidence."""

    low: Fraction
    high: Fraction

    def contains(self, share: Fraction) -> bool:
        return self.low <= share <= self.high


def wilson(hits: int, number: int, z: Decimal) -> Interval:
    """The interval of ``hits`` among ``number`` (at least 1) for the normal quantile ``z``."""
    if not 0 <= hits <= number or number < 1:
        raise ValueError(f"{hits} of {number} is no share")
    square = Fraction(z) ** 2
    share = Fraction(hits, number)
    centre = (share + square / (2 * number)) / (1 + square / number)
    with localcontext() as context:
        context.prec = 30
        inside = share * (1 - share) / number + square / (4 * number**2)
        root = (Decimal(inside.numerator) / Decimal(inside.denominator)).sqrt()
        half = Fraction(z) * Fraction(root) / (1 + square / number)
    # The ends are exact where nothing, or all, was hit: the root's last digit must not move them.
    low = Fraction() if hits == 0 else max(Fraction(), centre - half)
    high = Fraction(1) if hits == number else min(Fraction(1), centre + half)
    return Interval(low, high)
