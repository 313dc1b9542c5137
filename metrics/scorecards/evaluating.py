"""From a store's day to metric results (MX-05 … MX-10, PN-21, PN-22, DP-02): pure functions of what was loaded.

The day alone decides every level but one: a value past its yellow threshold is yellow only if the days before confirm
it. Such results say so (``needs_past``), and `confirm` decides them from a span, so that a night reads the past of few
stores.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from metrics.rules.values import Value
from metrics.scorecards.results import BenchmarkValue, Level, MetricResult, Scorecard
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.storeday import StoreDay
from metrics.scorecards.streaks import confirms_yellow, crosses_threshold
from metrics.scorecards.terms import Terms, Thresholds
from rulebook.rules import Exact, crosses


def scorecard_of(day: StoreDay, codes: Collection[str], benchmarks: Mapping[str, BenchmarkValue]) -> Scorecard:
    """The results of a store's day, some of which the past must confirm."""
    return {code: judge_day(day, code, benchmarks.get(code)) for code in codes}


def judge(span: StoreSpan, code: str, day: date, benchmark: BenchmarkValue | None) -> MetricResult:
    """Judge one metric of a store on a day; the span covers the days that a yellow level looks back on."""
    return confirm(judge_day(span.on(day), code, benchmark), span)


def judge_day(day: StoreDay, code: str, benchmark: BenchmarkValue | None) -> MetricResult:
    """Judge one metric by the day alone."""
    terms, value, thresholds = day.terms[code], day.value(code), day.thresholds(code)
    yellow = acting_yellow(terms, thresholds, benchmark)
    red = thresholds.red.value if thresholds.red else None
    preview = None
    level = _level_without_thresholds(day, terms, value)
    needs_past = False
    if level is None:
        level = _level_by_thresholds(terms, value.exact, yellow, red)
        needs_past = level is Level.YELLOW and not terms.is_new
        if terms.is_silent and yellow is not None:
            level, preview = Level.SILENT, level
    number = terms.policy.number
    return MetricResult(code, day.day, value, thresholds, yellow, red, level, benchmark, number, preview, needs_past)


def confirm(result: MetricResult, past: StoreSpan) -> MetricResult:
    """A result that needs the past decided by it; others as they are. ``past`` covers the result's day too."""
    value = result.value.exact
    if not result.needs_past or value is None:
        return result
    level = Level.YELLOW if confirms_yellow(past, result.code, result.day, value) else Level.OK
    if result.level is Level.SILENT:
        return replace(result, preview=level, needs_past=False)
    return replace(result, level=level, needs_past=False, held_back=level is Level.OK)


def acting_yellow(terms: Terms, thresholds: Thresholds, benchmark: BenchmarkValue | None) -> Fraction | None:
    """For new stores the stricter of yellow threshold and benchmark (MX-10, PN-22); liability has its own thresholds
    (DP-03)."""
    if thresholds.yellow is None:
        return None
    if benchmark is None or not terms.is_new or terms.rules.levels:
        return thresholds.yellow.value
    stricter = min if terms.rules.floor_top is None else max
    return stricter(thresholds.yellow.value, benchmark.value)


def _level_without_thresholds(day: StoreDay, terms: Terms, value: Value) -> Level | None:
    """The level where yellow and red do not decide it; None where they do."""
    if not terms.thresholds.applies:
        return Level.NA
    if not value.has_feeds:
        return Level.NO_DATA
    if day.is_stale(terms.metric.code):
        return Level.STALE
    if value.exact is None or not value.sufficient:
        return Level.FEW
    return _liability_level(terms, value.exact) if terms.rules.levels else None


def _level_by_thresholds(terms: Terms, value: Exact | None, yellow: Fraction | None, red: Fraction | None) -> Level:
    if value is None:
        return Level.FEW
    if red is not None and crosses_threshold(terms, value, red):
        return Level.RED
    if yellow is not None and crosses_threshold(terms, value, yellow):
        return Level.YELLOW
    return Level.OK


def _liability_level(terms: Terms, value: Exact) -> Level:
    """L1 … L3 at their thresholds, on one day; young stores reach level 1 earlier (DP-02, DP-03)."""
    young = terms.rules.young_line if terms.is_new else None
    reached = Level.OK
    for place, (name, threshold) in enumerate(terms.rules.levels):
        least = young if place == 0 and young is not None else threshold
        if crosses(value, least, floor_top=None, inclusive=True):
            reached = Level(name)
    return reached
