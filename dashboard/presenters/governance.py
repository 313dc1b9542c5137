"""What holds a rating back or a metric silent, in words: freezes, silent days, baselines (SR-06, PN-21, PN-22)."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pages import formats
from core.pages.components import Banner
from core.templatetags.ui import sentences
from dashboard.queries.panel import RatingView
from insights.presenters.freezes import freeze_words
from insights.queries.status import MetricStatus
from metrics import words
from metrics.scorecards.results import Level
from metrics.scorecards.spans import StoreSpan

WOULD_TRIGGER = frozenset({Level.YELLOW, Level.RED})


# ── freezes ──


def freeze_banner(view: RatingView) -> Banner | None:
    """What components/banner.html shows of the freeze that the day lies in; None without one (SR-06)."""
    freeze = view.freeze
    if freeze is None:
        return None
    level = "info" if freeze.predicted or not freeze.is_open else "yellow"
    words_ = freeze_words(freeze, view.policy)
    return Banner(level, words_["title"], words_["text"], reverse("rulebook:rule", args=["SR-06"]))


# ── silent days ──


def silence_banner(store_span: StoreSpan, statuses: Iterable[MetricStatus]) -> Banner | None:
    """What silent metrics would count, and from when on they do (PN-21); None where none is silent."""
    silent = [one for one in statuses if one.result.level == Level.SILENT]
    if not silent:
        return None
    alarming = any(one.result.preview in WOULD_TRIGGER for one in silent)
    return Banner(
        level="yellow" if alarming else "info",
        title=_silent_title(store_span, silent[0]),
        text=sentences([_silent_metric(one) for one in silent] + [_silent_until(store_span, silent[0])]),
        url=reverse("rulebook:rule", args=["PN-21"]),
    )


def silent_sentences(store_span: StoreSpan, status: MetricStatus) -> list[str]:
    """The same of one metric, for its page."""
    title = _("%(title)s.") % {"title": _silent_title(store_span, status)}
    return [title, _silent_metric(status), _silent_until(store_span, status)]


def _silent_days(store_span: StoreSpan, status: MetricStatus) -> tuple[int, int, date]:
    """The store's day of life, the number of silent days, the first day that counts."""
    result, calendar = status.result, status.metric.calendar
    silent = store_span.policy(result.day, calendar).judging.silent_days
    age = store_span.store.age_on(result.day, calendar) or 0
    return age + 1, silent, result.day + timedelta(days=silent - age)


def _silent_title(store_span: StoreSpan, status: MetricStatus) -> str:
    day, silent, _first = _silent_days(store_span, status)
    return _("New store: day %(day)s of %(days)s silent days") % {"day": day, "days": silent}


def _silent_until(store_span: StoreSpan, status: MetricStatus) -> str:
    day, silent, first = _silent_days(store_span, status)
    left = silent - day + 1
    return ngettext(
        "It counts from %(first)s, day %(number)s: in %(left)s day.",
        "It counts from %(first)s, day %(number)s: in %(left)s days.",
        left,
    ) % {"first": formats.day(first), "number": silent + 1, "left": left}


def _silent_metric(status: MetricStatus) -> str:
    result = status.result
    names = {
        "metric": status.metric.title,
        "value": words.value_text(result.value.value, status.unit, status.thresholds),
    }
    if result.preview == Level.RED:
        return _("%(metric)s is %(value)s: it would give a red notice.") % names
    if result.preview == Level.YELLOW:
        return _("%(metric)s is %(value)s: it would give a yellow notice.") % names
    return _("%(metric)s is %(value)s: it would trigger nothing.") % names


# ── baseline ──


def baseline_sentence(status: MetricStatus) -> str:
    """The dynamic baseline of a new store, where it acts (PN-22); else empty."""
    result = status.result
    if not result.has_baseline or result.thresholds.yellow is None or result.yellow is None:
        return ""
    return _(
        "In a store's first days the stricter of yellow threshold and benchmark applies, without days in a row:"
        " %(acting)s instead of %(line)s."
    ) % {
        "acting": words.threshold_text(result.yellow, status.unit),
        "line": words.threshold_text(result.thresholds.yellow.value, status.unit),
    }
