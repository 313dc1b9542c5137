"""A figure (`core.pages.charts`) as SVG, so that a page's charts can be read, printed and do without scripts.

The drawing is as wide as its place: what is along the days stands in percent, the curves lie in a box that is
stretched (their strokes are not), heights, margins and letters are pixels. That is how Plotly lays the same figure out,
so it can take a drawing's place without a jump. The SVG is the plot; labels stand out of it into margins which, like
the colours, are classes of the style sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Figure = Mapping[str, Any]
Point = tuple[float, float]
# The width of the box of curves, in units of its own.
UNITS = 1000
# How the strokes of a tone are broken, as Plotly breaks them.
DASHES = {"solid": 0, "dot": 1, "dash": 3}
LEAST_DASH = 3


class Frame:
    """Positions of a figure's values: horizontally in percent of the plot, vertically in its pixels."""

    def __init__(self, layout: Figure) -> None:
        margin = layout["margin"]
        self.left, self.right, self.top = margin["l"], margin["r"], margin["t"]
        self.height: int = layout["height"]
        self.plot: int = self.height - margin["t"] - margin["b"]
        self._first, last = map(datetime.fromisoformat, layout["xaxis"]["range"])
        self._span = (last - self._first).total_seconds()
        self._low: float = layout["yaxis"]["range"][0]
        high: float = layout["yaxis"]["range"][1]
        self._reach = (high - self._low) or 1.0

    def along(self, value: Any, ref: str = "x") -> float:
        """A day, or a share of the plot (``paper``)."""
        if ref == "paper":
            return float(value * 100)
        return (datetime.fromisoformat(value) - self._first).total_seconds() / self._span * 100

    def down(self, value: float, ref: str = "y") -> float:
        """A value, or a share of the plot from its foot."""
        share = value if ref == "paper" else (value - self._low) / self._reach
        return (1 - share) * self.plot


def drawing(figure: Figure, name: str, *, labelled: str = "") -> SafeString:
    """The SVG of a figure. ``name``: the id of its description, unique on the page; ``labelled``: the id of the text
    that names it."""
    layout = figure["layout"]
    frame = Frame(layout)
    plot = [
        *_numbers(layout["yaxis"], frame),
        *_days(layout, frame),
        *(part for shape in layout["shapes"] for part in _shape(shape, frame)),
        f'<svg width="100%" height="{frame.plot}" viewBox="0 0 {UNITS} {frame.plot}" preserveAspectRatio="none">',
        *(part for trace in figure["data"] for part in _curve(trace, frame)),
        "</svg>",
        *(part for trace in figure["data"] for part in _dots(trace, frame)),
        *(_note(note, frame) for note in layout["annotations"]),
    ]
    named = f' aria-labelledby="{escape(labelled)}"' if labelled else ""
    return mark_safe(
        f'<svg class="drawing left-{frame.left} right-{frame.right}" width="75%" height="{frame.height}" role="img"'
        f'{named} aria-describedby="{escape(name)}"><desc id="{escape(name)}">{escape(described(figure))}</desc>'
        f'<g transform="translate(0 {frame.top})">{"".join(plot)}</g></svg>'
    )


def described(figure: Figure) -> str:
    """The text of a chart: its days and its labels, from the top down."""
    layout = figure["layout"]
    first, last = (text.partition(" ")[0] for text in layout["xaxis"]["range"])
    notes = sorted(layout["annotations"], key=lambda note: (note["xref"] == "x", -note["y"]))
    texts = [f"{note['x']}: {note['text']}" if note["xref"] == "x" else str(note["text"]) for note in notes]
    return "; ".join([f"{first} … {last}", *texts])


def _numbers(axis: Figure, frame: Frame) -> Iterator[str]:
    for number, text in zip(axis["tickvals"], axis["ticktext"], strict=True):
        down = _px(frame.down(number))
        yield f'<line class="grid" x2="100%" y1="{down}" y2="{down}"/>'
        yield f'<text x="-1" y="{down}" dy=".35em" text-anchor="end">{escape(text)}</text>'


