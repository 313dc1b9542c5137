"""Charts of the pages of metrics, as dicts for Plotly and as the tables beside them (PG-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from core.pages.charts import Annotation, Series, figure
from insights.history import Future, History, Numbers
from metrics import words

# What a chart's axis never leaves: shares stay between 0 and 1, stars and scores above 0.
BOUNDS: dict[str, tuple[float, float | None]] = {"share": (0.0, 1.0), "stars": (0.0, 5.0), "score": (0.0, 100.0)}


def chart_of(history: History, future: Future | None = None, annotations: Sequence[Annotation] = ()) -> dict[str, Any]:
    """The chart: the value solid, lines dashed, the benchmark dotted, courses of the future thin; each named at its
    right end. Before a future the value stands over its last day instead, and lines go on as they are."""
    low, high = BOUNDS.get(history.unit, (0.0, None))
    today = [] if future is None else [Annotation(_value_label(history), history.days[-1], "ink")]
    return figure(
        [*_series(history, future), *_courses(history, future)],
        annotations=[*today, *annotations],
        percent=history.unit == "share",
        whole=history.unit == "count",
        floor=low,
        ceiling=high,
    )


def _series(history: History, future: Future | None) -> list[Series]:
    more = future.days if future else ()
    found = [
        _one(history, history.red, pgettext("threshold", "red"), "red", "dash", more),
        _one(history, history.yellow, pgettext("threshold", "yellow"), "yellow", "dash", more),
        _one(history, history.benchmark, _("peers"), "muted", "dot"),
    ]
    label, values = _value_label(history), _plain(history.values)
    texts = [text_on(history, place) for place in range(len(history.days))]
    value = Series(label, history.days, values, "ink", "solid", 2.5, future is None, history.title, texts)
    return [series for series in (*found, value) if series is not None]


def text_on(history: History, place: int) -> str:
    """The value of a day, told from the lines of that day (MX-06)."""
    return words.value_text(history.values[place], history.unit, [history.yellow[place], history.red[place]])


def _value_label(history: History) -> str:
    place = next((place for place in reversed(range(len(history.days))) if history.values[place] is not None), None)
    return history.title if place is None else text_on(history, place)


def _courses(history: History, future: Future | None) -> list[Series]:
    """Each course from the last value on; its name alone stands at its end, a value beside it would not fit."""
    if future is None:
        return []
    days, found = [history.days[-1], *future.days], []
    lines = [history.yellow[-1], history.red[-1]]
    for name, values in future.courses:
        drawn = [history.values[-1], *values]
        texts = [words.value_text(value, history.unit, lines) for value in drawn]
        found.append(Series(name, days, _plain(drawn), "accent", "solid", 1.25, texts=texts))
    return found


def _one(
    history: History, values: Numbers, word: str, tone: str, dash: str, more: Sequence[date] = ()
) -> Series | None:
    """A line over the history and on, as it is, over ``more`` days."""
    drawn = [*values, *[values[-1]] * len(more)]
    say = words.value_text if tone == "muted" else words.threshold_text
    said = {value: say(value, history.unit) for value in set(drawn) if value is not None}
    last = _last(values)
    if last is None:
        return None
    texts = ["" if value is None else said[value] for value in drawn]
    days = [*history.days, *more]
    return Series(f"{word} {said[last]}", days, _plain(drawn), tone, dash, 1.5, title=word, texts=texts)


def _plain(values: Numbers) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def _last(values: Numbers) -> Fraction | None:
    return next((value for value in reversed(values) if value is not None), None)


@dataclass(frozen=True, slots=True)
class ChartTable:
    """The figures of a chart as texts, the day first, for templates/components/chart.html."""

    columns: list[str]
    rows: list[list[str]]


def table_of(history: History) -> ChartTable:
    """The same figures for those who read, newest first."""
    columns = [_("Day"), history.title]
    series: list[tuple[str, Numbers]] = [
        (pgettext("threshold", "yellow"), history.yellow),
        (pgettext("threshold", "red"), history.red),
        (_("peers"), history.benchmark),
    ]
    shown = [(label, values) for label, values in series if any(value is not None for value in values)]
    rows = []
    for place in range(len(history.days) - 1, -1, -1):
        row = [formats.day(history.days[place]), text_on(history, place)]
        rows.append(row + [words.value_text(values[place], history.unit) for _label, values in shown])
    return ChartTable(columns + [label for label, _values in shown], rows)
