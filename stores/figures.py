"""Plotly figures as plain dicts (building them by plotly's own classes takes 27 ms each).

Colours are not in the figure: every series, line and mark names a tone (ink, muted, accent, ok, yellow, red, none)
and ``static/js/chart.js`` takes the colour from the style sheet, so the same figure serves both themes. Labels stand at
the right edge beside their line, there is no legend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

Value = Decimal | float | int | None
# The height of a row of marks' labels, and how many rows there are at most.
ROW_PIXELS = 17
MOST_ROWS = 4


@dataclass(frozen=True)
class Series:
    """One curve. ``dash``: solid, dot, dash; ``label`` stands at its right end unless ``named`` is false."""

    label: str
    days: Sequence[date]
    values: Sequence[Value]
    tone: str = "accent"
    dash: str = "solid"
    width: float = 2
    named: bool = True


@dataclass(frozen=True)
class Line:
    """A horizontal line that means something: yellow, red, benchmark."""

    label: str
    value: Value
    tone: str
    dash: str = "dash"


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day, or from it to ``until``: a notice, a change of policy, a freeze. ``hint`` is
    shown to those who point at the label."""

    label: str
    day: date
    tone: str = "muted"
    until: date | None = None
    hint: str = ""


def _plain(value: Value) -> float | None:
    return None if value is None else float(value)


def _trace(series: Series) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": series.label,
        "x": [day.isoformat() for day in series.days],
        "y": [_plain(value) for value in series.values],
        "meta": {"tone": series.tone},
        "line": {"width": series.width, "dash": series.dash},
        "connectgaps": False,
        "showlegend": False,
        "hovertemplate": "%{y} " + series.label + "<extra></extra>",
    }


def _spread(heights: list[float], gap: float) -> list[float]:
    """Push labels apart so that neighbours are at least ``gap`` from each other, keeping their order."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = list(heights)
    for before, index in pairwise(order):
        placed[index] = max(placed[index], placed[before] + gap)
    return placed


def _edge_labels(series: Sequence[Series], lines: Sequence[Line], reach: tuple[float, float]) -> list[dict[str, Any]]:
    ends = [
        (s.label, next(v for v in reversed(s.values) if v is not None), s.tone)
        for s in series
        if s.named and any(v is not None for v in s.values)
    ]
    ends += [(line.label, line.value, line.tone) for line in lines if line.value is not None]
    heights = _spread([float(value or 0) for _, value, _ in ends], (reach[1] - reach[0]) * 0.075)
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


def _label_rows(marks: Sequence[Mark], series: Sequence[Series]) -> list[int]:
    """The row above the plot in which each mark's label stands, so that labels of near days don't cover each other even
    on a phone, where a letter takes a thirtieth of the plot."""
    days = [day for one in series for day in (one.days[0], one.days[-1])]
    span = (max(days) - min(days)).days if days else 0
    rows, ends = [0] * len(marks), [float("-inf")] * MOST_ROWS
    for place in sorted(range(len(marks)), key=lambda place: marks[place].day):
        half = (len(marks[place].label) / 30 + 0.03) * span / 2
        middle = marks[place].day.toordinal()
        free = (row for row, end in enumerate(ends) if end <= middle - half)
        rows[place] = next(free, ends.index(min(ends)))
        ends[rows[place]] = middle + half
    return rows


def figure(
    series: Sequence[Series],
    lines: Sequence[Line] = (),
    marks: Sequence[Mark] = (),
    *,
    percent: bool = False,
    floor: float | None = None,
    ceiling: float | None = None,
) -> dict[str, Any]:
    """A time chart: curves over days, meaningful lines, marks. Values of a ``percent`` chart are shares (0.0619).

    ``floor`` and ``ceiling`` bound the axis (0 and 1 for shares, 0 and 5 for ratings); inside them it follows the data.
    """
    low, high = _reach(series, lines, floor, ceiling)
    rows = _label_rows(marks, series)
    line_shapes: list[dict[str, Any]] = [
        {
            "type": "line", "name": line.tone, "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": _plain(line.value),
            "y1": _plain(line.value), "line": {"width": 1.5, "dash": line.dash}, "layer": "below",
        }
        for line in lines if line.value is not None
    ]  # fmt: skip
    mark_shapes: list[dict[str, Any]] = [
        {
            "type": "line", "name": mark.tone, "xref": "x", "x0": mark.day.isoformat(), "x1": mark.day.isoformat(),
            "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 1, "dash": "dot"}, "layer": "below",
        }
        for mark in marks
    ]  # fmt: skip
    spans: list[dict[str, Any]] = [
        {
            "type": "rect", "name": mark.tone, "xref": "x", "x0": mark.day.isoformat(), "x1": mark.until.isoformat(),
            "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 0}, "opacity": 0.12, "layer": "below",
        }
        for mark in marks if mark.until is not None and mark.until > mark.day
    ]  # fmt: skip
    mark_notes: list[dict[str, Any]] = [
        {
            "text": mark.label, "name": mark.tone, "xref": "x", "x": mark.day.isoformat(), "yref": "paper", "y": 1,
            "yanchor": "bottom", "xanchor": "center", "yshift": row * ROW_PIXELS, "showarrow": False,
            "hovertext": mark.hint,
        }
        for mark, row in zip(marks, rows, strict=True)
    ]  # fmt: skip
    return {
        "data": [_trace(one) for one in series],
        "layout": {
            "margin": {"l": 56, "r": 132, "t": 12 + (max(rows) + 1) * ROW_PIXELS if rows else 12, "b": 36},
            "showlegend": False,
            "hovermode": "x unified",
            "dragmode": False,
            "xaxis": {
                "type": "date", "showgrid": False, "showline": True, "ticks": "outside", "tickformat": "%m-%d",
                "hoverformat": "%Y-%m-%d", "fixedrange": True, "nticks": 8,
            },
            "yaxis": {
                "range": [low, high], "fixedrange": True, "zeroline": False, "nticks": 6, "ticks": "",
                "tickformat": ".1~%" if percent else "", "hoverformat": ".2%" if percent else ".2f",
            },
            "shapes": line_shapes + spans + mark_shapes,
            "annotations": _edge_labels(series, lines, (low, high)) + mark_notes,
        },
    }  # fmt: skip
