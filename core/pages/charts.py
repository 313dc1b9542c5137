"""Plotly figures as plain dicts (building them by plotly's own classes takes 27 ms each).

A figure is drawn twice from the same dict: as SVG by the server (`core.pages.drawing`) and, once somebody uses it,
by Plotly over that. So everything that places ink is in the dict: height, margins, ranges, ticks with their texts.
Colours are not: every series, line and annotation names a tone (ink, muted, accent, ok, yellow, red, none) and takes
its colour from the style sheet, so the same figure serves both themes. Labels are at the right edge beside their
line, there is no legend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from unicodedata import east_asian_width

from core.pages.ticks import day_ticks, fewer, number_ticks

Value = Decimal | float | int | None
Part = dict[str, Any]
HEIGHT = 352
TOP, BOTTOM = 12, 36
# The height of a row of annotations' labels, and how many rows there are at most; the distance of labels at the edge.
ROW_PIXELS = 17
MOST_ROWS = 4
LABEL_PIXELS = 20
# Margins come in steps, each a class of the style sheet (static/css/instruments.css).
MARGIN_STEP, LEAST_MARGIN, MOST_MARGIN = 16, 32, 144
MOST_NUMBERS = 6
MOST_DAYS = 8
# The width of a chart on a phone, and what the label of a day takes of it.
PHONE_PIXELS, DAY_PIXELS = 328, 46


@dataclass(frozen=True)
class Series:
    """One curve. ``dash``: solid, dot, dash; ``label`` is drawn at its right end unless ``named`` is false.
    The hover of a day shows ``title`` and the day's text; without ``texts`` the bare number."""

    label: str
    days: Sequence[date]
    values: Sequence[Value]
    tone: str = "accent"
    dash: str = "solid"
    width: float = 2
    named: bool = True
    title: str = ""
    texts: Sequence[str] = ()


@dataclass(frozen=True)
class Line:
    """A horizontal line that means something: yellow, red, benchmark."""

    label: str
    value: Value
    tone: str
    dash: str = "dash"


@dataclass(frozen=True)
class Annotation:
    """Something that happened on a day, or from it to ``until``: a notice, a change of policy, a freeze. ``hint`` is
    shown to those who point at the label, its lines apart by ``<br>``."""

    label: str
    day: date
    tone: str = "muted"
    until: date | None = None
    hint: str = ""


def _plain(value: Value) -> float | None:
    return None if value is None else float(value)


def _trace(series: Series, *, alone: bool) -> Part:
    dots = _dots(series)
    return {
        "type": "scatter",
        # Plotly takes a size of 0 for all as none given.
        "mode": "lines+markers" if any(dots) else "lines",
        "name": series.label,
        "x": [day.isoformat() for day in series.days],
        "y": [_plain(value) for value in series.values],
        "meta": {"tone": series.tone},
        "line": {"width": series.width, "dash": series.dash},
        "marker": {"size": dots, "line": {"width": 0}, "opacity": 1} if any(dots) else {},
        "connectgaps": False,
        "showlegend": False,
        **_hover(series, alone=alone),
    }


def _dots(series: Series) -> list[float]:
    """The size of each day's dot: a line through a single day would not be seen, other days have none."""
    sizes, place = [0.0] * len(series.values), 0
    for known, run in groupby(series.values, lambda value: value is not None):
        length = len(list(run))
        if known and length == 1:
            sizes[place] = 2 + series.width
        place += length
    return sizes


def _hover(series: Series, *, alone: bool) -> Part:
    """What those read who point at a day; a curve without others needs no name."""
    title = "" if alone else f"{series.title or series.label} "
    same = len(set(series.texts)) == 1
    value = series.texts[0] if same else "%{customdata}" if series.texts else "%{y}"
    more = {"customdata": list(series.texts)} if series.texts and not same else {}
    return {"hovertemplate": f"{title}{value}<extra></extra>", **more}


