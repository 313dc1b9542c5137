"""What a metric's results have in common in stores of one kind that are compared with one benchmark: thresholds, the
level where no value decides it, texts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from metrics.catalogue import METRICS, Kind
from metrics.scorecards.evaluating import acting_yellow
from metrics.scorecards.results import PLACES, BenchmarkValue, Level
from metrics.scorecards.terms import StoreTerms, Terms
from rulebook.rules import Ratio, decimal_text

NOTHING = Ratio(0, 1)


@dataclass(frozen=True)
class Line:
    """One metric of such stores. Thresholds are those of a store that shipped nothing, so where destinations act they
    are the policy's with the factors of category and level alone."""

    code: str
    terms: Terms
    benchmark: BenchmarkValue | None

    @cached_property
    def yellow(self) -> Ratio | None:
        """The yellow threshold that acts: for new stores the dynamic baseline (MX-10)."""
        found = acting_yellow(self.terms, self.terms.thresholds, self.benchmark)
        return None if found is None else Ratio(*found.as_integer_ratio())

    @cached_property
    def own_yellow(self) -> Ratio | None:
        """The yellow threshold without a baseline."""
        yellow = self.terms.thresholds.yellow
        return None if yellow is None else Ratio(*yellow.value.as_integer_ratio())

    @cached_property
    def red(self) -> Ratio | None:
        red = self.terms.thresholds.red
        return None if red is None else Ratio(*red.value.as_integer_ratio())

    @cached_property
    def fixed_level(self) -> Level | None:
        """The level where no value decides it (MX-07); None where one does. Of composite scores, whose feeds are those
        of their parts, only whether they apply."""
        if not self.terms.thresholds.applies:
            return Level.NA
        if self.terms.metric.kind is Kind.COMPOSITE:
            return None
        if not self.terms.has_feeds:
            return Level.NO_DATA
        return Level.STALE if self.terms.is_stale else None

    @cached_property
    def has_baseline(self) -> bool:
        """Whether the yellow threshold is the stricter of its own and the benchmark."""
        terms = self.terms
        return terms.is_new and not terms.rules.levels and self.benchmark is not None and self.yellow is not None

    @cached_property
    def yellow_text(self) -> str | None:
        return None if self.yellow is None else decimal_text(self.yellow, PLACES)

    @cached_property
    def red_text(self) -> str | None:
        return None if self.red is None else decimal_text(self.red, PLACES)

    @cached_property
    def benchmark_text(self) -> str | None:
        return None if self.benchmark is None else self.benchmark.text

    @cached_property
    def thresholds_json(self) -> str:
        """Thresholds and benchmark as a published result has them, a comma in front."""
        return said(self.yellow_text, self.red_text, self.benchmark_text)


def said(yellow: str | None, red: str | None, benchmark: str | None) -> str:
    """Texts as a published result has them behind its value."""
    named = (("yellow", yellow), ("red", red), ("benchmark", benchmark))
    return "".join(f', "{name}": "{text}"' for name, text in named if text is not None)


class Kindred:
    """Stores of one kind on days of one policy that are compared with the same benchmarks."""

    def __init__(self, terms: StoreTerms, benchmarks: Mapping[str, BenchmarkValue]) -> None:
        self.terms, self.benchmarks = terms, benchmarks
        self._lines: dict[str, Line] = {}

    def line(self, code: str) -> Line:
        """What its stores have in common in a metric."""
        found = self._lines.get(code)
        if found is None:
            found = self._lines[code] = Line(code, self.terms[code], self.benchmarks.get(code))
        return found


# The beginning of each metric's published result by its level, and held back.
HEADS = {
    (code, level, held): f'{json.dumps(code)}: {{"level": "{level}"' + (', "held_back": true' if held else "")
    for code in METRICS
    for level in Level
    for held in (False, True)
}