def _days(layout: Figure, frame: Frame) -> Iterator[str]:
    """The axis with its ticks; those that a narrow screen has no room for are of the class ``wide``."""
    axis, narrow = layout["xaxis"], layout["meta"]["narrow"]["tickvals"]
    yield f'<line class="axis" x2="100%" y1="{frame.plot}" y2="{frame.plot}"/>'
    for day, text in zip(axis["tickvals"], axis["ticktext"], strict=True):
        place = f"{frame.along(day):.2f}%"
        kind = "" if day in narrow else ' class="wide"'
        yield (
            f'<g{kind}><line class="axis" x1="{place}" x2="{place}" y1="{frame.plot}" y2="{frame.plot + 5}"/>'
            f'<text x="{place}" y="{frame.plot + 23}" text-anchor="middle">{escape(text)}</text></g>'
        )


def _shape(shape: Figure, frame: Frame) -> Iterator[str]:
    left, right = (frame.along(shape[end], shape["xref"]) for end in ("x0", "x1"))
    foot, head = (frame.down(shape[end], shape["yref"]) for end in ("y0", "y1"))
    tone = escape(shape["name"])
    if shape["type"] == "rect":
        yield (
            f'<rect class="tone-{tone}" x="{left:.2f}%" y="{_px(head)}" width="{right - left:.2f}%"'
            f' height="{_px(foot - head)}" opacity="{shape["opacity"]}"/>'
        )
    else:
        yield (
            f'<line class="tone-{tone}" x1="{left:.2f}%" x2="{right:.2f}%" y1="{_px(foot)}" y2="{_px(head)}"'
            f"{_stroke(shape['line'])}/>"
        )


def _curve(trace: Figure, frame: Frame) -> Iterator[str]:
    runs = [_thinned(run) for run in _runs(trace, frame)]
    path = "".join("M" + "L".join(f"{x:.1f} {_px(y)}" for x, y in run) for run in runs if len(run) > 1)
    if path:
        yield f'<path class="tone-{escape(trace["meta"]["tone"])}" d="{path}"{_stroke(trace["line"])}/>'


def _runs(trace: Figure, frame: Frame) -> Iterator[list[Point]]:
    """The points of a curve, cut where a day has no value."""
    points = zip(trace["x"], trace["y"], strict=True)
    for known, run in groupby(points, lambda point: point[1] is not None):
        if known:
            yield [(frame.along(day) * UNITS / 100, frame.down(value)) for day, value in run]


def _thinned(run: Sequence[Point]) -> list[Point]:
    """Without the points inside a level stretch."""
    return [
        point
        for place, point in enumerate(run)
        if place in (0, len(run) - 1) or not (run[place - 1][1] == point[1] == run[place + 1][1])
    ]


def _dots(trace: Figure, frame: Frame) -> Iterator[str]:
    sizes = trace["marker"].get("size", [0] * len(trace["x"]))
    for day, value, size in zip(trace["x"], trace["y"], sizes, strict=True):
        if size and value is not None:
            yield (
                f'<circle class="tone-{escape(trace["meta"]["tone"])}" cx="{frame.along(day):.2f}%"'
                f' cy="{_px(frame.down(value))}" r="{size / 2:g}"/>'
            )


def _note(note: Figure, frame: Frame) -> str:
    """A label beside the plot or above a day; its hint shows on hover."""
    hint = escape(str(note.get("hovertext", "")).replace("<br>", "\n"))
    inside = (f"<title>{hint}</title>" if hint else "") + escape(note["text"])
    tone, along = escape(note["name"]), f"{frame.along(note['x'], note['xref']):.2f}%"
    down = frame.down(note["y"], note["yref"]) - note.get("yshift", 0)
    if note["xanchor"] == "left":
        beside = note["xshift"] + 2
        return f'<text class="tone-{tone}" x="{along}" y="{_px(down)}" dx="{beside}" dy=".35em">{inside}</text>'
    return f'<text class="tone-{tone}" x="{along}" y="{_px(down - 5)}" text-anchor="middle">{inside}</text>'


def _stroke(line: Figure) -> str:
    """The attributes of a stroke that no stretching makes wider."""
    width = line["width"]
    broken = DASHES[line["dash"]] * max(width, LEAST_DASH)
    dashes = f' stroke-dasharray="{broken:g}"' if broken else ""
    return f' stroke-width="{width}" vector-effect="non-scaling-stroke"{dashes}'


def _px(value: float) -> str:
    return f"{value:.1f}"
