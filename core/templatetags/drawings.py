"""Tags that draw: trends, bars, scales. Templates have them by `{% load ui %}`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from core.pages import formats, graphics
from core.pages.statuses import tone_of

register = template.Library()


def lines_of(lines: object) -> list[Any]:
    """``None``, one line, or several with gaps, as a list of lines."""
    if lines is None or lines == "":
        return []
    if isinstance(lines, Iterable) and not isinstance(lines, str):
        return [line for line in lines if line is not None]
    return [lines]


def _given(value: Any) -> Any:
    """``None`` for what the template did not have: Django hands a tag an empty string then."""
    return None if value == "" else value


@register.simple_tag
def bar_position(value: Any, low: Any, high: Any) -> str:
    """The position of a value between two others, in percent (0.00 … 100.00) for a style attribute."""
    return graphics.position(value, low, high)


@register.simple_tag
def sparkline(
    points: Sequence[Any], lines: Iterable[tuple[Any, str]] | None = None, label: str = "", level: str = "no_data"
) -> SafeString:
    """A trend, oldest first (``None``: no value); ``lines`` are (value, "yellow" | "red"); its end shows the level."""
    drawing = graphics.sparkline(list(points), [line for line in lines or () if line[0] is not None])
    days = len(points)
    text = label or ngettext("Trend of %(days)s day", "Trend of %(days)s days", days) % {"days": days}
    return format_html(
        '<svg class="spark tone-{}" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" aria-label="{}">{}</svg>',
        tone_of(level),
        text,
        mark_safe(drawing.svg()),
        w=drawing.width,
        h=drawing.height,
    )


@register.simple_tag
def metric_bar(
    value: Any, yellow: Any = None, red: Any = None, floor: bool = False, perfect: Any = None, level: str = "no_data"
) -> SafeString:
    """Value and lines on one scale; decoration beside the figures, so hidden from screen readers."""
    value, yellow, red, perfect = map(_given, (value, yellow, red, perfect))
    bar = graphics.metric_bar(value, yellow, red, floor=bool(floor), perfect=perfect)
    return format_html('<div class="meter tone-{}" aria-hidden="true">{}</div>', tone_of(level), mark_safe(bar.html()))


@register.inclusion_tag("components/dimension_bar.html")
def dimension_bar(
    label: str,
    value: Any,
    benchmark: Any = None,
    deviation: Any = None,
    alert: Any = None,
    note: str = "",
    url: str = "",
) -> dict[str, Any]:
    """A rating dimension against its benchmark; ``deviation`` and its ``alert`` line are shares (MX-12)."""
    value, benchmark, deviation, alert = map(_given, (value, benchmark, deviation, alert))
    alerted = deviation is not None and alert is not None and deviation <= alert
    return {
        "label": label,
        "value": value,
        "benchmark": benchmark,
        "deviation": deviation,
        "alert_lines": lines_of(alert),
        "alerted": alerted,
        "note": note,
        "url": url,
        "bar": graphics.dimension_bar(value, benchmark),
    }


@register.inclusion_tag("components/tier_scale.html")
def tier_scale(
    value: Any,
    tiers: Sequence[tuple[Any, str]],
    low: Any = "3.8",
    high: Any = 5,
    level: str = "info",
    distance: str = "",
) -> dict[str, Any]:
    """The rating among its tiers: (first value, label) from the lowest (SR-05); ``distance`` is a sentence under it."""
    value = _given(value)
    start = min(formats.exact(low), formats.exact(value)) if value is not None else formats.exact(low)
    end = formats.exact(high)
    lines = [first for first, _ in tiers]
    return {
        "value": value,
        "lines": lines,
        "level": level,
        "distance": distance,
        "at": None if value is None else graphics.position(formats.exact(value), start, end),
        "steps": graphics.tier_steps(value, tiers, start, end),
    }


@register.inclusion_tag("components/progress.html")
def progress(done: int | None, total: int | None, label: str, tone: str = "accent") -> dict[str, Any]:
    """A progress bar; without a total it shows activity, not how much is left."""
    known = bool(total)
    return {
        "done": done or 0,
        "total": total or 0,
        "known": known,
        "label": label,
        "tone": tone,
        "at": graphics.position(done or 0, 0, total or 1),
        "share": formats.percent(formats.exact(done or 0) / (total or 1), places=0) if known else "",
    }
