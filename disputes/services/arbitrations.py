"""Arbitrations begin when a dispute of a governed store gets there, and end with it (DP-19)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from core.deadlines import Subject, meet_deadlines, open_deadlines, void_deadlines
from core.events import SYSTEM, record_event
from disputes.models import Arbitration, Dispute
from disputes.queries.deadlines import ARBITRATION, SUBJECT
from rulebook.queries import policy_at
from stores.models import Store


def derive_arbitrations(disputes: Sequence[Dispute], at: datetime) -> None:
    """Open the arbitration of each dispute that is in that state, once per re-opening; end those of the others."""
    governed = [one for one in disputes if one.store.mode == Store.Mode.GOVERNED]
    begun = [one for one in governed if one.state == Dispute.State.ARBITRATION]
    if begun:
        _open(begun, at)
    if over := [one for one in governed if one.state != Dispute.State.ARBITRATION]:
        _end(over, at)


def _open(disputes: Sequence[Dispute], at: datetime) -> None:
    due_at = at + timedelta(hours=policy_at(at).disputes.arbitration_hours)
    rows = [
        Arbitration(store_id=one.store_id, dispute=one, round=one.reopenings, begun_at=at, due_at=due_at)
        for one in disputes
    ]
    # Those that had begun before keep their clock.
    begun = set(Arbitration.objects.filter(dispute__in=disputes, ended_at=None).values_list("dispute", flat=True))
    Arbitration.objects.bulk_create((row for row in rows if row.dispute_id not in begun), ignore_conflicts=True)
    fresh = {one.pk for one in disputes} - begun
    due = {_subject(one): due_at for one in disputes if one.pk in fresh}
    open_deadlines(kind=ARBITRATION, subject_kind=SUBJECT, due=due, at=at)
    for one in disputes:
        if one.pk in fresh:
            after = {"due_at": due_at.isoformat()}
            record_arbitration("dispute.arbitration_begun", one, actor=SYSTEM, at=at, after=after)


def _end(disputes: Sequence[Dispute], at: datetime) -> None:
    """End what is still open, without a verdict: a withdrawal or a settlement ended the dispute."""
    running = Arbitration.objects.filter(dispute__in=disputes, ended_at=None)
    over = set(running.values_list("dispute", flat=True))
    if not over:
        return
    running.update(ended_at=at, claimed_by=None, claimed_until=None, version=F("version") + 1)
    subjects = [_subject(one) for one in disputes if one.pk in over]
    meet_deadlines(kind=ARBITRATION, subject_kind=SUBJECT, happened=dict.fromkeys(subjects, at))
    void_deadlines(kind=ARBITRATION, subject_kind=SUBJECT, subjects=subjects, at=at)


def note_overdue(*, dispute: Dispute, due_at: datetime) -> None:
    """Operations did not decide in time; the case waits on, first in the queue (DP-19)."""
    after = {"due_at": due_at.isoformat()}
    record_arbitration("dispute.arbitration_overdue", dispute, actor=SYSTEM, at=due_at, after=after)


def record_arbitration(kind: str, dispute: Dispute, *, actor: str, at: datetime, after: dict[str, Any]) -> None:
    """Record what happened to the arbitration of a dispute, whose store is loaded."""
    record_event(
        kind=kind,
        subject_kind=SUBJECT,
        subject_key=dispute.dispute_no,
        store_no=dispute.store.store_no,
        actor=actor,
        at=at,
        after=after,
        cause="DP-19",
    )


def _subject(dispute: Dispute) -> Subject:
    return dispute.store_id, dispute.dispute_no
