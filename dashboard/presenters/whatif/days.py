"""What-if day by day: the chart of a metric, its table, and every metric as it would be (BX-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from core.pages.charts import Annotation, Line, Series, figure
from core.templatetags.ui import status_word
from dashboard.presenters.history_chart import BOUNDS, ChartTable
from dashboard.presenters.whatif.values import Reading, alike, reading
from insights.queries.whatif.simulation import PAST_DAYS, MetricCourse, WhatIf
from metrics import words
from metrics.catalogue import METRICS
from metrics.scorecards.results import MetricResult
from metrics.scorecards.spans import StoreSpan

# What stands in the table of all days besides metrics that issue notices.
SCORES = ("liability_rate", "shs", "sla")


def chart_of(found: WhatIf, code: str) -> dict[str, Any]:
    """The metric over the last weeks and the days ahead: as it is, as it would be, the thresholds."""
    course = found.courses[code]
    first = course.days[0].day
    past = [first - timedelta(days=back) for back in range(PAST_DAYS - 1, 0, -1)]
    days = [*past, *(pair.day for pair in course.days)]
    is_same = all(alike(pair) for pair in course.days)
    series = [_curve(found.as_is, course, days, pgettext("what-if", "as it is"), "ink", 2 if is_same else 1.25)]
    if not is_same:
        series.append(_curve(found.would, course, days, pgettext("what-if", "would be"), "accent", 2.5))
    unit, result = course.rules.unit, course.days[0].as_is
    named = (
        (result.yellow, pgettext("threshold", "yellow"), "yellow"),
        (result.red, pgettext("threshold", "red"), "red"),
    )
    thresholds = [
        Line(f"{word} {words.threshold_text(threshold, unit)}", float(threshold), tone)
        for threshold, word, tone in named
        if threshold is not None
    ]
    low, high = BOUNDS.get(unit, (0.0, None))
    today = [Annotation(formats.day(first), first, "muted")] if found.ahead else []
    return figure(series, thresholds, today, percent=unit == "share", whole=unit == "count", floor=low, ceiling=high)


def _curve(
    store_span: StoreSpan, course: MetricCourse, days: Sequence[date], label: str, tone: str, width: float
) -> Series:
    values = [store_span.value(course.code, day).value for day in days]
    result, floats = course.days[0].as_is, [None if value is None else float(value) for value in values]
    texts = [words.value_text(value, course.rules.unit, [result.yellow, result.red]) for value in values]
    return Series(label, days, floats, tone, "solid", width, texts=texts)


def table_of(found: WhatIf, course: MetricCourse) -> ChartTable:
    """The metric day by day: value and level, as it is and as it would be."""
    rows = [
        [formats.day(pair.day), _cell(found.as_is, course, pair.as_is), _cell(found.would, course, pair.would)]
        for pair in course.days
    ]
    return ChartTable([_("Day"), _("As it is"), _("As it would be")], rows)


def _cell(store_span: StoreSpan, course: MetricCourse, result: MetricResult) -> str:
    one = reading(store_span, course, result)
    return f"{one.value} {one.word or status_word(one.level)}"


@dataclass(frozen=True, slots=True)
class DayRow:
    """The metrics on a day."""

    day: date
    cells: list[Reading]


@dataclass(frozen=True, slots=True)
class DaysTable:
    """What templates/dashboard/_what_if_days.html reads."""

    columns: list[str]
    rows: list[DayRow]


def by_day(found: WhatIf) -> DaysTable:
    """Every metric of the first table as it would be, a row for each day; the others are told by the chart's table."""
    shown = [course for course in found.courses.values() if (course.story is not None or course.code in SCORES)]
    most = max(len(course.days) for course in shown)
    rows = [
        DayRow(
            found.days.performance + timedelta(days=place),
            [reading(found.would, one, one.days[place].would) for one in shown],
        )
        for place in range(most)
    ]
    return DaysTable([str(METRICS[course.code].title) for course in shown], rows)
