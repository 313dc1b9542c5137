"""The appeals of a store that wait for the seller: drafts, and requests for a supplement (PG-03, PN-09)."""

from dataclasses import dataclass

from appeals.models import Appeal
from appeals.queries.deadlines import DRAFT, SUPPLEMENT, deadlines_of
from appeals.rules import AppealState
from core.models import Deadline
from stores.models import Store

WAITING = {AppealState.SUPPLEMENT: SUPPLEMENT, AppealState.DRAFT: DRAFT}


@dataclass(frozen=True, slots=True)
class AppealWork:
    """An appeal with the deadline by which the seller goes on, None without one."""

    appeal: Appeal
    deadline: Deadline | None


def appeal_work(store: Store) -> list[AppealWork]:
    """The appeals that wait for the seller; the newest first."""
    rows = Appeal.objects.filter(store=store, state__in=[str(state) for state in WAITING]).select_related("notice")
    appeals = list(rows.order_by("-pk"))
    clocks = deadlines_of(store, [appeal.number for appeal in appeals]) if appeals else {}
    return [AppealWork(appeal, _running(appeal, clocks[appeal.number])) for appeal in appeals]


def _running(appeal: Appeal, clocks: dict[str, Deadline]) -> Deadline | None:
    deadline = clocks.get(WAITING[AppealState(appeal.state)])
    return deadline if deadline is not None and deadline.state == Deadline.State.OPEN else None
