"""What happens when a deadline of an appeal lapses (DM-27, PN-09)."""

from collections.abc import Sequence

from appeals.models import Appeal
from appeals.queries.deadlines import DRAFT, REVIEW, SUPPLEMENT
from appeals.rules import AppealState
from appeals.services.deciding import note_overdue
from appeals.services.lifecycle import move_appeal
from appeals.services.settling import lapse_supplement
from appeals.services.telling import about_appeals, about_drafts
from core.deadlines import on_lapse
from core.events import SYSTEM
from core.models import Deadline
from notifications.services.reminding import Reminders, remind_of


@on_lapse(DRAFT, holds_owner=True)
def close_drafts(deadlines: Sequence[Deadline]) -> None:
    """Drafts that nobody submitted in time are closed."""
    appeals = _appeals_of(deadlines)
    for deadline in deadlines:
        if appeal := appeals.get(deadline.subject_key):
            move_appeal(
                appeal=appeal,
                to=AppealState.CLOSED,
                at=deadline.due_at,
                actor=SYSTEM,
                cause="PN-08",
                before=AppealState.DRAFT,
            )


@on_lapse(REVIEW, holds_owner=True)
def note_overdue_review(deadlines: Sequence[Deadline]) -> None:
    """The audit trail keeps that a review is overdue; the appeal waits on, first in its queue."""
    appeals = _appeals_of(deadlines)
    for deadline in deadlines:
        if deadline.subject_key in appeals:
            note_overdue(appeal=appeals[deadline.subject_key], due_at=deadline.due_at)


@on_lapse(SUPPLEMENT, holds_owner=True)
def reject_without_supplement(deadlines: Sequence[Deadline]) -> None:
    """Orders whose supplement never came are rejected."""
    appeals = _appeals_of(deadlines)
    for deadline in deadlines:
        if deadline.subject_key in appeals:
            lapse_supplement(appeal=appeals[deadline.subject_key], at=deadline.due_at)


def _appeals_of(deadlines: Sequence[Deadline]) -> dict[str, Appeal]:
    rows = Appeal.objects.select_related("store__company", "notice")
    return {appeal.number: appeal for appeal in rows.filter(number__in=[row.subject_key for row in deadlines])}


remind_of(Reminders(SUPPLEMENT, lambda policy: policy.appeals.reminder_hours, about_appeals))
remind_of(Reminders(DRAFT, lambda policy: policy.appeals.reminder_hours, about_drafts))
