"""Open notices as tasks on the health panel (PG-03, PN-07)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.models import Deadline
from core.pages import formats
from dashboard.presenters.todo_item import Action, Todo
from dashboard.queries.notices import NoticeWork
from metrics import words
from notifications.models import Notice
from notifications.presenters.parts import notice_url, plan_url, rectify_text, rectify_url, threshold_of, unit_of
from notifications.presenters.record import record_url
from notifications.presenters.wording import figure
from notifications.queries.notices import APPEAL, MENDED, PLAN_DUE, PLAN_VERIFY, VIEW
from notifications.queries.rectify import Rectification
from notifications.rules import State
from notifications.titles import title_of
from stores.models import Store

# Where the state says more than who opened the notice.
TOLD_STATES = frozenset({State.WAIVED, State.APPEALING, State.PLAN, State.FAILED})
CLOCK_WORDS = {
    VIEW: gettext_lazy("left to open it, or the appeal is lost"),
    APPEAL: gettext_lazy("left to appeal"),
    PLAN_DUE: gettext_lazy("left to hand in the improvement plan"),
    PLAN_VERIFY: gettext_lazy("until the plan is verified"),
    MENDED: gettext_lazy("until it is rectified if nothing changes"),
}


def notice_todos(store: Store, work: Iterable[NoticeWork], *, may_write: bool) -> list[Todo]:
    """Each open notice with its nearest deadline; predicted ones are included, with the way to record the platform's
    own notice for those who ``may_write``."""
    return [_todo(store, one.notice, one.deadlines, one.rectification, may_write) for one in work]


def _todo(
    store: Store, notice: Notice, deadlines: Mapping[str, Deadline], mend: Rectification, may_write: bool
) -> Todo:
    predicted = notice.state == State.PREDICTED
    url = notice_url(notice, store.store_no)
    due, due_note = _next_clock(deadlines)
    return Todo(
        title=_title(notice),
        url=url,
        first=_first(store, notice, deadlines, url),
        second=_second(store, notice, mend, recordable=predicted and may_write),
        level=notice.level,
        note=f"{notice.number} · {_seen_by(notice)}",
        due=due,
        due_note=due_note or _("since %(day)s") % {"day": formats.day(notice.day)},
        since=notice.triggered_at,
        seen=notice.opened_at is not None,
        badge=pgettext("state of a notice", "predicted") if predicted else "",
    )


def _first(store: Store, notice: Notice, deadlines: Mapping[str, Deadline], url: str) -> Action:
    if notice.state == State.PLAN:
        is_due = PLAN_DUE in deadlines and deadlines[PLAN_DUE].state == Deadline.State.OPEN
        return Action(_("Write the plan") if is_due else _("See the plan"), plan_url(notice, store.store_no))
    return Action(_("Open notice"), url)


def _second(store: Store, notice: Notice, mend: Rectification, *, recordable: bool) -> Action | None:
    if recordable:
        return Action(_("Record the platform's notice"), record_url(notice, store.store_no))
    return (
        Action(rectify_text(mend.waiting, mend.tab), rectify_url(notice, store.store_no, mend.tab))
        if mend.waiting
        else None
    )


def _title(notice: Notice) -> str:
    return _("%(metric)s %(value)s, threshold %(line)s") % {
        "metric": title_of(notice.metric),
        "value": figure(notice.value, unit_of(notice), threshold_of(notice)),
        "line": words.threshold_text(threshold_of(notice), unit_of(notice)),
    }


def _seen_by(notice: Notice) -> str:
    if notice.state in TOLD_STATES:
        return str(notice.get_state_display())
    if notice.opened_at is None:
        return _("nobody has opened it yet")
    return _("opened by %(person)s") % {"person": notice.opened_by} if notice.opened_by else _("opened")


def _next_clock(deadlines: Mapping[str, Deadline]) -> tuple[datetime | None, str]:
    running = [clock for clock in deadlines.values() if clock.state == Deadline.State.OPEN]
    first = min(running, key=lambda clock: clock.due_at, default=None)
    if first is None:
        return None, ""
    return first.due_at, str(CLOCK_WORDS.get(first.kind, ""))