def _spread(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Push labels apart so that neighbours are at least ``gap`` from each other: those that are too near are spread
    around their middle, in order and, as far as there is room, between ``low`` and ``high``."""

    def bottom(group: list[int]) -> float:
        height = (len(group) - 1) * gap
        middle = sum(heights[index] for index in group) / len(group)
        return max(low, min(middle - height / 2, high - height))

    groups: list[list[int]] = []
    for index in sorted(range(len(heights)), key=heights.__getitem__):
        group = [index]
        while groups and bottom(groups[-1]) + len(groups[-1]) * gap > bottom(group):
            group = groups.pop() + group
        groups.append(group)
    placed = list(heights)
    for group in groups:
        for place, index in enumerate(group):
            placed[index] = bottom(group) + place * gap
    return placed


def _edge_labels(
    series: Sequence[Series], lines: Sequence[Line], reach: tuple[float, float], plot: float
) -> list[Part]:
    ends = [
        (s.label, next(v for v in reversed(s.values) if v is not None), s.tone)
        for s in series
        if s.named and any(v is not None for v in s.values)
    ]
    ends += [(line.label, line.value, line.tone) for line in lines if line.value is not None]
    pixel = (reach[1] - reach[0]) / plot
    heights = _spread([float(value or 0) for _, value, _ in ends], LABEL_PIXELS * pixel, *reach)
    return [
        {
            "text": label, "name": tone, "xref": "paper", "x": 1, "xanchor": "left", "xshift": 6,
            "yref": "y", "y": height, "yanchor": "middle", "showarrow": False, "align": "left",
        }
        for (label, _, tone), height in zip(ends, heights, strict=True)
    ]  # fmt: skip


def _reach(
    series: Sequence[Series], lines: Sequence[Line], floor: float | None, ceiling: float | None
) -> tuple[float, float]:
    numbers = [float(v) for s in series for v in s.values if v is not None]
    numbers += [float(line.value) for line in lines if line.value is not None]
    if not numbers:
        return (0.0, 1.0)
    room = (max(numbers) - min(numbers)) * 0.12 or abs(numbers[0]) * 0.1 or 1.0
    low, high = min(numbers) - room, max(numbers) + room
    return (low if floor is None else max(low, floor), high if ceiling is None else min(high, ceiling))


def _days(series: Sequence[Series], annotations: Sequence[Annotation]) -> tuple[date, date]:
    """The first and the last day of a chart."""
    days = [day for one in series for day in (one.days[0], one.days[-1])] or [one.day for one in annotations]
    return min(days, default=date(2000, 1, 1)), max(days, default=date(2000, 1, 1))


def _label_rows(annotations: Sequence[Annotation], span: int) -> list[int]:
    """The row above the plot for each annotation's label, so that labels of near days don't cover each
    other even on a phone, where a letter takes a thirtieth of the plot."""
    rows, ends = [0] * len(annotations), [float("-inf")] * MOST_ROWS
    for place in sorted(range(len(annotations)), key=lambda place: annotations[place].day):
        half = (len(annotations[place].label) / 30 + 0.03) * span / 2
        middle = annotations[place].day.toordinal()
        free = (row for row, end in enumerate(ends) if end <= middle - half)
        rows[place] = next(free, ends.index(min(ends)))
        ends[rows[place]] = middle + half
    return rows


def _margin(texts: Sequence[str]) -> int:
    """Room beside the plot for the widest of some texts of 14 px."""
    widest = max((sum(14 if east_asian_width(one) in "WF" else 8.4 for one in text) for text in texts), default=0)
    steps = -(-(widest + 12) // MARGIN_STEP)
    return int(max(LEAST_MARGIN, min(MOST_MARGIN, steps * MARGIN_STEP)))


def figure(
    series: Sequence[Series],
    lines: Sequence[Line] = (),
    annotations: Sequence[Annotation] = (),
    *,
    percent: bool = False,
    whole: bool = False,
    floor: float | None = None,
    ceiling: float | None = None,
) -> Part:
    """A time chart: curves over days, meaningful lines, annotations. Values of a ``percent`` chart are shares
    (0.0619), those of a ``whole`` one count something.

    ``floor`` and ``ceiling`` bound the axis (0 and 1 for shares, 0 and 5 for ratings); inside them it follows the data.
    """
    low, high = _reach(series, lines, floor, ceiling)
    first, last = _days(series, annotations)
    rows = _label_rows(annotations, (last - first).days)
    top = TOP + (max(rows) + 1) * ROW_PIXELS if rows else TOP
    numbers = number_ticks(low, high, MOST_NUMBERS, percent=percent, whole=whole)
    labels = _edge_labels(series, lines, (low, high), HEIGHT - top - BOTTOM)
    left, right = _margin([text for _number, text in numbers]), _margin([one["text"] for one in labels])
    days, plot = day_ticks(first, last, MOST_DAYS), PHONE_PIXELS - left - right
    return {
        "data": [_trace(one, alone=len(series) == 1) for one in series],
        "layout": {
            "height": HEIGHT,
            "margin": {"l": left, "r": right, "t": top, "b": BOTTOM},
            "showlegend": False,
            "hovermode": "x unified",
            "dragmode": False,
            "xaxis": {
                "type": "date", "range": _range(first, last), "showgrid": False, "showline": True, "ticks": "outside",
                "tickangle": 0, "spikethickness": 1, "fixedrange": True,
                "unifiedhovertitle": {"text": "%{x|%Y-%m-%d}"}, **_named_days(days),
            },
            "yaxis": {
                "range": [low, high], "fixedrange": True, "zeroline": False, "showline": False, "ticks": "",
                "showspikes": False,
                **_ticks([number for number, _text in numbers], [text for _number, text in numbers]),
                "hoverformat": ".2%" if percent else ".2f",
            },
            "shapes": [*_line_shapes(lines), *_spans(annotations), *_annotation_lines(annotations)],
            "annotations": labels + _annotation_labels(annotations, rows),
            # What static/js/chart.js takes instead on a narrow screen.
            "meta": {"narrow": _named_days(fewer(days, DAY_PIXELS * (last - first).days / plot))},
        },
    }  # fmt: skip


def _ticks(places: Sequence[Any], texts: Sequence[str]) -> Part:
    return {"tickmode": "array", "tickvals": list(places), "ticktext": list(texts)}


def _range(first: date, last: date) -> list[str]:
    """A single day is in the middle of its axis."""
    if first == last:
        return [f"{first - timedelta(days=1)} 12:00", f"{first} 12:00"]
    return [first.isoformat(), last.isoformat()]


def _named_days(days: Sequence[date]) -> Part:
    return _ticks([day.isoformat() for day in days], [f"{day:%m-%d}" for day in days])


def _line_shapes(lines: Sequence[Line]) -> list[Part]:
    return [
        {
            "type": "line", "name": line.tone, "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": _plain(line.value),
            "y1": _plain(line.value), "line": {"width": 1.5, "dash": line.dash}, "layer": "below",
        }
        for line in lines if line.value is not None
    ]  # fmt: skip


def _spans(annotations: Sequence[Annotation]) -> list[Part]:
    return [
        {
            "type": "rect", "name": one.tone, "xref": "x", "x0": one.day.isoformat(), "x1": one.until.isoformat(),
            "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0}, "opacity": 0.12, "layer": "below",
        }
        for one in annotations if one.until is not None and one.until > one.day
    ]  # fmt: skip


def _annotation_lines(annotations: Sequence[Annotation]) -> list[Part]:
    return [
        {
            "type": "line", "name": one.tone, "xref": "x", "x0": one.day.isoformat(), "x1": one.day.isoformat(),
            "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 1, "dash": "dot"}, "layer": "below",
        }
        for one in annotations
    ]  # fmt: skip


def _annotation_labels(annotations: Sequence[Annotation], rows: Sequence[int]) -> list[Part]:
    return [
        {
            "text": one.label, "name": one.tone, "xref": "x", "x": one.day.isoformat(), "yref": "paper", "y": 1,
            "yanchor": "bottom", "xanchor": "center", "yshift": row * ROW_PIXELS, "showarrow": False,
            "hovertext": one.hint,
        }
        for one, row in zip(annotations, rows, strict=True)
    ]  # fmt: skip
