"""Effective thresholds and scores (DM-31, DP-06, TM-05). Pure; exact: what can't be a finite decimal is a Fraction."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, SupportsIndex

from rulebook.policy import MetricPolicy, Policy
from rulebook.policy.core import Knots, Sla


class Ratio(NamedTuple):
    """An exact number: an integer over a positive one, not reduced. A night makes one for every metric of every store;
    to reduce them all would cost more than everything else that is done with them."""

    upper: int
    lower: int

    def as_integer_ratio(self) -> tuple[int, int]:
        """Itself, as fractions, decimals and integers give theirs."""
        return self


Exact = Fraction | Decimal | int | Ratio


def fraction_of(value: Exact) -> Fraction:
    """An exact number to go on calculating with."""
    return Fraction(*value.as_integer_ratio())


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor on the allowed failure.

    ``kind``: category, level or site; ``name``: what it stands for (a flag, a level, sites joined by commas), empty
    where nothing deviates from 1.
    """

    kind: str
    name: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class EffectiveThreshold:
    """A threshold after its factors: ``value`` is exact, ``base`` the policy's threshold; factors of 1 are not kept."""

    value: Fraction
    base: Decimal
    floor_top: Decimal | None
    factors: tuple[Factor, ...]

    def decimal(self, places: int = 10) -> Decimal:
        """The threshold rounded half up for storage and export."""
        return rounded(self.value, places)

    def explanation(self, unit: str = "share") -> str:
        """The arithmetic in one line: ``5 % × 0.95 gold = 4.75 %``; alone the threshold where no factor acts."""
        base, threshold = shown(self.base, unit), shown(self.value, unit)
        if not self.factors:
            return threshold
        product = "".join(f" × {shown(factor.value)} {factor.name}" for factor in self.factors)
        if self.floor_top is None:
            return f"{base}{product} = {threshold}"
        top, allowed = shown(self.floor_top, unit), shown(self.floor_top - self.base, unit)
        return f"{top} − {allowed}{product} = {threshold}"


def effective_threshold(
    threshold: Decimal, *, floor_top: Decimal | None, factors: Iterable[Factor]
) -> EffectiveThreshold:
    """The threshold that judges: factors multiply the allowed failure (DM-31).

    ``floor_top`` None: more is worse, the threshold itself is the allowance (5 % × f). Else less is worse and the
    allowance lies between the threshold and the top: 1 − 0.05 × f for 95 %, 5 − 0.4 × f for 4.6."""
    acting = tuple([factor for factor in factors if factor.value != 1])
    upper = lower = 1
    for factor in acting:
        upper, lower = upper * factor.value.numerator, lower * factor.value.denominator
    at, unit = threshold.as_integer_ratio()
    if floor_top is None:
        return EffectiveThreshold(Fraction(at * upper, unit * lower), threshold, None, acting)
    top, top_unit = floor_top.as_integer_ratio()
    allowed = top * unit - at * top_unit
    value = Fraction(top * unit * lower - allowed * upper, top_unit * unit * lower)
    return EffectiveThreshold(value, threshold, floor_top, acting)


def category_factor(policy: Policy, metric: str, flags: Iterable[str]) -> Factor | None:
    """The factor of a store's primary category on a metric: that of its strictest flag, 1 for a flag that does not
    name the metric. None: the metric does not apply (one flag that says so is enough).
    """
    factors = {flag: policy.factors.category.get(flag, {}).get(metric, Decimal(1)) for flag in sorted(flags)}
    values = [(value, flag) for flag, value in factors.items() if value is not None]
    if len(values) < len(factors):
        return None
    if not values:
        return Factor("category", "", Fraction(1))
    value, flag = min(values)
    return Factor("category", flag, Fraction(value))


def level_factor(policy: Policy, level: str) -> Factor:
    """The factor of a store's level; an unknown level counts as 1."""
    return Factor("level", level, Fraction(policy.factors.level.get(level, Decimal(1))))


def site_factor(policy: Policy, shipped_by_site: Mapping[str, int]) -> Factor:
    """The sites' factors averaged over the orders shipped in the window by destination; 1 where nothing was shipped."""
    orders = sum(shipped_by_site.values())
    if not orders:
        return Factor("site", "", Fraction(1))
    # A site without a factor weighs 1: only those with one change the sum.
    factors = {site: factor for site, factor in policy.factors.site.items() if shipped_by_site.get(site)}
    weighed, unit = orders, 1
    for site, factor in factors.items():
        upper, lower = factor.as_integer_ratio()
        weighed, unit = weighed * lower + (upper - lower) * shipped_by_site[site] * unit, unit * lower
    return Factor("site", ", ".join(sorted(factors)), Fraction(weighed, unit * orders))


def metric_factors(
    policy: Policy, metric: str, *, flags: Iterable[str], level: str, shipped_by_site: Mapping[str, int]
) -> tuple[Factor, ...] | None:
    """The factors that act on a metric of a store, as its ``scaled`` names them; None: the metric does not apply.

    That a metric does not apply to a category holds even where the category does not scale it (virtual: delivered).
    """
    category = category_factor(policy, metric, flags)
    if category is None:
        return None
    by_kind = {
        "category": lambda: category,
        "level": lambda: level_factor(policy, level),
        "site": lambda: site_factor(policy, shipped_by_site),
    }
    return tuple(by_kind[kind]() for kind in policy.metrics[metric].scaled)


