"""The panel of a notice for the colleagues: who is responsible, and notes (PN-13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.forms.notice_team import AssigningForm, NoteForm
from notifications.models import Notice, NoticeNote
from notifications.presenters.parts import notice_url
from notifications.queries.team import Team
from stores.access import StoreRequest
from stores.context_processors import nav
from stores.models import Store


@dataclass(frozen=True, slots=True)
class TeamPanel:
    """What templates/dashboard/notice_team.html reads; ``notes``: None for whoever is no colleague; forms are offered
    to those who ``may_write``."""

    nav: dict[str, Any]
    store: Store
    notice: Notice
    notice_url: str
    may_write: bool
    assigning: AssigningForm
    noting: NoteForm
    notes: Sequence[NoticeNote] | None


def team_panel_of(
    request: StoreRequest, notice: Notice, team: Team, assigning: AssigningForm, noting: NoteForm, *, may_write: bool
) -> TeamPanel:
    """The panel of a notice of the request's store."""
    return TeamPanel(
        nav=nav(request, current="notices"),
        store=request.store,
        notice=notice,
        notice_url=notice_url(notice, request.store.store_no),
        may_write=may_write,
        assigning=assigning,
        noting=noting,
        notes=team.notes,
    )
