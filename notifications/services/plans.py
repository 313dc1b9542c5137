"""Improvement plans: opened by a rejected appeal, handed in, verified, failed (PN-10, BX-05, BX-06)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from core.deadlines import open_deadline
from core.events import SYSTEM
from notifications.models import ImprovementPlan, Notice
from notifications.queries.notices import PLAN_DUE, PLAN_VERIFY, SUBJECT
from notifications.queries.plans import handed_in_since, published_levels
from notifications.rules import NoticeLevel, State
from notifications.services.lifecycle import move_notice, move_notices
from rulebook.queries import policy_at


@transaction.atomic
def open_plan(*, notice: Notice, at: datetime, actor: str, cause: str) -> ImprovementPlan | None:
    """A rejected appeal opens an improvement plan, to be handed in within some days (PN-10); None where the notice is
    not under appeal any more.

    After a rejected second appeal the plan goes on with what was written, its clock anew: that of the verification if
    it had been handed in (BX-05). ``notice`` has its store and company loaded.
    """
    if not move_notice(notice=notice, to=State.PLAN, at=at, actor=actor, cause=cause):
        return None
    plan, _created = ImprovementPlan.objects.get_or_create(notice=notice, defaults={"opened_at": at})
    policy = policy_at(at).notices
    kind, days = (PLAN_VERIFY, policy.plan_verify_days) if plan.submitted_at else (PLAN_DUE, policy.plan_days)
    due_at = at + timedelta(days=days)
    open_deadline(
        owner_id=notice.store_id, kind=kind, subject_kind=SUBJECT, subject_key=notice.number, due_at=due_at, at=at
    )
    return plan


def fail_overdue_plans(*, due: Mapping[Notice, datetime]) -> list[Notice]:
    """Nobody handed in the plans of these notices until the given instants: a senior reviewer looks at them (PN-10)."""
    return _end_plans(due, State.FAILED)


@transaction.atomic
def verify_plans(*, due: Mapping[Notice, datetime]) -> None:
    """The time of plans is over: out of red the notice is resolved, else the plan has failed (PN-10).

    The last published level that says something since the plan was handed in decides, as of the due instant; where no
    day said anything, a person looks.
    """
    begun = handed_in_since(due)
    levels = published_levels({one: (begun[one.pk], until) for one, until in due.items() if one.pk in begun})
    passed = {notice for notice in due if levels.get(notice.pk, NoticeLevel.RED) != NoticeLevel.RED}
    _end_plans({notice: at for notice, at in due.items() if notice in passed}, State.RESOLVED)
    _end_plans({notice: at for notice, at in due.items() if notice not in passed}, State.FAILED)


def _end_plans(due: Mapping[Notice, datetime], to: State) -> list[Notice]:
    at = {notice.pk: due_at for notice, due_at in due.items()}
    return move_notices(notices=list(due), to=to, at=at, actor=SYSTEM, cause="PN-10")


def end_manual_review(*, notice: Notice, reason: str, at: datetime, actor: str) -> bool:
    """A senior reviewer ends the manual review that a failed plan led to: the notice is resolved (PN-33). False where
    it is under no such review any more."""
    return move_notice(
        notice=notice,
        to=State.RESOLVED,
        at=at,
        actor=actor,
        cause="PN-33",
        before=State.FAILED,
        after={"reason": reason},
    )
