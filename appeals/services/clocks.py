"""The clocks of an appeal: until it is reviewed, and until a supplement is handed in (PN-09, PN-16, AP-05a)."""

from datetime import datetime, timedelta

from appeals.models import Appeal
from appeals.queries.deadlines import REVIEW, SUBJECT, SUPPLEMENT
from core.deadlines import meet_deadline, open_deadline, void_deadline
from core.models import Deadline
from rulebook.queries import policy_at
from stores.services.holding import hold_stores


def start_review_clock(*, appeal: Appeal, at: datetime) -> Deadline:
    """Operations have to decide within hours from ``at``: the submission, or a supplement that was handed in."""
    terms = policy_at(at).appeals
    hours = terms.expedited_hours if appeal.expedited else terms.review_hours
    return _open(appeal, REVIEW, at + timedelta(hours=hours), at)


def start_supplement_clock(*, appeal: Appeal, at: datetime) -> Deadline:
    """The seller has some days for what a reviewer asked for; the clock of the review stops."""
    stop_clock(appeal=appeal, kind=REVIEW, at=at)
    return _open(appeal, SUPPLEMENT, at + timedelta(days=policy_at(at).appeals.supplement_days), at)


def stop_clock(*, appeal: Appeal, kind: str, at: datetime) -> None:
    """What a deadline waited for happened at ``at``; one that was missed without a sweep having found it is void."""
    owner_id, number = appeal.store_id, appeal.number
    if not meet_deadline(owner_id=owner_id, kind=kind, subject_kind=SUBJECT, subject_key=number, at=at):
        void_deadline(owner_id=owner_id, kind=kind, subject_kind=SUBJECT, subject_key=number, at=at)


def hold_clock(*, appeal: Appeal, kind: str) -> None:
    """Lock the store and the running deadline before the appeal's row, as sweeps do (`stores.services.holding`)."""
    hold_stores([appeal.store_id])
    rows = Deadline.objects.select_for_update(no_key=True).filter(
        store_id=appeal.store_id,
        kind=kind,
        subject_kind=SUBJECT,
        subject_key=appeal.number,
        state=Deadline.State.OPEN,
    )
    rows.first()


def _open(appeal: Appeal, kind: str, due_at: datetime, at: datetime) -> Deadline:
    return open_deadline(
        owner_id=appeal.store_id, kind=kind, subject_kind=SUBJECT, subject_key=appeal.number, due_at=due_at, at=at
    )
