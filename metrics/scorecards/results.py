"""Metric results: a value with its thresholds, level, benchmark and deviation (MX-08 … MX-12, PN-21, PN-22)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

from metrics.catalogue import DIMENSIONS, METRICS, Metric
from metrics.rules.values import Value
from metrics.scorecards.terms import Thresholds
from rulebook.rules import Exact, Ratio, decimal_text, fraction_of

# Decimals of published and exported numbers.
PLACES = 10


class Level(StrEnum):
    """The words of the ``level`` column (MX)."""

    OK = "ok"
    YELLOW = "yellow"
    RED = "red"
    FEW = "few"
    NO_DATA = "no_data"
    STALE = "stale"
    SILENT = "silent"
    NA = "na"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"


@dataclass(frozen=True)
class BenchmarkValue:
    """What a store is compared with: ``source`` is imported, category or all; ``scope`` its category
    (MX-11). One serves all stores that are compared with it."""

    exact: Exact
    source: str
    scope: str
    stores: int

    @cached_property
    def value(self) -> Fraction:
        """The value in lowest terms."""
        return fraction_of(self.exact)

    @cached_property
    def text(self) -> str:
        """The value as it is published and exported."""
        return decimal_text(self.exact, PLACES)


@dataclass(slots=True)
class MetricResult:
    """One row of a scorecard: ``yellow`` is the threshold that acts, for a new store the dynamic baseline (MX-10).
    ``preview``: what a silent metric's level would be if the silent period were over (PN-21). ``needs_past``: the level
    (of a silent metric the preview) is yellow only if the days before confirm it; ``held_back``: they don't, though the
    value is past its yellow threshold. Never changed once made: not frozen only because a night makes hundreds of
    thousands."""

    code: str
    day: date
    value: Value
    thresholds: Thresholds
    yellow: Fraction | None
    red: Fraction | None
    level: Level
    benchmark: BenchmarkValue | None
    policy_version: int
    preview: Level | None = None
    needs_past: bool = False
    held_back: bool = False

    @property
    def metric(self) -> Metric:
        return METRICS[self.code]

    @property
    def has_baseline(self) -> bool:
        """Whether the benchmark replaces the yellow threshold: the dynamic baseline of new stores (PN-22)."""
        return self.thresholds.yellow is not None and self.yellow != self.thresholds.yellow.value

    @property
    def deviation(self) -> Fraction | None:
        """(store − benchmark) ÷ benchmark of a rating dimension (MX-12)."""
        found = self.deviation_exact
        return None if found is None else fraction_of(found)

    @property
    def deviation_exact(self) -> Ratio | None:
        """The same, not reduced."""
        if self.code not in DIMENSIONS or self.value.exact is None or self.benchmark is None:
            return None
        (upper, lower), (mean, unit) = self.value.exact.as_integer_ratio(), self.benchmark.exact.as_integer_ratio()
        return Ratio(upper * unit - mean * lower, lower * mean) if mean else None


# By metric code.
Scorecard = dict[str, MetricResult]


def result_data(result: MetricResult) -> dict[str, Any]:
    """A result as it is published and exported: decimals as text with 10 places, absent parts left out."""
    data: dict[str, Any] = {"level": str(result.level)}
    if result.held_back:
        data["held_back"] = True
    fields = (("value", result.value.exact), ("yellow", result.yellow), ("red", result.red))
    for name, number in fields:
        if number is not None:
            data[name] = decimal_text(number, PLACES)
    if result.benchmark is not None:
        data["benchmark"] = result.benchmark.text
    deviation = result.deviation_exact
    if deviation is not None:
        data["deviation"] = decimal_text(deviation, PLACES)
    if result.value.denominator is not None:
        data |= {"numerator": result.value.numerator, "denominator": result.value.denominator}
    return data
