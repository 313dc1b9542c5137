"""Pure geometry of the small drawings: sparkline, metric bar, dimension bar, tier scale.

Positions are strings in percent or SVG units with two decimals and a point, so no locale can change them. Binary floats
are fine here: they place ink, they judge nothing (MX-06).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Number = Decimal | Fraction | int | float


def position(value: Number, low: Number, high: Number) -> str:
    """The position of ``value`` between ``low`` (0) and ``high`` (100), clamped; an empty scale puts it at 0."""
    span = float(high) - float(low)
    if span == 0:
        return "0.00"
    return f"{min(1.0, max(0.0, (float(value) - float(low)) / span)) * 100:.2f}"


@dataclass(frozen=True)
class Sparkline:
    """View box size, one path per unbroken run, last dot, heights of lines. Pages have dozens of sparklines and bars,
    so these write themselves."""

    width: int
    height: int
    path: str
    dots: tuple[tuple[str, str], ...]
    last: tuple[str, str] | None
    lines: tuple[tuple[str, str], ...]

    def svg(self) -> str:
        """The content of the ``<svg>``."""
        parts = [f'<line class="{tone}" x1="0" x2="{self.width}" y1="{y}" y2="{y}"/>' for y, tone in self.lines]
        if self.path:
            parts.append(f'<path d="{self.path}"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="1.5"/>' for x, y in self.dots]
        if self.last:
            parts.append(f'<circle class="last" cx="{self.last[0]}" cy="{self.last[1]}" r="2.5"/>')
        return "".join(parts)


def sparkline(
    points: Sequence[Number | None],
    lines: Sequence[tuple[Number, str]] = (),
    *,
    width: int = 120,
    height: int = 28,
    pad: int = 3,
) -> Sparkline:
    """Lay out a trend, oldest first; ``None`` is a day without a value and breaks it. ``lines`` are (value, tone).

    The scale takes in a line only when it is near the data: a far line would press the trend flat.
    """
    known = [float(p) for p in points if p is not None]
    if not known:
        return Sparkline(width, height, "", (), None, ())
    low, high = min(known), max(known)
    reach = max(high - low, abs(high) * 0.02, 1e-9)
    near = [(float(v), tone) for v, tone in lines if low - reach <= float(v) <= high + reach]
    low, high = min([low, *(v for v, _ in near)]), max([high, *(v for v, _ in near)])
    span = (high - low) or 1.0
    step = (width - 2 * pad) / max(len(points) - 1, 1)

    def x(index: int) -> str:
        return f"{pad + index * step:.2f}"

    def y(value: float) -> str:
        return f"{height - pad - (value - low) / span * (height - 2 * pad):.2f}" if high > low else f"{height / 2:.2f}"

    runs: list[list[tuple[str, str]]] = [[]]
    for index, point in enumerate(points):
        if point is None:
            runs.append([])
        else:
            runs[-1].append((x(index), y(float(point))))
    path = " ".join("M" + " L".join(f"{px} {py}" for px, py in run) for run in runs if len(run) > 1)
    dots = tuple(run[0] for run in runs if len(run) == 1)
    last_index = max(i for i, p in enumerate(points) if p is not None)
    last = (x(last_index), y(float(points[last_index])))  # type: ignore[arg-type]
    return Sparkline(width, height, path, dots, last, tuple((y(v), tone) for v, tone in near))


@dataclass(frozen=True)
class MetricBar:
    """Positions in percent, left = low. ``floor``: bad lies to the left."""

    value: str | None
    yellow: str | None
    red: str | None
    floor: bool

    def html(self) -> str:
        """The content of the track: zones behind the lines, the lines as ticks, the value as a dot."""
        ticks = (("yellow", self.yellow), ("red", self.red))
        drawn = [
            *(f'<rect class="zone {tone}" x="{start}%" width="{length}%"/>' for tone, start, length in self._zones()),
            *(f'<rect class="tick {tone}" x="{at}%"/>' for tone, at in ticks if at is not None),
        ]
        if self.value is not None:
            drawn.append(f'<circle class="dot" cx="{self.value}%" cy="50%"/>')
        return f"<svg>{''.join(drawn)}</svg>"

    def _zones(self) -> list[tuple[str, str, str]]:
        """Tone, start and length of each: up to the next line, or to the bad end."""
        if self.floor:
            zones = (("red", "0", self.red), ("yellow", self.red or "0", self.yellow))
            return [(tone, start, _between(start, end)) for tone, start, end in zones if end is not None]
        found = (("yellow", self.yellow, self.red or "100"), ("red", self.red, "100"))
        return [(tone, start, _between(start, end)) for tone, start, end in found if start is not None]


def _between(start: str, end: str) -> str:
    return f"{max(float(end) - float(start), 0):.2f}"


def metric_bar(
    value: Number | None,
    yellow: Number | None,
    red: Number | None,
    *,
    floor: bool = False,
    perfect: Number | None = None,
) -> MetricBar:
    """Scale a value against its lines: perfection at one end, the red line at two thirds, a worse value at the end.

    ``perfect`` is the value without failures: 0 for a ceiling; 1 for a floor rate, 5 for a rating (give it).
    """
    best = float(perfect if perfect is not None else (1 if floor else 0))
    line = red if red is not None else yellow
    far = abs(float(line) - best) * 1.5 if line is not None else 0.0
    if value is not None:
        far = max(far, abs(float(value) - best) * 1.06)
    far = far or 1.0
    low, high = (best - far, best) if floor else (best, best + far)

    def at(number: Number | None) -> str | None:
        return None if number is None else position(number, low, high)

    return MetricBar(at(value), at(yellow), at(red), floor)


@dataclass(frozen=True)
class DimensionBar:
    """Ready for ``components/dimension_bar.html``: value dot, benchmark mark, and the span between, in percent."""

    value: str | None
    benchmark: str | None
    start: str
    length: str


def dimension_bar(value: Number | None, benchmark: Number | None, *, low: Number = 3, high: Number = 5) -> DimensionBar:
    """Place a rating dimension (0–5). The scale starts at ``low``, or at 0 when a figure lies below it."""
    present = [float(v) for v in (value, benchmark) if v is not None]
    start = 0.0 if any(v < float(low) for v in present) else float(low)
    spots = [float(position(v, start, high)) for v in present]
    edge = min(spots) if len(spots) == 2 else 0.0
    return DimensionBar(
        None if value is None else position(value, start, high),
        None if benchmark is None else position(benchmark, start, high),
        f"{edge:.2f}",
        f"{max(spots) - edge:.2f}" if len(spots) == 2 else "0.00",
    )


def waterfall_steps(values: Sequence[Number]) -> list[tuple[str, str]]:
    """The bars of a waterfall, from each value to the next, as (start, length) on a scale of 0 to 100 that the values
    fill; a step of nothing keeps a hair's breadth, so that it is seen."""
    low, high = min(values), max(values)
    spots = [float(position(value, low, high)) for value in values]
    return [(f"{min(pair):.2f}", f"{max(abs(pair[1] - pair[0]), 0.5):.2f}") for pair in itertools.pairwise(spots)]


@dataclass(frozen=True)
class TierStep:
    """One tier on the scale: its first value, how long it is in whole percent, and whether we are in it."""

    label: str
    start: Number
    percent: int
    current: bool


def tier_steps(value: Number | None, tiers: Sequence[tuple[Number, str]], low: Number, high: Number) -> list[TierStep]:
    """Cut the scale ``low``…``high`` into tiers: (first value, label), lowest first, which may begin below ``low``."""
    steps = []
    for index, (first, label) in enumerate(tiers):
        after = tiers[index + 1][0] if index + 1 < len(tiers) else None
        left = float(position(first, low, high))
        right = 100.0 if after is None else float(position(after, low, high))
        here = value is not None and (index == 0 or value >= first) and (after is None or value < after)
        steps.append(TierStep(label, first, round(right) - round(left), here))
    return steps
