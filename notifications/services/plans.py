"""Improvement plans: opened by a rejected appeal, handed in, verified, failed (PN-10, BX-05, BX-06)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from core.deadlines import Subject, meet_deadline, open_deadline, open_deadlines
from core.events import SYSTEM, record_events
from core.timebase import performance_day_start
from notifications.complaints import COPYRIGHT
from notifications.models import ImprovementPlan, InboxMessage, Notice, PlanMeasure
from notifications.queries.complaints import is_mended
from notifications.queries.notices import MEASURE_DUE, PLAN_DUE, PLAN_VERIFY, SUBJECT
from notifications.queries.plans import content_of, handed_in_since, last_published, overdue_plans, published_levels
from notifications.rules import MessageGroup, NoticeLevel, PlanContent, PlanGap, State, plan_gaps
from notifications.services.lifecycle import move_notice, move_notices, notice_event
from notifications.services.messages import post_messages
from rulebook.queries import policy_at
from stores.models import User
from stores.principals import Person
from stores.services.holding import hold_stores

MEASURE = "plan_measure"


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
    _open_clock(notice, kind, days, at)
    return plan


class IncompletePlanError(ValueError):
    """A plan that can't be handed in yet; ``gaps`` tell what is missing."""

    def __init__(self, gaps: Sequence[PlanGap]) -> None:
        super().__init__(*gaps)
        self.gaps = gaps


@transaction.atomic
def save_plan(*, plan: ImprovementPlan, content: PlanContent, version: int, user: User, at: datetime) -> bool:
    """Keep what is written so far. False if somebody saved since ``version``, or the plan is handed in or over."""
    open_plans = ImprovementPlan.objects.filter(pk=plan.pk, version=version, submitted_at=None)
    saved = open_plans.filter(notice__state=State.PLAN).update(
        causes=list(content.causes),
        explanation=content.explanation,
        saved_at=at,
        saved_by=user,
        version=F("version") + 1,
    )
    if saved != 1:
        return False
    PlanMeasure.objects.filter(plan=plan).delete()
    places: Counter[str] = Counter()
    for measure in content.measures:
        places[measure.kind] += 1
        PlanMeasure.objects.create(plan=plan, place=places[measure.kind], **asdict(measure))
    plan.refresh_from_db()
    return True


@transaction.atomic
def submit_plan(*, plan: ImprovementPlan, user: User, at: datetime) -> bool:
    """Hand in a plan: its verification begins, and its metric is immune until then (PN-10, BX-06).

    Raises IncompletePlanError. False if it comes too late, in which case the plan has failed whether or not a sweep has
    run since (RL-05), or if it was handed in or is over already. The plan's notice has its store and company loaded.
    """
    notice = plan.notice
    hold_stores([notice.store_id])
    ImprovementPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if gaps := plan_gaps(content_of(plan)):
        raise IncompletePlanError(gaps)
    if not meet_deadline(
        owner_id=notice.store_id, kind=PLAN_DUE, subject_kind=SUBJECT, subject_key=notice.number, at=at
    ):
        fail_overdue_plans(due=overdue_plans([notice], at))
        return False
    _begin(plan, user, at)
    _open_clock(notice, PLAN_VERIFY, policy_at(at).notices.plan_verify_days, at)
    open_measure_clocks(plan=plan, at=at)
    after = {"state": notice.state}
    actor = Person(user).actor
    record_events([notice_event("notice.plan_submitted", notice, actor=actor, at=at, cause="PN-10", after=after)])
    return True


def open_measure_clocks(*, plan: ImprovementPlan, at: datetime) -> None:
    """Have the people responsible reminded on the day of each measure that is still to come."""
    starts = {
        (plan.notice.store_id, measure_key(plan.notice, measure)): performance_day_start(measure.day)
        for measure in plan.measures.exclude(day=None)
        if measure.day is not None
    }
    due = {subject: start for subject, start in starts.items() if start > at}
    open_deadlines(kind=MEASURE_DUE, subject_kind=MEASURE, due=due, at=at)


def remind_of_measures(*, due: Mapping[Subject, datetime]) -> None:
    """Remind of the measures whose day has come, as long as their plan runs; ``due`` by store and `measure_key`."""
    numbers = {key.partition(" ")[0] for _store_id, key in due}
    rows = PlanMeasure.objects.filter(plan__notice__number__in=numbers, plan__notice__state=State.PLAN)
    rows = rows.exclude(plan__submitted_at=None).select_related("plan__notice__store")
    measures = {(row.plan.notice.store_id, measure_key(row.plan.notice, row)): row for row in rows}
    post_messages([_measure_message(measures[one], at) for one, at in due.items() if one in measures])


def measure_key(notice: Notice, measure: PlanMeasure) -> str:
    return f"{notice.number} {measure.kind} {measure.place}"


def _measure_message(measure: PlanMeasure, at: datetime) -> InboxMessage:
    """To the person responsible; to everybody where the account is gone."""
    notice = measure.plan.notice
    return InboxMessage(
        company_id=notice.store.company_id,
        store=notice.store,
        recipient_id=measure.owner_id,
        notice=notice,
        kind="reminder.measure_due",
        group=MessageGroup.DEADLINE,
        event=f"reminder.measure_due {measure_key(notice, measure)} {at.isoformat()}",
        parameters={"number": notice.number, "measure": measure.text, "day": str(measure.day)},
        at=at,
    )


def _begin(plan: ImprovementPlan, user: User, at: datetime) -> None:
    """Keep the last published value, which a later red has to be worse than (BX-06)."""
    start = last_published(plan.notice, at)
    value = None if start is None else start.scorecard[plan.notice.metric].get("value")
    ImprovementPlan.objects.filter(pk=plan.pk).update(
        submitted_at=at,
        submitted_by=user,
        start_day=None if start is None else start.day,
        start_value=None if value is None else Decimal(value),
        version=F("version") + 1,
    )
    plan.refresh_from_db()


def _open_clock(notice: Notice, kind: str, days: int, at: datetime) -> None:
    open_deadline(
        owner_id=notice.store_id,
        kind=kind,
        subject_kind=SUBJECT,
        subject_key=notice.number,
        due_at=at + timedelta(days=days),
        at=at,
    )


def fail_overdue_plans(*, due: Mapping[Notice, datetime]) -> list[Notice]:
    """Nobody handed in the plans of these notices until the given instants: a senior reviewer looks at them (PN-10)."""
    return _end_plans(due, State.FAILED)


@transaction.atomic
def verify_plans(*, due: Mapping[Notice, datetime]) -> None:
    """The time of plans is over: out of red the notice is resolved, else the plan has failed (PN-10).

    The last published level that says something since the plan was handed in decides, as of the due instant; where no
    day said anything, a person looks. The plan of a copyright notice is judged by what its listings show (PN-24).
    """
    begun = handed_in_since(due)
    levels = published_levels({one: (begun[one.pk], until) for one, until in due.items() if one.pk in begun})
    passed = {notice for notice in due if levels.get(notice.pk, NoticeLevel.RED) != NoticeLevel.RED}
    passed |= {notice for notice, until in due.items() if notice.metric == COPYRIGHT and is_mended(notice, until)}
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
