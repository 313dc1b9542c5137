"""Values of what-if in words: a metric as it is beside as it would be (BX-04)."""

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

# Values that bring something at lines of their own: tiers, grades, what the health score brings.
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
    values = [card.value.value for card in (one, other)]
    if values[0] is None or values[1] is None:
        return values[0] is values[1]
    return rounded(values[0], PLACES) == rounded(values[1], PLACES)


def reading(
    figures: StoreSpan,
    course: MetricCourse,
    card: MetricResult,
    beside: MetricResult | None = None,
    *,
    counted: bool = False,
) -> Reading:
    """A card as value, level and word; ``count`` behind it where it is of whole orders."""
    level, word = str(card.level), ""
    if card.metric.kind == Kind.COMPOSITE:
        level, word = parts.score_level(card.code, card.value.value, figures.policy(card.day, card.metric.calendar))
    count = _count(card) if counted else ""
    return Reading(value_text(figures, course, card, beside), level, word, count)


def value_text(figures: StoreSpan, course: MetricCourse, card: MetricResult, beside: MetricResult | None = None) -> str:
    """A value with as many decimals as tell it from the one that stands beside it, and from its lines (MX-06)."""
    value, unit = card.value.value, course.rules.unit
    lines: list[Number | None] = [card.yellow, card.red]
    if card.code in RANKED:
        lines += words.score_lines(card.code, figures.policy(card.day, card.metric.calendar))
    other = beside.value.value if beside is not None and not close(card, beside) else None
    if value is None or other is None or unit == "share":
        return words.value_text(value, unit, lines)
    places = next((few for few in range(USUAL_PLACES, PLACES) if rounded(value, few) != rounded(other, few)), PLACES)
    return formats.score(value, [line for line in lines if line is not None], places=places)


def _count(card: MetricResult) -> str:
    value = card.value
    if card.metric.kind not in (Kind.RATE, Kind.FLOOR) or value.denominator is None or value.numerator is None:
        return ""
    whole = {"part": formats.number(value.numerator), "whole": formats.number(value.denominator)}
    return _("%(part)s of %(whole)s") % whole
