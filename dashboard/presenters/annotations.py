"""What happened on the days of a metric's chart: changes of policy, freezes, notices (PG-04).

Each is a numbered mark on the chart and a sentence under the same number below it, for those who don't see the chart.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.pages import formats
from core.pages.charts import Mark
from dashboard.presenters.happening import Happening
from dashboard.presenters.notice_annotations import notice_happenings
from insights.history import History
from metrics import words
from metrics.catalogue import RATED
from metrics.models import RatingFreeze
from metrics.queries.freezes import freezes_between
from stores.models import Store

Part = dict[str, Any]
# The tone that shows where several things happened on one day.
LOUDEST = ("red", "yellow", "accent", "muted")


def happenings(store: Store, code: str, history: History, coming: Sequence[tuple[date, int]] = ()) -> list[Happening]:
    """Everything that happened on the days of a history, oldest first, and what is known to come. ``coming``: the
    policy version of each day ahead."""
    first, last = history.days[0], history.days[-1]
    found = [*_policy_changes(history), *(_freezes(store, first, last) if code in RATED else [])]
    notices = notice_happenings(store=store, code=code, first=first, last=last)
    return sorted([*found, *notices, *_coming_versions(history, coming)], key=lambda one: one.day)


def _coming_versions(history: History, coming: Sequence[tuple[date, int]]) -> list[Happening]:
    found, before = [], history.versions[-1]
    for day, number in coming:
        if number != before:
            text = _("Policy version %(number)s comes into force; the lines ahead are still those of today")
            url = reverse("rulebook:version", args=[number])
            found.append(Happening(day, text % {"number": number}, "accent", url))
        before = number
    return found


def _policy_changes(history: History) -> list[Happening]:
    changes = []
    for place in range(1, len(history.days)):
        number = history.versions[place]
        if number == history.versions[place - 1]:
            continue
        text = _("Policy version %(number)s in force: %(lines)s") % {
            "number": number,
            "lines": _line_changes(history, place),
        }
        url = reverse("rulebook:version", args=[number])
        changes.append(Happening(history.days[place], text, "accent", url))
    return changes


def _line_changes(history: History, place: int) -> str:
    parts = [
        f"{name} {_line(line[place - 1], history.unit)} → {_line(line[place], history.unit)}"
        for name, line in ((pgettext("line", "yellow"), history.yellow), (pgettext("line", "red"), history.red))
        if line[place] != line[place - 1]
    ]
    return _(", ").join(parts) or _("the lines stay")


def _line(line: Fraction | None, unit: str) -> str:
    return formats.NO_VALUE if line is None else words.line_text(line, unit)


def _freezes(store: Store, first: date, last: date) -> list[Happening]:
    url = reverse("rulebook:rule", args=["SR-06"])
    return [
        Happening(
            max(freeze.start_day, first), _freeze_text(freeze), "muted", url, freeze.end_day, freeze.end_day is None
        )
        for freeze in freezes_between(store.pk, first, last)
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


# ── on the chart and below it ──


def chart_marks(found: Sequence[Happening], last: date) -> list[Mark]:
    """The marks of a chart whose last known day is ``last``; what happened on one day shares one."""
    marks = []
    numbered = list(enumerate(found, start=1))
    for day, group in groupby(numbered, key=lambda pair: pair[1].day):
        members = list(group)
        tones = [one.tone for _number, one in members]
        marks.append(
            Mark(
                label=", ".join(str(number) for number, _one in members),
                day=day,
                tone=min(tones, key=LOUDEST.index),
                until=max((end for _number, one in members if (end := _end(one, last))), default=None),
                hint="<br>".join(f"{number} {one.text}" for number, one in members),
            )
        )
    return marks


def _end(one: Happening, last: date) -> date | None:
    return last if one.goes_on else one.until and min(one.until, last)


def marks_legend(found: Sequence[Happening]) -> list[Part]:
    """What components/chart.html lists below the chart."""
    return [
        {
            "day": one.day,
            "until": one.until if one.until != one.day else None,
            "goes_on": one.goes_on,
            "text": one.text,
            "url": one.url,
        }
        for one in found
    ]
