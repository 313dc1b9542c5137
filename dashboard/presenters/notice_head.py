"""The clocks of a notice, and what follows from it if nothing is done (PN-03, PN-08, PN-14)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext

from appeals.queries.deadlines import REVIEW, SUPPLEMENT
from core.models import Deadline
from dashboard.presenters.what_now import WaysPart
from dashboard.queries.notice import NoticePage
from notifications.ladder import Consequence, ConsequenceStep, Progress
from notifications.models import Notice
from notifications.queries.notices import APPEAL, MENDED, PLAN_DUE, PLAN_VERIFY, VIEW
from notifications.queries.rectify import Waiting
from notifications.rules import NoticeLevel, State

CLOCK_WORDS: Mapping[str, Any] = {
    VIEW: gettext_lazy("Open within"),
    APPEAL: gettext_lazy("Appeal within"),
    PLAN_DUE: gettext_lazy("Hand in the plan within"),
    PLAN_VERIFY: gettext_lazy("The plan is verified in"),
    MENDED: gettext_lazy("Rectified, if nothing changes, in"),
    REVIEW: gettext_lazy("Decision within"),
    SUPPLEMENT: gettext_lazy("Hand in the supplement within"),
}
# The clocks that ask for something, and for what.
LEADING: Mapping[str, Any] = {
    APPEAL: gettext_lazy("Appeal"),
    PLAN_DUE: gettext_lazy("Write the plan"),
    PLAN_VERIFY: gettext_lazy("See the plan"),
}
ENDED_WORDS: Mapping[tuple[str, str], Any] = {
    (VIEW, Deadline.State.MET): gettext_lazy("opened in time"),
    (VIEW, Deadline.State.LAPSED): gettext_lazy("not opened in time"),
    (APPEAL, Deadline.State.MET): gettext_lazy("appealed in time"),
    (APPEAL, Deadline.State.LAPSED): gettext_lazy("the window has closed"),
    (APPEAL, Deadline.State.VOID): gettext_lazy("no appeal any more"),
    (PLAN_DUE, Deadline.State.MET): gettext_lazy("handed in in time"),
    (PLAN_DUE, Deadline.State.LAPSED): gettext_lazy("not handed in in time"),
}
FIRST_WORDS: Mapping[Waiting, Any] = {
    Waiting.OVERDUE: gettext_lazy("First overdue order"),
    Waiting.SHIP: gettext_lazy("First order to ship"),
    Waiting.ANSWER: gettext_lazy("First answer"),
}
KIND_WORDS: Mapping[Consequence, Any] = {
    Consequence.APPEAL_WAIVED: gettext_lazy("the appeal is waived"),
    Consequence.APPEAL_CLOSED: gettext_lazy("the appeal window closes"),
    Consequence.PROMOTION_BLOCK: gettext_lazy("promotion registration is blocked"),
    Consequence.SEARCH_DEMOTION: gettext_lazy("the store ranks lower in search"),
    Consequence.FLASH_DEALS_BLOCK: gettext_lazy("flash deals are blocked"),
    Consequence.FUNDS_HOLD: gettext_lazy("payouts are held"),
    Consequence.CLOSING_REVIEW: gettext_lazy("a person reviews whether the store is closed"),
}
PROGRESS_TONES = {Progress.PAST: "red", Progress.AVOIDED: "ok", Progress.WAITING: "yellow", Progress.AHEAD: "yellow"}
DAY_HOURS = 24
# Steps up to this many hours are named by hours, later ones by days.
MOST_HOURS = 72


@dataclass(frozen=True, slots=True)
class Clock:
    """A countdown of a notice with the way to what it asks for, or how and when it ended."""

    name: str
    due: datetime | None = None
    at: datetime | None = None
    ended: str = ""
    tone: str = ""
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class StepItem:
    """A step of what follows: when, what, and how it stands."""

    tone: str
    level: str
    ahead: bool
    name: str
    at: datetime
    title: str
    tail: str
    due: datetime | None


def clocks_of(found: NoticePage, ways: WaysPart, plan_url: str) -> list[Clock]:
    """The clocks on top: those that run first, each with its way on."""
    clocks = [
        *_own_clocks(found.deadlines, {APPEAL: ways.claim.url or "#claim", PLAN_DUE: plan_url, PLAN_VERIFY: plan_url}),
        *_appeal_clocks(found.appeal_deadlines, ways),
        *_first_due(found, ways),
    ]
    return sorted(clocks, key=lambda clock: clock.due is None)


def _own_clocks(deadlines: Mapping[str, Deadline], urls: Mapping[str, str]) -> Iterator[Clock]:
    for kind in (VIEW, APPEAL, PLAN_DUE, PLAN_VERIFY, MENDED):
        if kind not in deadlines:
            continue
        deadline = deadlines[kind]
        if deadline.state == Deadline.State.OPEN:
            url = urls.get(kind, "")
            yield Clock(str(CLOCK_WORDS[kind]), deadline.due_at, url=url, action=str(LEADING[kind]) if url else "")
        elif text := ENDED_WORDS.get((kind, deadline.state)):
            tone = "ok" if deadline.state == Deadline.State.MET else ""
            yield Clock(str(CLOCK_WORDS[kind]), at=deadline.settled_at, ended=str(text), tone=tone)


def _appeal_clocks(deadlines: Mapping[str, Deadline], ways: WaysPart) -> Iterator[Clock]:
    for kind in (REVIEW, SUPPLEMENT):
        if kind in deadlines and deadlines[kind].state == Deadline.State.OPEN:
            yield Clock(str(CLOCK_WORDS[kind]), deadlines[kind].due_at, url=ways.claim.url, action=_("To the appeal"))


def _first_due(found: NoticePage, ways: WaysPart) -> Iterator[Clock]:
    timed = [group for group in found.now.waiting if group.first_due is not None]
    if timed:
        first = min(timed, key=lambda group: group.first_due or found.notice.triggered_at)
        yield Clock(str(FIRST_WORDS[first.what]), first.first_due, url=ways.save.url, action=_("Rectify"))


def step_items(notice: Notice, steps: Sequence[ConsequenceStep], at: datetime) -> list[StepItem]:
    """What follows, in order of time."""
    return [
        StepItem(
            tone=PROGRESS_TONES[step.progress],
            level=PROGRESS_TONES[step.progress],
            ahead=step.progress is Progress.AHEAD,
            name=_step_name(step.hours),
            at=step.at,
            title=_(", ").join(str(KIND_WORDS[kind]) for kind in step.kinds),
            tail=_tail(notice, step),
            due=step.at if step.progress is Progress.AHEAD else None,
        )
        for step in steps
    ]


def _step_name(hours: int) -> str:
    if not hours:
        return _("Since the trigger")
    if hours <= MOST_HOURS:
        return _("%(hours)s h") % {"hours": hours}
    days = hours // DAY_HOURS
    return npgettext("step of a ladder", "%(days)s day", "%(days)s days", days) % {"days": days}


def _tail(notice: Notice, step: ConsequenceStep) -> str:
    if step.progress is Progress.PAST:
        return _("ends with the notice") if not step.hours else ""
    if step.progress is Progress.AVOIDED:
        if Consequence.APPEAL_WAIVED in step.kinds and notice.opened_by is not None:
            return _("does not happen: %(person)s opened it in time") % {"person": notice.opened_by}
        return _("does not happen any more")
    if step.progress is Progress.WAITING:
        return _("waits while an appeal is reviewed or a plan is under way")
    return ""


def follows_of(notice: Notice) -> list[str]:
    """What follows beside the steps."""
    if notice.state == State.HISTORICAL:
        return [_("Nothing: the day was first judged long after it ended, so this is a record only.")]
    if notice.predicted:
        return [_("Nothing here: the platform decides. It may issue a notice of its own for this day.")]
    if notice.state == State.ESCALATED:
        return [_("The red notice that replaced this one counts now.")]
    told = []
    if notice.state == State.WAIVED:
        told.append(_("The appeal is waived: nobody of the company opened the notice in time."))
    if notice.level == NoticeLevel.YELLOW and notice.is_open:
        told.append(_("If the metric crosses the red threshold, a red notice replaces this one at once."))
    if notice.is_open:
        told.append(_("While the notice is open it stays in the performance record, and nobody can close or mute it."))
    return told
