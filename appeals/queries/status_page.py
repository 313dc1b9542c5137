"""What the page of a submitted or ended appeal shows (PG-11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appeals.models import Appeal, AppealFile, AppealOrder, CorrectionReport
from appeals.queries.deadlines import deadlines_of
from appeals.queries.draft_page import orders_of
from appeals.queries.effects import Effect, effect_of
from appeals.queries.eligibility import Eligibility, eligibility_of
from appeals.queries.files import files_of
from appeals.queries.kinds import Subject, subject_of
from appeals.queries.progress import events_of, is_review_begun
from appeals.rules import UNDECIDED_STATES, OrderDecision
from core.events import kinds_for_company
from core.models import Deadline, Event
from stores.actors import names_of_actors
from stores.models import Membership


@dataclass(frozen=True, slots=True)
class Status:
    """An appeal with everything that happened. ``people``: by actor the names of the company's own people; others are
    not named to it. ``effect``: if what is not rejected is accepted, while it is undecided."""

    appeal: Appeal
    subject: Subject
    orders: Sequence[AppealOrder]
    files: Sequence[AppealFile]
    events: Sequence[Event]
    people: Mapping[str, str]
    deadlines: Mapping[str, Deadline]
    effect: Effect | None
    eligibility: Eligibility
    review_begun: bool
    reports: Sequence[CorrectionReport]

    @property
    def has_second(self) -> bool:
        """Whether this decision can be appealed now (BX-05)."""
        found = self.eligibility
        return found.refusal is None and found.previous is not None and found.previous.pk == self.appeal.pk


def status_of(appeal: Appeal, at: datetime) -> Status:
    """Load the page."""
    subject, orders = subject_of(appeal), orders_of(appeal)
    kept = [row.order_id for row in orders if row.decision != OrderDecision.REJECTED]
    shown = frozenset(kinds_for_company())
    events = [event for event in events_of(appeal) if event.kind in shown and event.kind != "appeal.edited"]
    return Status(
        appeal=appeal,
        subject=subject,
        orders=orders,
        files=files_of(appeal),
        events=events,
        people=_own_people(appeal, events),
        deadlines=deadlines_of(appeal.store, [appeal.number])[appeal.number],
        effect=effect_of(subject, kept, at) if kept and appeal.state in UNDECIDED_STATES else None,
        eligibility=eligibility_of(subject, at),
        review_begun=is_review_begun(appeal, at),
        reports=list(CorrectionReport.objects.filter(store=appeal.store, cause_no=appeal.number).order_by("place")),
    )


def _own_people(appeal: Appeal, events: Sequence[Event]) -> dict[str, str]:
    members = Membership.objects.filter(company=appeal.store.company_id).values_list("user", flat=True)
    own = {f"person:{pk}" for pk in members}
    return names_of_actors({event.actor for event in events} & own)
