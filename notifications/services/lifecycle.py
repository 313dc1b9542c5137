"""A notice's way through its states: each transition happens once, together with its event (PN-03, PN-33, RL-06)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from core.deadlines import meet_deadline, open_deadline, void_deadlines
from core.events import SYSTEM, record_events
from core.models import Deadline, Event
from core.rules import has_lapsed
from notifications.following import tell_followers
from notifications.models import Notice
from notifications.queries.notices import APPEAL, CLOCKS, PLAN_DUE, PLAN_VERIFY, SUBJECT, VIEW, appeal_window_end
from notifications.rules import OPEN_STATES, NoticeLevel, State, may_move
from stores.models import User
from stores.principals import Person
from stores.services.holding import hold_stores


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
def move_notice(
    *,
    notice: Notice,
    to: State,
    at: datetime,
    actor: str,
    cause: str,
    before: State | None = None,
    after: Mapping[str, Any] | None = None,
) -> bool:
    """`move_notices` for one; False if its present state doesn't allow the change."""
    return bool(move_notices(notices=[notice], to=to, at=at, actor=actor, cause=cause, before=before, after=after))


@transaction.atomic
def move_notices(
    *,
    notices: Sequence[Notice],
    to: State,
    at: datetime | Mapping[int, datetime],
    actor: str,
    cause: str,
    before: State | None = None,
    after: Mapping[str, Any] | None = None,
) -> list[Notice]:
    """Change the state of those whose present state and level allow it, stop the clocks that have no more meaning,
    record the events; returns them. Of each the present state is known afterwards.

    ``notices`` have their stores and companies loaded; ``at`` is one instant, or one by the id of each; ``before``: the
    only state to change; ``after``: what the events tell besides the new state. The rows are held, in one order
    everywhere, so that nobody moves them between being read and written (RL-06).
    """
    there = _hold(notices)
    moved = [
        notice
        for notice in there
        if before in (None, notice.state) and may_move(NoticeLevel(notice.level), State(notice.state), to)
    ]
    instants = {notice.pk: at if isinstance(at, datetime) else at[notice.pk] for notice in moved}
    _write(moved, to, instants)
    _stop_clocks(moved, to, instants)
    events = []
    for notice in moved:
        states = {"before": {"state": notice.state}, "after": {"state": to, **(after or {})}}
        events.append(notice_event(f"notice.{to}", notice, actor=actor, at=instants[notice.pk], cause=cause, **states))
        notice.state = to
    record_events(events)
    tell_followers(moved, instants)
    return moved


def _hold(notices: Sequence[Notice]) -> list[Notice]:
    """Lock the rows of those that exist, after those of their stores as nights do, and read their present states."""
    hold_stores({notice.store_id for notice in notices})
    rows = Notice.objects.select_for_update(no_key=True).filter(pk__in=[notice.pk for notice in notices])
    states = dict(rows.order_by("pk").values_list("pk", "state"))
    there = [notice for notice in notices if notice.pk in states]
    for notice in there:
        notice.state = states[notice.pk]
    return there


def _write(notices: Sequence[Notice], to: State, at: Mapping[int, datetime]) -> None:
    """Set the state, and the end of those that are over with it."""
    by_end: dict[datetime | None, list[Notice]] = defaultdict(list)
    for notice in notices:
        notice.ended_at = None if to in OPEN_STATES else at[notice.pk]
        by_end[notice.ended_at].append(notice)
    for ended_at, some in by_end.items():
        Notice.objects.filter(pk__in=[notice.pk for notice in some]).update(state=to, ended_at=ended_at)


def _stop_clocks(notices: Sequence[Notice], to: State, at: Mapping[int, datetime]) -> None:
    """Countdowns that say nothing any more once notices are in a state are void."""
    subjects = {(notice.store_id, notice.number): at[notice.pk] for notice in notices}
    for kind in _clocks_stopped_by(to):
        void_deadlines(kind=kind, subject_kind=SUBJECT, subjects=list(subjects), at=subjects)


def _clocks_stopped_by(to: State) -> Sequence[str]:
    if to not in OPEN_STATES:
        return CLOCKS
    if to == State.WAIVED:
        return (APPEAL,)
    # A second appeal pauses the plan (BX-05).
    return (PLAN_DUE, PLAN_VERIFY) if to in (State.APPEALING, State.FAILED) else ()


@transaction.atomic
def open_notice(*, notice: Notice, user: User | None, at: datetime, actor: str = "") -> bool:
    """Record which member opened a notice first and when (PN-03); False for later members. Without a user it was a
    program of the company, the ``actor``.

    A red notice that nobody opened in time has its appeal waived, whether or not a sweep has run since (RL-05). Where
    opening changes no state, the audit trail keeps that it was seen.
    """
    actor = actor if user is None else Person(user).actor
    hold_stores([notice.store_id])
    clock = Deadline.objects.select_for_update(no_key=True).filter(
        store_id=notice.store_id, kind=VIEW, subject_kind=SUBJECT, subject_key=notice.number, state=Deadline.State.OPEN
    )
    view = clock.first()
    first = Notice.objects.filter(pk=notice.pk, opened_at=None)
    if first.update(opened_at=at, opened_by=user) != 1:
        return False
    notice.opened_at, notice.opened_by = at, user
    if view is not None and has_lapsed(view.due_at, at):
        waive_appeals(due={notice: view.due_at})
    elif move_notice(notice=notice, to=State.OPENED, at=at, actor=actor, cause="PN-03"):
        meet_deadline(owner_id=notice.store_id, kind=VIEW, subject_kind=SUBJECT, subject_key=notice.number, at=at)
        return True
    after = {"state": str(notice.state)}
    record_events([notice_event("notice.seen", notice, actor=actor, at=at, cause="PN-03", after=after)])
    return True


def waive_appeals(*, due: Mapping[Notice, datetime]) -> list[Notice]:
    """Nobody opened these red notices until the given instants: their appeals are waived (PN-03). Returns those of
    which that is still so."""
    at = {notice.pk: due_at for notice, due_at in due.items()}
    return move_notices(notices=list(due), to=State.WAIVED, at=at, actor=SYSTEM, cause="PN-03")


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


def escalate_notices(*, notices: Sequence[Notice], at: datetime) -> set[Notice]:
    """Red notices replace these yellow ones, whose appeals and plans go with them (PN-06); returns those that were
    open still."""
    return set(move_notices(notices=notices, to=State.ESCALATED, at=at, actor=SYSTEM, cause="PN-06"))
