"""What holds a rating back or a metric silent, in words: freezes, silent days, baselines (SR-06, PN-21, PN-22)."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from metrics import words
from metrics.figures.cards import Level
from metrics.figures.store import Figures
from metrics.models import RatingFreeze
from metrics.queries.panel import RatingView
from metrics.queries.standing import Standing
from metrics.rules.anomaly import AnomalyKind, expected_recovery
from rulebook.policy import Policy
from rulebook.timebase import performance_day
from stores import formats
from stores.templatetags.ui import sentences

Part = dict[str, Any]
WOULD_TRIGGER = frozenset({Level.YELLOW, Level.RED})


# ── freezes ──


def freeze_banner(view: RatingView) -> Part | None:
    """What components/banner.html shows of the freeze that the day lies in; None without one (SR-06)."""
    freeze = view.freeze
    if freeze is None:
        return None
    return {
        "level": "info" if freeze.predicted or not freeze.is_open else "yellow",
        **freeze_words(freeze, view.policy),
        "url": reverse("rulebook:rule", args=["SR-06"]),
    }


def freeze_words(freeze: RatingFreeze, policy: Policy) -> dict[str, str]:
    """Title and text of a freeze: when, why, and what it does or did; ``policy``: that of the expected recovery."""
    return {"title": _freeze_title(freeze), "text": sentences([*cause_texts(freeze), *_effects(freeze, policy)])}


def _freeze_title(freeze: RatingFreeze) -> str:
    first = {"first": formats.day(freeze.start_day)}
    if freeze.end_day is not None:
        span = first | {"last": formats.day(freeze.end_day)}
        if freeze.predicted:
            return _("Rating freeze was predicted from %(first)s to %(last)s") % span
        return _("Rating frozen from %(first)s to %(last)s") % span
    if freeze.predicted:
        return _("Rating freeze predicted since %(first)s") % first
    return _("Rating frozen since %(first)s") % first


def cause_texts(freeze: RatingFreeze) -> list[str]:
    """Each anomaly in numbers: ``Negative reviews on 2026-03-10: 2 of 125, that is 1.6 %; 0.8 % is allowed.``"""
    return [_cause_text(cause) for cause in freeze.causes]


def _cause_text(cause: Mapping[str, Any]) -> str:
    line = Decimal(cause["line"])
    numbers = {
        "part": formats.number(cause["part"]),
        "whole": formats.number(cause["whole"]),
        "share": words.value_text(Fraction(cause["part"], cause["whole"]), "share", [line]),
        "line": words.line_text(line, "share"),
        "first": cause["first"],
        "last": cause["last"],
    }
    if cause["kind"] == AnomalyKind.NEGATIVE:
        text = _("Negative reviews on %(last)s: %(part)s of %(whole)s, that is %(share)s; %(line)s is allowed.")
    else:
        text = _("Late deliveries %(first)s … %(last)s: %(part)s of %(whole)s, that is %(share)s; %(line)s is allowed.")
    return text % numbers


def _effects(freeze: RatingFreeze, policy: Policy) -> list[str]:
    if freeze.predicted:
        return [
            _("Expect the platform to freeze the rating and to suspend its bonus in search; nothing is held back here.")
        ]
    held = "–" if freeze.held is None else formats.score(freeze.held)
    if not freeze.is_open:
        return [
            _("The published rating stayed at %(held)s; the bonus in search was suspended.") % {"held": held},
            _("Ended by a reviewer: %(reason)s") % {"reason": freeze.reason},
        ]
    until = formats.day(performance_day(expected_recovery(freeze.opened_at, policy) - timedelta(seconds=1)))
    days = {"days": formats.number(policy.rating.anomaly_recovery_working_days), "until": until}
    return [
        _(
            "While reviewers look into it, the published rating stays at %(held)s, with its tier and badge, and the"
            " bonus in search is suspended; scorecards, deviations and notices follow the computed rating."
        )
        % {"held": held},
        _("This takes %(days)s working days on average: expected until %(until)s.") % days,
    ]


# ── silent days ──


def silence_banner(figures: Figures, standings: Iterable[Standing]) -> Part | None:
    """What silent metrics would count, and from when on they do (PN-21); None where none is silent."""
    silent = [one for one in standings if one.card.level == Level.SILENT]
    if not silent:
        return None
    alarming = any(one.card.preview in WOULD_TRIGGER for one in silent)
    return {
        "level": "yellow" if alarming else "info",
        "title": _silent_title(figures, silent[0]),
        "text": sentences([_silent_metric(one) for one in silent] + [_silent_until(figures, silent[0])]),
        "url": reverse("rulebook:rule", args=["PN-21"]),
    }


def silent_sentences(figures: Figures, standing: Standing) -> list[str]:
    """The same of one metric, for its page."""
    title = _("%(title)s.") % {"title": _silent_title(figures, standing)}
    return [title, _silent_metric(standing), _silent_until(figures, standing)]


def _silent_days(figures: Figures, standing: Standing) -> tuple[int, int, date]:
    """The store's day of life, the number of silent days, the first day that counts."""
    card, calendar = standing.card, standing.metric.calendar
    silent = figures.policy(card.day, calendar).judging.silent_days
    age = figures.store.age_on(card.day, calendar) or 0
    return age + 1, silent, card.day + timedelta(days=silent - age)


def _silent_title(figures: Figures, standing: Standing) -> str:
    day, silent, _first = _silent_days(figures, standing)
    return _("New store: day %(day)s of %(days)s silent days") % {"day": day, "days": silent}


def _silent_until(figures: Figures, standing: Standing) -> str:
    day, silent, first = _silent_days(figures, standing)
    left = silent - day + 1
    return ngettext(
        "It counts from %(first)s, day %(number)s: in %(left)s day.",
        "It counts from %(first)s, day %(number)s: in %(left)s days.",
        left,
    ) % {"first": formats.day(first), "number": silent + 1, "left": left}


def _silent_metric(standing: Standing) -> str:
    card = standing.card
    names = {
        "metric": standing.metric.title,
        "value": words.value_text(card.value.value, standing.unit, standing.lines),
    }
    if card.preview == Level.RED:
        return _("%(metric)s is %(value)s: it would give a red notice.") % names
    if card.preview == Level.YELLOW:
        return _("%(metric)s is %(value)s: it would give a yellow notice.") % names
    return _("%(metric)s is %(value)s: it would trigger nothing.") % names


# ── baseline ──


def baseline_sentence(standing: Standing) -> str:
    """The dynamic baseline of a new store, where it acts (PN-22); else empty."""
    card = standing.card
    if not card.has_baseline or card.lines.yellow is None or card.yellow is None:
        return ""
    return _(
        "In a store's first days the stricter of yellow line and benchmark acts, without days in a row: %(acting)s"
        " in place of %(line)s."
    ) % {
        "acting": words.line_text(card.yellow, standing.unit),
        "line": words.line_text(card.lines.yellow.value, standing.unit),
    }
