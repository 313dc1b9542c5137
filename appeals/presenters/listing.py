"""The list of a store's appeals (PG-11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from appeals.models import Appeal
from appeals.presenters.wording import LEVELS, subject_name
from appeals.queries.deadlines import DRAFT, REVIEW, SUPPLEMENT
from core.models import Deadline
from core.pages.components import Tab
from core.pages.tables import Column
from notifications.titles import title_of
from stores.access import StoreRequest
from stores.context_processors import nav


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An appeal. ``due``: when its running clock ends, ``clock`` of what; ``act`` where the seller is waited for."""

    number: str
    url: str
    subject: str
    about: str
    state: str
    level: str
    orders: int
    since: datetime
    due: datetime | None
    clock: str
    act: str
    act_url: str


@dataclass(frozen=True, slots=True)
class AppealList:
    """What templates/appeals/list.html reads."""

    nav: dict[str, Any]
    now: datetime
    tabs: list[Tab]
    columns: list[Column]
    rows: list[AppealRow]
    page: Page[Appeal]
    notices_url: str


def appeal_list(
    request: StoreRequest,
    page: Page[Appeal],
    deadlines: Mapping[str, Mapping[str, Deadline]],
    counts: Mapping[str, int],
    part: str,
    now: datetime,
    *,
    may_write: bool,
) -> AppealList:
    """A page of appeals; ``counts`` of all parts. The next step is offered to those who ``may_write``."""
    names = {
        "waiting": _("Waiting for you"),
        "review": _("Under review"),
        "decided": _("Ended"),
        "all": pgettext("appeals", "All"),
    }
    store_no = request.store.store_no
    return AppealList(
        nav=nav(request, current="appeals"),
        now=now,
        tabs=[Tab(label, f"?part={name}", name == part, counts[name]) for name, label in names.items()],
        columns=[
            Column("number", _("Appeal")),
            Column("about", _("Against")),
            Column("state", _("State")),
            Column("orders", pgettext("step", "Orders"), figure=True),
            Column("due", _("Time left")),
            Column("act", ""),
        ],
        rows=[_row(appeal, store_no, deadlines[appeal.number], may_write=may_write) for appeal in page],
        page=page,
        notices_url=reverse("notifications:list", args=[store_no]),
    )


def _row(appeal: Any, store_no: str, deadlines: Mapping[str, Deadline], *, may_write: bool) -> AppealRow:
    where = [store_no, appeal.number]
    page, step = reverse("appeals:appeal", args=where), appeal.step or "orders"
    acts = {
        "draft": (_("Continue"), reverse(f"appeals:{step}", args=where)),
        "supplement": (_("Add what is missing"), page),
    }
    act, act_url = acts.get(appeal.state, ("", "")) if may_write else ("", "")
    kind, clock = _clock(appeal.state)
    running = deadlines.get(kind)
    return AppealRow(
        number=appeal.number,
        url=page,
        subject=subject_name(appeal.kind, appeal.subject_key),
        about=str(title_of(appeal.notice.metric)) if appeal.notice else str(appeal.get_kind_display()),
        state=str(appeal.get_state_display()),
        level=LEVELS[appeal.state],
        orders=appeal.named,
        since=appeal.submitted_at or appeal.created_at,
        due=running.due_at if running is not None else None,
        clock=clock,
        act=act,
        act_url=act_url,
    )


def _clock(state: str) -> tuple[str, str]:
    """The deadline that runs in a state, and what it is until."""
    return {
        "draft": (DRAFT, _("to submit")),
        "review": (REVIEW, _("until reviewed")),
        "supplement": (SUPPLEMENT, _("to add")),
    }.get(state, ("", ""))
