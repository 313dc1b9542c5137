"""Effective lines and scores (DM-31, DP-06, TM-05). Pure; exact: what can't be a finite decimal is a Fraction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import SupportsIndex

from rulebook.policy import MetricPolicy, Policy
from rulebook.policy.core import Knots, Sla

Exact = Fraction | Decimal | int


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
class EffectiveLine:
    """A line after its factors: ``value`` is exact, ``base`` the policy's line; factors of 1 are not kept."""

    value: Fraction
    base: Decimal
    floor_top: Decimal | None
    factors: tuple[Factor, ...]

    def decimal(self, places: int = 10) -> Decimal:
        """The line rounded half up for storage and export."""
        return rounded(self.value, places)

    def explanation(self, unit: str = "share") -> str:
        """The arithmetic in one line: ``5 % × 0.95 gold = 4.75 %``; alone the line where no factor acts."""
        base, line = shown(self.base, unit), shown(self.value, unit)
        if not self.factors:
            return line
        product = "".join(f" × {shown(factor.value)} {factor.name}" for factor in self.factors)
        if self.floor_top is None:
            return f"{base}{product} = {line}"
        top, allowed = shown(self.floor_top, unit), shown(self.floor_top - self.base, unit)
        return f"{top} − {allowed}{product} = {line}"


def effective_line(line: Decimal, *, floor_top: Decimal | None, factors: Iterable[Factor]) -> EffectiveLine:
    """The line that judges: factors multiply the allowed failure (DM-31).

    ``floor_top`` None: more is worse, the line itself is the allowance (5 % × f). Else less is worse and the allowance
    lies between the line and the top: 1 − 0.05 × f for 95 %, 5 − 0.4 × f for 4.6.
    """
    acting = tuple(factor for factor in factors if factor.value != 1)
    product = Fraction(1)
    for factor in acting:
        product *= factor.value
    if floor_top is None:
        return EffectiveLine(Fraction(line) * product, line, None, acting)
    top = Fraction(floor_top)
    return EffectiveLine(top - (top - Fraction(line)) * product, line, floor_top, acting)


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
    weighed = orders + sum(
        ((Fraction(factor) - 1) * shipped_by_site[site] for site, factor in factors.items()), Fraction(0)
    )
    return Factor("site", ", ".join(sorted(factors)), weighed / orders)


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


def crosses(value: Exact, line: Exact, *, floor_top: Decimal | None, inclusive: bool = False) -> bool:
    """Whether a value is on the wrong side of a line; exactly on it only where the metric is inclusive (≥)."""
    (upper, lower), (line_upper, line_lower) = value.as_integer_ratio(), line.as_integer_ratio()
    worse = upper * line_lower - line_upper * lower
    if floor_top is not None:
        worse = -worse
    return worse >= 0 if inclusive else worse > 0


def interpolate(knots: Sequence[tuple[Exact, Exact]], value: Exact) -> Fraction:
    """The piecewise linear score of a value; beyond the outer knots the outer score holds (DP-06)."""
    points = sorted((Fraction(x), Fraction(y)) for x, y in knots)
    at = Fraction(value)
    if at <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return points[-1][1]


def sla_knots(sla: Sla, metric: MetricPolicy) -> Knots:
    """Knots of a sub-score over the *failure*: of a floor, what it lacks to its top (TM-05). Needs both lines."""
    if metric.yellow is None or metric.red is None:
        raise ValueError("a service-level sub-score needs a yellow and a red line")
    top = metric.floor_top
    yellow, red = (line if top is None else top - line for line in (metric.yellow, metric.red))
    return (
        (Decimal(0), sla.score_at_zero),
        (yellow, sla.score_at_yellow),
        (red, sla.score_at_red),
        (red * sla.zero_at_red_times, Decimal(0)),
    )


def rounded(value: Exact, places: SupportsIndex) -> Decimal:
    """An exact value as a decimal with that many places, half up (MX-06)."""
    upper, lower = value.as_integer_ratio()
    whole = (2 * abs(upper) * 10 ** int(places) + lower) // (2 * lower)
    # From text, because arithmetic with decimals would be cut to the context's digits.
    return Decimal(f"{whole if upper >= 0 else -whole}E-{int(places)}")


def shown(value: Exact, unit: str = "") -> str:
    """A value for people, at most four decimals, no trailing zeros: shares in percent, others plain."""
    number = rounded(Fraction(value) * 100 if unit == "share" else Fraction(value), 4)
    text = format(number, "f").rstrip("0").rstrip(".")
    return f"{text} %" if unit == "share" else text
