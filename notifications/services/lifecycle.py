"""A notice's way through its states: each transition happens once, together with its event (PN-03, PN-33, RL-06)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from core.deadlines import meet_deadline, open_deadline, void_deadline, void_deadlines
from core.events import SYSTEM, record_events
from core.models import Deadline, Event
from core.rules import has_lapsed
from notifications.models import Notice
from notifications.queries.notices import APPEAL, SUBJECT, VIEW
from notifications.rules import TRANSITIONS, NoticeLevel, State
from rulebook.queries import policy_at
from stores.models import User
from stores.principals import Person


def notice_event(kind: str, notice: Notice, *, actor: str, at: datetime, cause: str, **states: Any) -> Event:
    """An unsaved event about a notice; ``states`` are the event's before and after."""
    return Event(
        kind=kind,
        subject_kind=SUBJECT,
        subject_key=notice.number,
        actor=actor,
        at=at,
        store_no=notice.store.store_no,
        company_no=notice.store.company.company_no,
        cause=cause,
        **states,
    )


@transaction.atomic
def move_notice(*, notice: Notice, to: State, at: datetime, actor: str, cause: str) -> bool:
    """Change a notice's state and record the event; False if its present state doesn't allow the change.

    The state is compared as it is swapped: of two concurrent changes one wins, and the other is decided again.
    """
    while True:
        state = State(Notice.objects.values_list("state", flat=True).get(pk=notice.pk))
        if to not in TRANSITIONS[state]:
            notice.state = state
            return False
        if Notice.objects.filter(pk=notice.pk, state=state).update(state=to) == 1:
            break
    notice.state = to
    states = {"before": {"state": state}, "after": {"state": to}}
    record_events([notice_event(f"notice.{to}", notice, actor=actor, at=at, cause=cause, **states)])
    return True


@transaction.atomic
def open_notice(*, notice: Notice, user: User, at: datetime) -> bool:
    """Record which member opened a notice first and when (PN-03); False for later members.

    A red notice that nobody opened in time has its appeal waived, whether or not a sweep has run since (RL-05). Where
    opening changes no state, the audit trail keeps that it was seen.
    """
    first = Notice.objects.filter(pk=notice.pk, opened_at=None)
    if first.update(opened_at=at, opened_by=user) != 1:
        return False
    notice.opened_at, notice.opened_by = at, user
    deadline = Deadline.objects.filter(
        store_id=notice.store_id, kind=VIEW, subject_kind=SUBJECT, subject_key=notice.number, state=Deadline.State.OPEN
    ).first()
    if deadline is not None and has_lapsed(deadline.due_at, at):
        waive_appeal(notice=notice, at=deadline.due_at)
    elif move_notice(notice=notice, to=State.OPENED, at=at, actor=Person(user).actor, cause="PN-03"):
        meet_deadline(owner_id=notice.store_id, kind=VIEW, subject_kind=SUBJECT, subject_key=notice.number, at=at)
        return True
    after = {"state": str(notice.state)}
    record_events([notice_event("notice.seen", notice, actor=Person(user).actor, at=at, cause="PN-03", after=after)])
    return True


@transaction.atomic
def waive_appeal(*, notice: Notice, at: datetime) -> bool:
    """Nobody opened a red notice in time: its appeal is waived (PN-03). False where that is no longer so."""
    if not move_notice(notice=notice, to=State.WAIVED, at=at, actor=SYSTEM, cause="PN-03"):
        return False
    void_deadline(owner_id=notice.store_id, kind=APPEAL, subject_kind=SUBJECT, subject_key=notice.number, at=at)
    return True


@transaction.atomic
def begin_appeal(*, notice: Notice, at: datetime, actor: str, cause: str) -> bool:
    """The company appeals against a notice, which settles its window (PN-08). False where its state doesn't allow it.

    Whether the appeal comes in time is the caller's to judge: a second one has a window of its own (BX-05).
    """
    if not move_notice(notice=notice, to=State.APPEALING, at=at, actor=actor, cause=cause):
        return False
    meet_deadline(owner_id=notice.store_id, kind=APPEAL, subject_kind=SUBJECT, subject_key=notice.number, at=at)
    return True


@transaction.atomic
def end_appeal(*, notice: Notice, at: datetime, actor: str, cause: str) -> bool:
    """A first appeal ended without a decision: the notice stands as it did before, and can be appealed again for as
    long as its window lasts. False where it is no longer under appeal."""
    if not move_notice(notice=notice, to=State.OPENED, at=at, actor=actor, cause=cause):
        return False
    due_at = appeal_window_end(notice)
    if not has_lapsed(due_at, at):
        open_deadline(
            owner_id=notice.store_id,
            kind=APPEAL,
            subject_kind=SUBJECT,
            subject_key=notice.number,
            due_at=due_at,
            at=at,
        )
    return True


def appeal_window_end(notice: Notice) -> datetime:
    """The last second at which a notice can be appealed (PN-08)."""
    return notice.triggered_at + timedelta(days=policy_at(notice.triggered_at).appeals.window_days)


@transaction.atomic
def escalate_notices(*, notices: Sequence[Notice], at: datetime) -> set[Notice]:
    """Red notices replace these yellow ones, whose appeals go with them (PN-06); returns those that were open still.

    Their rows are held, in one order everywhere, so that nobody moves them between being read and written.
    """
    leaving = [state for state, allowed in TRANSITIONS.items() if State.ESCALATED in allowed]
    rows = Notice.objects.select_for_update(no_key=True).order_by("pk")
    rows = rows.filter(pk__in=[notice.pk for notice in notices], level=NoticeLevel.YELLOW, state__in=leaving)
    before = dict(rows.values_list("pk", "state"))
    Notice.objects.filter(pk__in=before).update(state=State.ESCALATED)
    moved = [notice for notice in notices if notice.pk in before]
    subjects = [(notice.store_id, notice.number) for notice in moved]
    void_deadlines(kind=APPEAL, subject_kind=SUBJECT, subjects=subjects, at=at)
    events = []
    for notice in moved:
        notice.state = State.ESCALATED
        states = {"before": {"state": before[notice.pk]}, "after": {"state": State.ESCALATED}}
        events.append(notice_event("notice.escalated", notice, actor=SYSTEM, at=at, cause="PN-06", **states))
    record_events(events)
    return set(moved)
