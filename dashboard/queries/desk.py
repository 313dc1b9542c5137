"""What waits for operations: queues, the reader's claims in all of them, figures, nights, the system (PG-20)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from appeals.models import AppealReview
from appeals.queries.review_figures import ReviewFigures, review_figures
from dashboard.queries.desk_queues import QueueCount, Waiting, count_queue, first_free, may_view, waiting_rows
from dashboard.queries.desk_system import SystemState, system_state
from metrics.catalogue import Calendar
from metrics.queries.nights import Night, recent_nights
from metrics.rules.days import last_complete_day
from metrics.services.night import days_to_close
from stores.claims import unclaimed
from stores.models import User

NIGHTS = 5
# What the row of a claim shows of its case.
SHOWN: dict[Waiting, tuple[str, ...]] = {
    Waiting.APPEALS: ("store", "notice"),
    Waiting.BLIND: ("appeal__store", "appeal__notice"),
    Waiting.ARBITRATIONS: ("dispute__store",),
    Waiting.PROOFS: ("store", "order"),
    Waiting.CLAIMS: ("store", "order"),
    Waiting.CASES: ("store",),
    Waiting.PROPOSALS: ("store",),
}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row of a queue that the reader has claimed."""

    queue: Waiting
    row: Any


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the desk; ``figures``, ``today`` and ``nights`` are None for those who may not see them.
    ``today``: the reviews of appeals that were decided since midnight of the reader's day, by result."""

    queues: list[QueueCount]
    claims: list[Claimed]
    nights: list[Night] | None
    figures: ReviewFigures | None
    today: dict[str, int] | None
    system: SystemState

    @property
    def most_urgent(self) -> Waiting | None:
        """The queue with the case that is to be claimed first."""
        return first_free(self.queues)


def desk_of(user: User, at: datetime, *, day_start: datetime) -> Desk:
    """What the person may see of what waits at an instant."""
    seen = [queue for queue in Waiting if may_view(user, queue)]
    queues = [count_queue(queue, user, at) for queue in seen]
    return Desk(
        queues=queues,
        claims=[Claimed(one.queue, row) for one in queues if one.mine for row in _claims(one.queue, user, at)],
        nights=_nights(at) if Waiting.NIGHTS in seen else None,
        figures=review_figures(at) if Waiting.APPEALS in seen else None,
        today=_decided_since(day_start) if Waiting.APPEALS in seen else None,
        system=system_state(user, at),
    )


def _claims(queue: Waiting, user: User, at: datetime) -> QuerySet[Any]:
    rows = waiting_rows(queue, at).filter(~unclaimed(at), claimed_by=user)
    return rows.select_related(*SHOWN[queue]).order_by("claimed_until")


def _decided_since(start: datetime) -> dict[str, int]:
    """How many reviews of appeals were decided, by result."""
    found: dict[str, int] = {}
    rows = AppealReview.objects.filter(decided_at__gte=start, blind=False).order_by()
    for outcome in rows.values_list("outcome", flat=True):
        found[outcome] = found.get(outcome, 0) + 1
    return found


def _nights(at: datetime) -> list[Night]:
    behind = {calendar: days_to_close(calendar=calendar, at=at) for calendar in Calendar}
    last = max(last_complete_day(at, calendar) for calendar in Calendar)
    return recent_nights(days=NIGHTS, last=last, behind=behind)[: 2 * NIGHTS]
