"""Notices and messages in words, in the reader's language."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.pages import formats
from core.templatetags.ui import sentences
from insights.presenters.freezes import freeze_words
from metrics import words
from metrics.catalogue import METRICS
from metrics.models import RatingFreeze
from notifications.models import InboxMessage, Notice
from notifications.rules import NoticeLevel
from rulebook.queries import PolicyPeriod, policy_in

NEXT_STEPS: dict[str, Any] = {
    "described": gettext_lazy(
        "Read the low-star reviews by listing; correct pictures, sizes and materials of the worst listing first."
    ),
    "communication": gettext_lazy(
        "Answer waiting messages within 24 h and write to the buyers of low-star reviews; see the missed replies."
    ),
    "shipping": gettext_lazy(
        "Ship the orders that are due next and look which carrier or site the late ones share; see late dispatch."
    ),
}
FREEZES = frozenset({InboxMessage.Kind.FROZEN, InboxMessage.Kind.UNFROZEN, InboxMessage.Kind.FREEZE_PREDICTED})


def figure(value: Decimal | None, unit: str, threshold: Decimal | None = None) -> str:
    """A value in its unit, never across the threshold (MX-06)."""
    return words.value_text(value, unit, [threshold])


def what_happened(notice: Notice) -> str:
    """The sentence that a notice begins with."""
    unit, threshold = notice.snapshot.get("unit", ""), notice.threshold
    return crossed_sentence(notice.metric, notice.level, formats.day(notice.day), notice.value, threshold, unit)


def crossed_sentence(metric: str, level: str, day: str, value: Decimal, threshold: Any, unit: str) -> str:
    """``Late dispatch was 6.19 % on 2026-03-10: over the red threshold of 4.75 %.`` A new store's yellow threshold may
    be its category's mean, so the threshold is the value in the snapshot."""
    parts = {
        "metric": METRICS[metric].title,
        "day": day,
        "value": figure(value, unit, threshold),
        "line": words.threshold_text(threshold, unit),
    }
    if value > threshold:
        if level == NoticeLevel.RED:
            return _("%(metric)s was %(value)s on %(day)s: over the red threshold of %(line)s.") % parts
        return _("%(metric)s was %(value)s on %(day)s: over the yellow threshold of %(line)s.") % parts
    if level == NoticeLevel.RED:
        return _("%(metric)s was %(value)s on %(day)s: under the red threshold of %(line)s.") % parts
    return _("%(metric)s was %(value)s on %(day)s: under the yellow threshold of %(line)s.") % parts


def advice_text(given: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text of an advice on a dimension: how far it is off, and the next step (SR-07)."""
    names = {
        "metric": METRICS[given["metric"]].title,
        "day": given["day"],
        "value": formats.score(given["value"]),
        "benchmark": formats.score(given["benchmark"]),
        "deviation": formats.percent(given["deviation"], signed=True),
    }
    found = _("%(metric)s was %(value)s on %(day)s, the benchmark %(benchmark)s: a deviation of %(deviation)s.") % names
    return _("Advice: %(metric)s") % names, sentences([found, str(NEXT_STEPS[given["metric"]])])


def freeze_text(message: InboxMessage, periods: Sequence[PolicyPeriod]) -> tuple[str, str]:
    """Title and text of a freeze of the rating as it was when the message was written (SR-06)."""
    given: Mapping[str, Any] = message.parameters
    freeze = RatingFreeze(
        start_day=date.fromisoformat(given["first"]),
        end_day=date.fromisoformat(given["last"]) if given["last"] else None,
        predicted=message.kind == InboxMessage.Kind.FREEZE_PREDICTED,
        held=None if given["held"] is None else Decimal(given["held"]),
        causes=given["causes"],
        opened_at=datetime.fromisoformat(given["opened_at"]),
        reason=given["reason"],
    )
    told = freeze_words(freeze, policy_in(periods, message.at))
    return told["title"], told["text"]


def message_text(message: InboxMessage, periods: Sequence[PolicyPeriod]) -> tuple[str, str]:
    """Title and text of a message, made from its kind and parameters; ``periods``: all policies."""
    given: Mapping[str, Any] = message.parameters
    if message.kind == InboxMessage.Kind.ADVICE:
        return advice_text(given)
    if message.kind in FREEZES:
        return freeze_text(message, periods)
    happened = crossed_sentence(
        given["metric"], given["level"], given["day"], Decimal(given["value"]), Decimal(given["line"]), given["unit"]
    )
    number = {"number": given["number"]}
    red = given["level"] == NoticeLevel.RED
    match message.kind:
        case InboxMessage.Kind.ISSUED:
            title = _("Red notice %(number)s") if red else _("Yellow notice %(number)s")
            text = happened
        case InboxMessage.Kind.ESCALATED:
            title = _("Red notice %(number)s")
            text = happened + " " + _("It replaces the yellow notice %(replaces)s.") % {"replaces": given["replaces"]}
        case InboxMessage.Kind.WAIVED:
            title = _("Appeal waived: notice %(number)s")
            text = _("Nobody of the company opened the notice in time, so it can't be appealed any more.")
        case _:
            title = _("Red notice predicted: %(number)s") if red else _("Yellow notice predicted: %(number)s")
            text = happened + " " + _("Expect a notice from the platform; this one has no consequences here.")
    return title % number, text
