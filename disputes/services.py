"""What happens to disputes: the clock of the seller's answer (DP-10)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from core.deadlines import open_deadlines
from core.models import Deadline
from disputes.models import Dispute
from disputes.queries.deadlines import ANSWER, SUBJECT
from rulebook.queries import policies, policy_in

_CHUNK = 5_000


def settle_answer_deadlines(*, dispute_ids: Iterable[int], at: datetime) -> None:
    """Bring the countdowns for an answer in line with the disputes as they are now.

    An open, unanswered dispute has the next of its clocks that is still ahead: golden hours, late hours, the days
    after which it goes on without the seller's side (DP-10). No past deadlines are made (DM-27). Answering in time
    meets it; a late answer, closing or withdrawal voids it.
    """
    ids = list(dispute_ids)
    for start in range(0, len(ids), _CHUNK):
        _settle(list(Dispute.objects.filter(pk__in=ids[start : start + _CHUNK])), at)


def next_answer_due(dispute: Dispute, at: datetime) -> datetime | None:
    """The next clock of an unanswered dispute that is not over at ``at``."""
    return next((due_at for due_at in _clocks(dispute) if due_at > at), None)


def answer_ends_at(dispute: Dispute) -> datetime:
    """When the last clock ends: an answer after that is too late."""
    return _clocks(dispute)[-1]


def _clocks(dispute: Dispute) -> list[datetime]:
    terms = policy_in(policies(), dispute.opened_at).disputes
    spans = (
        timedelta(hours=terms.golden_hours),
        timedelta(hours=terms.late_hours),
        timedelta(days=terms.answer_days),
    )
    return [dispute.opened_at + span for span in spans]


def _settle(disputes: list[Dispute], at: datetime) -> None:
    due: dict[tuple[int, str], datetime] = {}
    over: list[Dispute] = []
    for dispute in disputes:
        next_due = next_answer_due(dispute, at) if dispute.waits_for_answer else None
        if next_due is not None:
            due[dispute.store_id, dispute.dispute_no] = next_due
        elif not dispute.waits_for_answer:
            over.append(dispute)
    if due:
        open_deadlines(kind=ANSWER, subject_kind=SUBJECT, due=due, at=at)
    if over:
        _close(over, at)


def _close(disputes: list[Dispute], at: datetime) -> None:
    by_key = {(dispute.store_id, dispute.dispute_no): dispute for dispute in disputes}
    standing = Deadline.objects.filter(
        Q(store_id__in={store for store, _ in by_key}) & Q(subject_key__in={number for _, number in by_key}),
        kind=ANSWER,
        subject_kind=SUBJECT,
        state=Deadline.State.OPEN,
    )
    for deadline in standing:
        dispute = by_key.get((deadline.store_id, deadline.subject_key))
        if dispute is None:
            continue
        answered = dispute.responded_at
        in_time = answered is not None and answered <= deadline.due_at
        Deadline.objects.filter(pk=deadline.pk, state=Deadline.State.OPEN).update(
            state=Deadline.State.MET if in_time else Deadline.State.VOID, settled_at=answered if in_time else at
        )
