"""What a metric's figure is judged by: window, thresholds (DM-31), benchmark, policy, published value."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from django.urls import reverse
from django.utils.translation import gettext as _

from core.pages import formats
from core.pages.components import Fact
from dashboard.presenters import parts
from insights.queries.metric import MetricPage
from insights.rules.wilson import wilson
from metrics import words
from metrics.catalogue import Kind
from rulebook.rules import EffectiveThreshold


def facts_of(found: MetricPage) -> list[Fact]:
    """Window, thresholds, benchmark, policy version, what was published, what the platform says."""
    return [
        *_window(found),
        *_thresholds(found),
        *_certainty(found),
        *_health_thresholds(found),
        *_benchmark(found),
        *_other_figures(found),
        _policy(found.status.result.policy_version),
    ]


def _window(found: MetricPage) -> list[Fact]:
    if found.metric.kind == Kind.COMPOSITE:
        return []
    days, last = found.status.window_days, found.day
    window = {"first": formats.day(last - timedelta(days=days - 1)), "last": formats.day(last), "days": days}
    calendar = _("days of Shanghai") if found.metric.calendar == "performance" else _("days of UTC")
    return [Fact(name=_("Window"), value=_("%(first)s … %(last)s, %(days)s days") % window, note=calendar)]


def _thresholds(found: MetricPage) -> Iterator[Fact]:
    result, unit = found.status.result, found.status.unit
    for name, threshold, acting in (
        (_("Yellow threshold"), result.thresholds.yellow, result.yellow),
        (_("Red threshold"), result.thresholds.red, result.red),
    ):
        if threshold is not None and acting is not None:
            note = _threshold_note(threshold, acting, unit)
            yield Fact(name=name, value=words.threshold_text(acting, unit), note=note)


def _threshold_note(threshold: EffectiveThreshold, acting: Fraction, unit: str) -> str:
    if threshold.value != acting:
        return _("the benchmark: stricter than %(line)s for a new store") % {
            "line": words.threshold_text(threshold.value, unit)
        }
    return words.factors_text(threshold, unit)


def _certainty(found: MetricPage) -> list[Fact]:
    """How sure a share is, and whether a crossed threshold lies within that doubt (BX-02)."""
    result, value = found.status.result, found.status.result.value
    if found.metric.kind not in (Kind.RATE, Kind.FLOOR, Kind.SHARE) or not value.denominator or value.numerator is None:
        return []
    if not 0 <= value.numerator <= value.denominator:
        return []
    beyond = found.store_span.policy(found.day, found.metric.calendar).beyond
    interval = wilson(value.numerator, value.denominator, beyond.wilson_z)
    crossed = result.red if result.level == "red" else result.yellow if result.level == "yellow" else None
    doubtful = crossed is not None and interval.contains(crossed)
    return [
        Fact(
            name=_("%(confidence)s interval") % {"confidence": formats.percent(beyond.confidence, places=0)},
            value=f"{formats.percent(interval.low)} … {formats.percent(interval.high)}",
            note=_("few orders: uncertain, the threshold lies within") if doubtful else "",
        )
    ]


def _health_thresholds(found: MetricPage) -> list[Fact]:
    """What the health score blocks (DP-06)."""
    if found.metric.code != "shs":
        return []
    rules, unit = found.store_span.policy(found.day, found.metric.calendar).shs, found.status.unit
    return [
        Fact(name=_("Promotion blocked below"), value=words.threshold_text(rules.promotion_block_below, unit)),
        Fact(name=_("Manual review below"), value=words.threshold_text(rules.manual_review_below, unit)),
    ]


def _benchmark(found: MetricPage) -> Iterator[Fact]:
    result = found.status.result
    if result.benchmark is not None:
        value = words.value_text(result.benchmark.value, found.status.unit)
        yield Fact(name=_("Benchmark"), value=value, note=parts.benchmark_note(result.benchmark))
    if result.deviation is not None:
        yield Fact(name=_("Deviation from the benchmark"), value=formats.percent(result.deviation, signed=True))


def _other_figures(found: MetricPage) -> Iterator[Fact]:
    """What was published first (MX-08) and what the platform says (IX-08)."""
    status = found.status
    if status.published is not None:
        value = words.value_text(status.published, status.unit, status.thresholds)
        yield Fact(name=_("Published"), value=value, note=_("the first figure of this day; later data changed it"))
    if found.platform is not None:
        value = words.value_text(found.platform.value, status.unit, status.thresholds)
        yield Fact(name=_("The platform says"), value=value, note=formats.day(found.platform.day))


def _policy(version: int) -> Fact:
    number = _("version %(number)s") % {"number": version}
    return Fact(name=_("Policy"), value=number, url=reverse("rulebook:version", args=[version]))
