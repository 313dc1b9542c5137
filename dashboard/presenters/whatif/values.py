"""Values of what-if in words: a metric as it is and as it would be (BX-04)."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from core.pages import formats
from dashboard.presenters import parts
from insights.queries.whatif.simulation import DayPair, MetricCourse, WhatIf
from metrics import words
from metrics.catalogue import METRICS, Kind
from metrics.scorecards.results import MetricResult
from metrics.scorecards.spans import StoreSpan
from metrics.words import Number
from rulebook.rules import rounded

# Values that bring something at thresholds of their own: tiers, grades, what the health score brings.
RANKED = ("dsr", "shs", "sla")
# Scores have as many decimals (MX-06), more where two beside each other differ only there; values that agree in
# `PLACES` are shown as the same.
USUAL_PLACES, PLACES = 2, 4


@dataclass(frozen=True, slots=True)
class Reading:
    """A value with its level and the level's word where it is another than usual; ``count``: of how many orders."""

    value: str
    level: str
    word: str
    count: str


@dataclass(frozen=True, slots=True)
class DayReading:
    """A metric on a day, as it is and as it would be."""

    day: date
    before: Reading
    after: Reading
    same: bool


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric on the last known day and on the last day ahead."""

    name: str
    ends: list[DayReading]
    same: bool


def row(found: WhatIf, course: MetricCourse) -> MetricRow:
    """A metric on the last known day and on the last day ahead, each as it is and as it would be."""
    ends = [
        DayReading(
            day=pair.day,
            before=reading(found.as_is, course, pair.as_is, pair.would, counted=place == 0),
            after=reading(found.would, course, pair.would, pair.as_is, counted=place == 0),
            same=alike(pair),
        )
        for place, pair in enumerate(course.ends)
    ]
    return MetricRow(str(METRICS[course.code].title), ends, all(end.same for end in ends))


def alike(pair: DayPair) -> bool:
    """Whether a day shows the same value and level on both sides."""
    return close(pair.as_is, pair.would) and pair.as_is.level == pair.would.level


def close(one: MetricResult, other: MetricResult) -> bool:
    """Whether two values are told apart by no more than `PLACES` decimals."""
    values = [result.value.value for result in (one, other)]
    if values[0] is None or values[1] is None:
        return values[0] is values[1]
    return rounded(values[0], PLACES) == rounded(values[1], PLACES)


def reading(
    store_span: StoreSpan,
    course: MetricCourse,
    result: MetricResult,
    beside: MetricResult | None = None,
    *,
    counted: bool = False,
) -> Reading:
    """A result as value, level and word; ``count`` behind it where it is of whole orders."""
    level, word = str(result.level), ""
    if result.metric.kind == Kind.COMPOSITE:
        level, word = parts.score_level(
            result.code, result.value.value, store_span.policy(result.day, result.metric.calendar)
        )
    count = _count(result) if counted else ""
    return Reading(value_text(store_span, course, result, beside), level, word, count)


def value_text(
    store_span: StoreSpan, course: MetricCourse, result: MetricResult, beside: MetricResult | None = None
) -> str:
    """A value with as many decimals as tell it from the one that stands beside it, and from its thresholds (MX-06)."""
    value, unit = result.value.value, course.rules.unit
    thresholds: list[Number | None] = [result.yellow, result.red]
    if result.code in RANKED:
        thresholds += words.score_thresholds(result.code, store_span.policy(result.day, result.metric.calendar))
    other = beside.value.value if beside is not None and not close(result, beside) else None
    if value is None or other is None or unit == "share":
        return words.value_text(value, unit, thresholds)
    places = next((few for few in range(USUAL_PLACES, PLACES) if rounded(value, few) != rounded(other, few)), PLACES)
    return formats.score(value, [threshold for threshold in thresholds if threshold is not None], places=places)


def _count(result: MetricResult) -> str:
    value = result.value
    if result.metric.kind not in (Kind.RATE, Kind.FLOOR) or value.denominator is None or value.numerator is None:
        return ""
    whole = {"part": formats.number(value.numerator), "whole": formats.number(value.denominator)}
    return _("%(part)s of %(whole)s") % whole
