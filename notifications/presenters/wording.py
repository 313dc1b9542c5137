"""Notices in words, in the reader's language."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.pages import formats
from metrics import words
from notifications.complaints import COPYRIGHT
from notifications.models import Notice
from notifications.rules import NoticeLevel
from notifications.titles import title_of

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
        "metric": title_of(metric),
        "day": day,
        "value": figure(value, unit, threshold),
        "line": words.threshold_text(threshold, unit),
    }
    if metric == COPYRIGHT:
        return _complained_sentence(level, int(value), day)
    if value > threshold:
        if level == NoticeLevel.RED:
            return _("%(metric)s was %(value)s on %(day)s: over the red threshold of %(line)s.") % parts
        return _("%(metric)s was %(value)s on %(day)s: over the yellow threshold of %(line)s.") % parts
    if level == NoticeLevel.RED:
        return _("%(metric)s was %(value)s on %(day)s: under the red threshold of %(line)s.") % parts
    return _("%(metric)s was %(value)s on %(day)s: under the yellow threshold of %(line)s.") % parts


def _complained_sentence(level: str, count: int, day: str) -> str:
    if level == NoticeLevel.RED:
        text = ngettext(
            "%(count)s image-copyright complaint was upheld by %(day)s: a red notice.",
            "%(count)s image-copyright complaints were upheld by %(day)s, near one another: a red notice.",
            count,
        )
    else:
        text = ngettext(
            "An image-copyright complaint was upheld on %(day)s: a yellow notice. The next one is red.",
            "%(count)s image-copyright complaints were upheld by %(day)s: a yellow notice. The next one is red.",
            count,
        )
    return text % {"count": formats.number(count), "day": day}
