"""Deadlines for the seller's answer to a dispute (DP-10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from core.deadlines import Subject, meet_deadlines, open_deadlines, void_deadlines
from disputes.models import Dispute
from disputes.queries.deadlines import ANSWER, SUBJECT
from rulebook.policy.conduct import Disputes
from rulebook.queries import policies, policy_in


def open_next_deadlines(ended: Mapping[Subject, datetime]) -> None:
    """Open the next deadline of each unanswered dispute at the instant at which the previous one lapsed."""
    due, stores = {}, {store_id for store_id, _number in ended}
    for dispute in Dispute.objects.filter(store__in=stores, dispute_no__in={number for _store_id, number in ended}):
        subject = (dispute.store_id, dispute.dispute_no)
        if subject not in ended or not dispute.waits_for_answer:
            continue
        if next_due := next_answer_due(dispute, ended[subject]):
            due[subject] = next_due
    open_deadlines(kind=ANSWER, subject_kind=SUBJECT, due=due, at={subject: ended[subject] for subject in due})


def next_answer_due(dispute: Dispute, at: datetime) -> datetime | None:
    """The end of the first answer window that is not over at ``at``."""
    return next((due_at for due_at in _window_ends(dispute) if due_at > at), None)


def answer_ends_at(dispute: Dispute) -> datetime:
    """The end of the last window: an answer after that is too late."""
    return _window_ends(dispute)[-1]


def reopening_ends_at(dispute: Dispute) -> datetime | None:
    """Until when the buyer may re-open a withdrawn dispute (DP-01)."""
    return dispute.closed_at and dispute.closed_at + timedelta(days=terms_of(dispute).reopen_days)


def terms_of(dispute: Dispute) -> Disputes:
    """The policy under which a dispute was opened."""
    return policy_in(policies(), dispute.opened_at).disputes


def _window_ends(dispute: Dispute) -> list[datetime]:
    terms = terms_of(dispute)
    spans = (
        timedelta(hours=terms.golden_hours),
        timedelta(hours=terms.late_hours),
        timedelta(days=terms.answer_days),
    )
    return [dispute.clock_starts_at + span for span in spans]


def derive_answer_deadlines(disputes: Sequence[Dispute], at: datetime) -> None:
    """Open, meet or void the answer deadlines of these disputes according to their present state.

    An open, unanswered dispute has one deadline, the end of the first window that is not over yet: golden hours, late
    hours, the days after which it continues without the seller's side (DP-10). Deadlines in the past are never opened
    (DM-27). An answer in time meets the deadline; a late answer, closing or withdrawal voids it.
    """
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
    answered = {(one.store_id, one.dispute_no): one.responded_at for one in disputes if one.responded_at is not None}
    meet_deadlines(kind=ANSWER, subject_kind=SUBJECT, happened=answered)
    # What was answered too late, closed or withdrawn.
    subjects = [(dispute.store_id, dispute.dispute_no) for dispute in disputes]
    void_deadlines(kind=ANSWER, subject_kind=SUBJECT, subjects=subjects, at=at)
