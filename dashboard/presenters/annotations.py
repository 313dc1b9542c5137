"""What happened on the days of a metric's chart: changes of policy, freezes, notices (PG-04).

Each is a numbered annotation on the chart and a sentence under the same number below it, for those who don't see the
chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from core.pages.charts import Annotation
from dashboard.queries.annotations import ChartEvents
from insights.history import History
from metrics import words
from metrics.models import RatingFreeze
from notifications.models import Notice
from notifications.presenters.parts import notice_url, threshold_of, unit_of
from notifications.presenters.wording import figure
from notifications.rules import NoticeLevel
from stores.models import Store

# The tone that shows where several things happened on one day.
LOUDEST = ("red", "yellow", "accent", "muted")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened on ``day``, or from it to ``until``, or goes on since (``goes_on``): its sentence, its
    colour on the chart (red, yellow, accent, muted) and the page that tells more."""

    day: date
    text: str
    tone: str = "muted"
    url: str = ""
    until: date | None = None
    goes_on: bool = False


def occurrences(
    store: Store, history: History, events: ChartEvents, coming: Sequence[tuple[date, int]] = ()
) -> list[Occurrence]:
    """Everything that happened on the days of a history, oldest first, and what is known to come. ``coming``: the
    policy version of each day ahead."""
    found = [
        *_policy_changes(history),
        *_freezes(events.freezes, history.days[0]),
        *_notices(events.notices, store),
        *_coming_versions(history, coming),
    ]
    return sorted(found, key=lambda one: one.day)


def _coming_versions(history: History, coming: Sequence[tuple[date, int]]) -> list[Occurrence]:
    found, before = [], history.versions[-1]
    for day, number in coming:
        if number != before:
            text = _("Policy version %(number)s comes into force; the thresholds ahead are still those of today")
            url = reverse("rulebook:version", args=[number])
            found.append(Occurrence(day, text % {"number": number}, "accent", url))
        before = number
    return found


def _policy_changes(history: History) -> list[Occurrence]:
    changes = []
    for place in range(1, len(history.days)):
        number = history.versions[place]
        if number == history.versions[place - 1]:
            continue
        text = _("Policy version %(number)s in force: %(lines)s") % {
            "number": number,
            "lines": _threshold_changes(history, place),
        }
        url = reverse("rulebook:version", args=[number])
        changes.append(Occurrence(history.days[place], text, "accent", url))
    return changes


def _threshold_changes(history: History, place: int) -> str:
    parts = [
        f"{name} {_threshold(threshold[place - 1], history.unit)} → {_threshold(threshold[place], history.unit)}"
        for name, threshold in (
            (pgettext("threshold", "yellow"), history.yellow),
            (pgettext("threshold", "red"), history.red),
        )
        if threshold[place] != threshold[place - 1]
    ]
    return _(", ").join(parts) or _("the thresholds stay")


def _threshold(threshold: Fraction | None, unit: str) -> str:
    return formats.NO_VALUE if threshold is None else words.threshold_text(threshold, unit)


def _freezes(freezes: Sequence[RatingFreeze], first: date) -> list[Occurrence]:
    url = reverse("rulebook:rule", args=["SR-06"])
    return [
        Occurrence(
            max(freeze.start_day, first), _freeze_text(freeze), "muted", url, freeze.end_day, freeze.end_day is None
        )
        for freeze in freezes
    ]


def _freeze_text(freeze: RatingFreeze) -> str:
    """What it did, or does while it goes on."""
    if freeze.predicted:
        return _("Rating freeze predicted")
    goes_on = freeze.end_day is None
    if freeze.held is None:
        return _("Rating is frozen") if goes_on else _("Rating was frozen")
    text = _("Rating is frozen at %(held)s") if goes_on else _("Rating was frozen at %(held)s")
    return text % {"held": formats.score(freeze.held)}


def _notices(notices: Sequence[Notice], store: Store) -> list[Occurrence]:
    """The notices; those that nothing follows from in a calm colour."""
    return [
        Occurrence(
            day=notice.day,
            text=_notice_text(notice),
            tone="muted" if notice.is_apart else str(notice.level),
            url=notice_url(notice, store.store_no),
        )
        for notice in notices
    ]


def _notice_text(notice: Notice) -> str:
    title = _("Red notice %(number)s") if notice.level == NoticeLevel.RED else _("Yellow notice %(number)s")
    value = figure(notice.value, unit_of(notice), threshold_of(notice))
    return f"{title % {'number': notice.number}}: {value} · {notice.get_state_display()}"


def chart_annotations(found: Sequence[Occurrence], last: date) -> list[Annotation]:
    """The annotations of a chart whose last known day is ``last``; what happened on one day shares one."""
    annotations = []
    numbered = list(enumerate(found, start=1))
    for day, group in groupby(numbered, key=lambda pair: pair[1].day):
        members = list(group)
        tones = [one.tone for _number, one in members]
        annotations.append(
            Annotation(
                label=", ".join(str(number) for number, _one in members),
                day=day,
                tone=min(tones, key=LOUDEST.index),
                until=max((end for _number, one in members if (end := _end(one, last))), default=None),
                hint="<br>".join(f"{number} {one.text}" for number, one in members),
            )
        )
    return annotations


def _end(one: Occurrence, last: date) -> date | None:
    return last if one.goes_on else one.until and min(one.until, last)
