"""What a store needs next, as the list of stores says it: the step, where it is done, what else is urgent (PG-02)."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from dashboard.presenters.todo import confirm_text, late_text, orders_tab, ship_text
from dashboard.queries.needs import CONFIRM, SHIP, Need
from dashboard.queries.stores import StoreRow
from disputes.queries.deadlines import ANSWER
from notifications.presenters.parts import numbered_url
from notifications.queries.notices import APPEAL, VIEW
from stores.models import Store

# Words for a deadline of a notice; its page is the notice's.
NOTICE_STEPS = {VIEW: _lazy("Open notice"), APPEAL: _lazy("Appeal against a notice")}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a store needs next: its deadline, the step and where it is done; ``urgent``: what else is urgent."""

    urgent: str
    due: datetime | None = None
    text: str = ""
    url: str = ""


def next_step(row: StoreRow, need: Need) -> NextStep:
    """The next step of a store; without a deadline for one that needs nobody."""
    urgent = urgent_text(sum(need.overdue.values()), sum(need.soon.values()))
    if row.due is None:
        return NextStep(urgent)
    return NextStep(urgent, row.due.at, *_step(row, need))


def urgent_text(overdue: int, soon: int) -> str:
    """``2 overdue · 5 within 24 h``; empty where nothing is urgent."""
    parts = []
    if overdue:
        parts.append(ngettext("%(count)s overdue", "%(count)s overdue", overdue) % {"count": overdue})
    if soon:
        parts.append(ngettext("%(count)s within 24 h", "%(count)s within 24 h", soon) % {"count": soon})
    return " · ".join(parts)


def _step(row: StoreRow, need: Need) -> tuple[str, str]:
    assert row.due is not None
    store, kind = row.store, row.due.kind
    try:
        if kind == SHIP:
            return _ship(store, need)
        if kind == CONFIRM:
            return confirm_text(need.soon.get(CONFIRM, 0)), orders_tab(store, "confirm")
        if kind == ANSWER:
            text = _("Answer dispute %(number)s") % {"number": need.subject}
            return text, reverse("dashboard:dispute", args=[store.store_no, need.subject])
        if kind in NOTICE_STEPS:
            return str(NOTICE_STEPS[kind]), numbered_url(store, need.subject)
    except NoReverseMatch:
        pass
    return "", ""


def _ship(store: Store, need: Need) -> tuple[str, str]:
    """The orders of the most urgent part of the tab, as many as it shows."""
    if late := need.overdue.get(SHIP, 0):
        return late_text(late), orders_tab(store, "late")
    if soon := need.soon.get(SHIP, 0):
        return ship_text(soon), orders_tab(store, "soon")
    return _("Ship orders"), orders_tab(store, "later")