def crosses(value: Exact, threshold: Exact, *, floor_top: Decimal | None, inclusive: bool = False) -> bool:
    """Whether a value is on the wrong side of a threshold; exactly on it only where the metric is inclusive (≥)."""
    (upper, lower), (threshold_upper, threshold_lower) = value.as_integer_ratio(), threshold.as_integer_ratio()
    worse = upper * threshold_lower - threshold_upper * lower
    if floor_top is not None:
        worse = -worse
    return worse >= 0 if inclusive else worse > 0


class Curve:
    """A score that is linear between knots (where, score); beyond the outer knots the outer score holds (DP-06)."""

    def __init__(self, knots: Iterable[tuple[Exact, Exact]]) -> None:
        points = sorted((fraction_of(x), fraction_of(y)) for x, y in knots)
        (first, lowest), (_last, highest) = points[0], points[-1]
        # The end of each piece over its unit, slope and base over one unit; from the last end on `beyond` holds.
        self.pieces = [_piece(first, Fraction(), lowest)]
        for (x0, y0), (x1, y1) in pairwise(points):
            if x0 < x1:
                slope = (y1 - y0) / (x1 - x0)
                self.pieces.append(_piece(x1, slope, y0 - slope * x0))
        self.beyond = Ratio(*highest.as_integer_ratio())

    def at(self, value: Exact) -> Ratio:
        """The score of a value."""
        upper, lower = value.as_integer_ratio()
        for end, end_unit, slope, base, unit in self.pieces:
            if upper * end_unit <= end * lower:
                return Ratio(slope * upper + base * lower, unit * lower)
        return self.beyond


def _piece(end: Fraction, slope: Fraction, base: Fraction) -> tuple[int, int, int, int, int]:
    """The score base + slope · x up to an end, in integers: the end over its unit, slope and base over one unit."""
    unit = math.lcm(slope.denominator, base.denominator)
    return (*end.as_integer_ratio(), int(slope * unit), int(base * unit), unit)


def interpolate(knots: Iterable[tuple[Exact, Exact]], value: Exact) -> Fraction:
    """The score of one value (DP-06); of many, make the curve once."""
    return fraction_of(Curve(knots).at(value))


def weighted_mean(parts: Iterable[tuple[int, Exact]]) -> Ratio:
    """The mean of numbers by weights that need not sum to anything; they must not all be 0."""
    upper, lower, whole = 0, 1, 0
    for weight, number in parts:
        above, below = number.as_integer_ratio()
        upper, lower, whole = upper * below + weight * above * lower, lower * below, whole + weight
    return Ratio(upper, lower * whole)


def distance(value: Exact, other: Exact) -> Ratio:
    """How far two numbers lie apart."""
    (upper, lower), (above, below) = value.as_integer_ratio(), other.as_integer_ratio()
    return Ratio(abs(upper * below - above * lower), lower * below)


def exact_sum(numbers: Iterable[Exact]) -> Fraction:
    """The sum of any number of exact numbers. One after the other, the sum's denominator would soon be long and every
    further addition slow; so first those of one denominator, then neighbours, then their sums."""
    sums: dict[int, int] = defaultdict(int)
    for number in numbers:
        upper, lower = number.as_integer_ratio()
        sums[lower] += upper
    terms = [Fraction(upper, lower) for lower, upper in sorted(sums.items())]
    while len(terms) > 1:
        terms = [sum(terms[place : place + 2], Fraction()) for place in range(0, len(terms), 2)]
    return terms[0] if terms else Fraction()


def whole_weights(weights: Mapping[str, Exact]) -> dict[str, int]:
    """Weights as whole numbers in the same proportions."""
    ratios = {name: weight.as_integer_ratio() for name, weight in weights.items()}
    unit = math.lcm(*(lower for _upper, lower in ratios.values()))
    return {name: upper * unit // lower for name, (upper, lower) in ratios.items()}


def sla_knots(sla: Sla, metric: MetricPolicy) -> Knots:
    """Knots of a sub-score over the *failure*: of a floor, what it lacks to its top (TM-05). Needs both thresholds."""
    if metric.yellow is None or metric.red is None:
        raise ValueError("a service-level sub-score needs a yellow and a red line")
    top = metric.floor_top
    yellow, red = (threshold if top is None else top - threshold for threshold in (metric.yellow, metric.red))
    return (
        (Decimal(0), sla.score_at_zero),
        (yellow, sla.score_at_yellow),
        (red, sla.score_at_red),
        (red * sla.zero_at_red_times, Decimal(0)),
    )


def decimal_text(value: Exact, places: int) -> str:
    """An exact value with that many places, half up (MX-06), as it is published and exported."""
    upper, lower = value.as_integer_ratio()
    return _decimal_text(upper, lower, places)


@lru_cache(maxsize=4096)
def _decimal_text(upper: int, lower: int, places: int) -> str:
    whole = (2 * abs(upper) * 10**places + lower) // (2 * lower)
    sign = "-" if upper < 0 < whole else ""
    if not places:
        return f"{sign}{whole}"
    digits = f"{whole:0{places + 1}d}"
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def rounded(value: Exact, places: SupportsIndex) -> Decimal:
    """An exact value as a decimal with that many places, half up (MX-06)."""
    # From text, because arithmetic with decimals would be cut to the context's digits.
    return Decimal(decimal_text(value, int(places)))


def shown(value: Exact, unit: str = "") -> str:
    """A value for people, at most four decimals, no trailing zeros: shares in percent, others plain."""
    number = rounded(fraction_of(value) * 100 if unit == "share" else value, 4)
    text = format(number, "f").rstrip("0").rstrip(".")
    return f"{text} %" if unit == "share" else text
