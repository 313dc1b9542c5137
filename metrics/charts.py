"""Charts of the pages of metrics, as dicts for Plotly and as the tables beside them (PG-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from metrics import words
from stores import formats
from stores.figures import Mark, Series, figure

Numbers = Sequence[Fraction | None]
# What a chart's axis never leaves: shares stay between 0 and 1, stars and scores above 0.
BOUNDS: dict[str, tuple[float, float | None]] = {"share": (0.0, 1.0), "stars": (0.0, 5.0), "score": (0.0, 100.0)}


@dataclass(frozen=True, slots=True)
class History:
    """A metric over days, oldest first: value, the lines in force on each day, the benchmark; None where there is none.
    ``versions``: the policy version in force on each day."""

    title: str
    unit: str
    days: Sequence[date]
    values: Numbers
    yellow: Numbers
    red: Numbers
    benchmark: Numbers
    versions: Sequence[int]


@dataclass(frozen=True, slots=True)
class Future:
    """What may come after a history: its days and, per course, its name and values (MX-14)."""

    days: Sequence[date]
    courses: Sequence[tuple[str, Numbers]]


def chart_of(history: History, future: Future | None = None, marks: Sequence[Mark] = ()) -> dict[str, Any]:
    """The chart: the value solid, lines dashed, the benchmark dotted, courses of the future thin; each named at its
    right end. Before a future the value stands over its last day instead, and lines go on as they are."""
    low, high = BOUNDS.get(history.unit, (0.0, None))
    today = [] if future is None else [Mark(_value_label(history), history.days[-1], "ink")]
    return figure(
        [*_series(history, future), *_courses(history, future)],
        marks=[*today, *marks],
        percent=history.unit == "share",
        floor=low,
        ceiling=high,
    )


def _series(history: History, future: Future | None) -> list[Series]:
    more = future.days if future else ()
    found = [
        _one(history, history.red, pgettext("line", "red"), "red", "dash", more),
        _one(history, history.yellow, pgettext("line", "yellow"), "yellow", "dash", more),
        _one(history, history.benchmark, _("peers"), "muted", "dot"),
    ]
    label, values = _value_label(history), _plain(history.values)
    found.append(Series(label, history.days, values, "ink", "solid", 2.5, named=future is None))
    return [series for series in found if series is not None]


def _value_label(history: History) -> str:
    value = _last(history.values)
    return history.title if value is None else words.value_text(value, history.unit)


def _courses(history: History, future: Future | None) -> list[Series]:
    """Each course from the last value on; its name alone stands at its end, a value beside it would not fit."""
    if future is None:
        return []
    days, now = [history.days[-1], *future.days], history.values[-1]
    return [Series(name, days, _plain([now, *values]), "accent", "solid", 1.25) for name, values in future.courses]


def _one(
    history: History, values: Numbers, word: str, tone: str, dash: str, more: Sequence[date] = ()
) -> Series | None:
    """A line over the history and on, as it is, over ``more`` days."""
    last = _last(values)
    if last is None:
        return None
    text = words.value_text(last, history.unit) if tone == "muted" else words.line_text(last, history.unit)
    drawn = [*values, *[values[-1]] * len(more)]
    return Series(f"{word} {text}", [*history.days, *more], _plain(drawn), tone, dash, 1.5)


def _plain(values: Numbers) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def _last(values: Numbers) -> Fraction | None:
    return next((value for value in reversed(values) if value is not None), None)


def table_of(history: History) -> dict[str, Any]:
    """The same figures for those who read, newest first."""
    columns = [_("Day"), history.title]
    series: list[tuple[str, Numbers]] = [
        (pgettext("line", "yellow"), history.yellow),
        (pgettext("line", "red"), history.red),
        (_("peers"), history.benchmark),
    ]
    shown = [(label, values) for label, values in series if any(value is not None for value in values)]
    rows = []
    for place in range(len(history.days) - 1, -1, -1):
        lines = [history.yellow[place], history.red[place]]
        row = [formats.day(history.days[place]), words.value_text(history.values[place], history.unit, lines)]
        rows.append(row + [words.value_text(values[place], history.unit) for _label, values in shown])
    return {"columns": columns + [label for label, _values in shown], "rows": rows}
