"""Improvement plans from a rejected appeal to their end (PN-10, PN-33, BX-05)."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.models import Deadline, Event
from core.sweeping import sweep
from core.timebase import performance_day_start
from notifications.kinds import message_kind
from notifications.models import ImprovementPlan, InboxMessage, Notice, PlanMeasure
from notifications.queries.plans import content_of
from notifications.rules import PlanContent, State, plan_gaps
from notifications.services.lifecycle import move_notice
from notifications.services.plans import IncompletePlanError, end_manual_review, open_plan, save_plan, submit_plan
from rulebook.queries import policies
from stores.models import Store, User
from tests.notifications.build import DAY, NIGHT, ONE_DAY, judged, make_store, publish
from tests.notifications.plans import CAUSE, answers, write_answers
from tests.stores.people import make_person

REJECTED = NIGHT + timedelta(days=2)
HANDED_IN = REJECTED + timedelta(days=3)
VERIFIED = HANDED_IN + timedelta(days=14)


@pytest.fixture
def store(db: None) -> Store:
    return make_store()


@pytest.fixture
def notice(store: Store) -> Notice:
    """A red notice under appeal."""
    judged(store, late_dispatch="red")
    Notice.objects.update(state=State.APPEALING)
    return Notice.objects.select_related("store__company").get()


@pytest.fixture
def member(store: Store) -> User:
    return make_person("mei", store.company)


def rejected(notice: Notice, at: datetime = REJECTED) -> ImprovementPlan:
    plan = open_plan(notice=notice, at=at, actor="person:7", cause="A1")
    assert plan is not None
    return plan


def running(notice: Notice) -> ImprovementPlan:
    """A plan that was handed in."""
    plan = rejected(notice)
    ImprovementPlan.objects.update(submitted_at=HANDED_IN)
    Deadline.objects.filter(kind="plan_due").update(kind="plan_verify", due_at=VERIFIED)
    return plan


def clocks() -> list[tuple[str, datetime, str]]:
    rows = Deadline.objects.filter(kind__startswith="plan").order_by("id")
    return list(rows.values_list("kind", "due_at", "state"))


def state_of(notice: Notice) -> str:
    notice.refresh_from_db()
    return notice.state


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10", "PN-33")
def test_rejected_appeal_opens_a_plan_due_in_seven_days(notice: Notice) -> None:
    plan = rejected(notice)
    assert (state_of(notice), plan.notice, plan.opened_at) == ("plan", notice, REJECTED)
    assert clocks() == [("plan_due", REJECTED + timedelta(days=7), "open")]
    event = Event.objects.get(kind="notice.plan")
    assert (event.actor, event.cause, event.before) == ("person:7", "A1", {"state": "appealing"})
    assert open_plan(notice=notice, at=REJECTED, actor="person:8", cause="A1") is None
    assert ImprovementPlan.objects.count() == 1


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10", "RL-05")
@pytest.mark.parametrize(("seconds", "state"), [(0, "plan"), (1, "failed")])
def test_plan_that_nobody_hands_in_fails(notice: Notice, seconds: int, state: str) -> None:
    rejected(notice)
    sweep(at=REJECTED + timedelta(days=7, seconds=seconds))
    assert state_of(notice) == state
    assert [one.at for one in Event.objects.filter(kind="notice.failed")] == [REJECTED + timedelta(days=7)][:seconds]


@pytest.mark.rule("PN-10")
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("change", "gaps"),
    [
        ({}, []),
        ({"causes": []}, ["no_cause", "nothing_done", "measure_incomplete", "cause_without_prevention"]),
        ({"explanation": " "}, ["no_explanation"]),
        ({"measures": []}, ["nothing_done", "cause_without_prevention"]),
        ({"causes": [CAUSE, {**CAUSE, "value": "YANWEN"}]}, ["cause_without_prevention"]),
    ],
)
def test_plan_answers_all_three_questions(change: dict[str, Any], gaps: list[str]) -> None:
    assert plan_gaps(replace(answers(User(pk=1)), **change)) == gaps


@pytest.mark.rule("PN-10")
@pytest.mark.sqlite_only
@pytest.mark.parametrize("missing", ["text", "cause", "owner_id", "day"])
def test_measure_needs_words_cause_person_and_day(missing: str) -> None:
    content = answers(User(pk=1))
    empty = {"text": "", "cause": "carrier:OTHER", "owner_id": None, "day": None}[missing]
    last = replace(content.measures[1], **{missing: empty})
    gaps = plan_gaps(replace(content, measures=[content.measures[0], last]))
    assert gaps == ["measure_incomplete", "cause_without_prevention"]


@pytest.mark.rule("PN-10", "RL-06")
def test_draft_of_a_plan_is_kept_and_the_slower_of_two_loses(notice: Notice, member: User) -> None:
    plan = rejected(notice)
    assert save_plan(plan=plan, content=answers(member), version=0, user=member, at=HANDED_IN)
    assert content_of(ImprovementPlan.objects.get()) == answers(member)
    assert (plan.version, plan.saved_by, plan.saved_at) == (1, member, HANDED_IN)
    assert not save_plan(plan=plan, content=PlanContent(), version=0, user=member, at=HANDED_IN)
    assert content_of(ImprovementPlan.objects.get()) == answers(member)


@pytest.mark.rule("PN-10", "BX-06")
def test_plan_handed_in_is_verified_fourteen_days_later(store: Store, notice: Notice, member: User) -> None:
    plan = rejected(notice)
    write_answers(plan, member)
    publish(store, DAY + 4 * ONE_DAY, late_dispatch="yellow")
    publish(store, DAY + 5 * ONE_DAY, late_dispatch="few")
    assert submit_plan(plan=plan, user=member, at=HANDED_IN)
    assert clocks() == [("plan_due", REJECTED + timedelta(days=7), "met"), ("plan_verify", VERIFIED, "open")]
    assert (plan.submitted_by, plan.start_day, plan.start_value) == (member, DAY + 4 * ONE_DAY, Decimal("0.045"))
    assert state_of(notice) == "plan"
    event = Event.objects.get(kind="notice.plan_submitted")
    assert (event.actor, event.at) == (f"person:{member.pk}", HANDED_IN)
    assert not submit_plan(plan=plan, user=member, at=HANDED_IN)
    assert not save_plan(plan=plan, content=PlanContent(), version=plan.version, user=member, at=HANDED_IN)


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10")
@pytest.mark.parametrize(("state", "told"), [(State.PLAN, 1), (State.APPEALING, 0)])
def test_who_is_responsible_is_reminded_on_the_day_of_a_measure(
    notice: Notice, member: User, state: State, told: int
) -> None:
    plan = rejected(notice)
    write_answers(plan, member)
    day = PlanMeasure.objects.get(kind="prevention").day
    assert day is not None
    begins = performance_day_start(day)
    # The other measure's day was over before.
    at = begins - timedelta(days=2)
    Deadline.objects.filter(kind="plan_due").update(due_at=at)
    assert submit_plan(plan=plan, user=member, at=at)
    Notice.objects.update(state=state)
    sweep(at=begins)
    assert not InboxMessage.objects.filter(kind="reminder.measure_due").exists()
    sweep(at=begins + timedelta(seconds=1))
    messages = InboxMessage.objects.filter(kind="reminder.measure_due")
    assert list(messages.values_list("recipient", "at")) == [(member.pk, begins)] * told
    for message in messages:
        words = message_kind(message.kind).words(message, policies())
        assert words.text == "No carrier above 60 %"


@pytest.mark.rule("PN-10")
def test_incomplete_plan_is_not_handed_in(notice: Notice, member: User) -> None:
    plan = rejected(notice)
    with pytest.raises(IncompletePlanError) as refused:
        submit_plan(plan=plan, user=member, at=HANDED_IN)
    assert refused.value.gaps == ["no_cause", "no_explanation", "nothing_done", "cause_without_prevention"]
    assert clocks() == [("plan_due", REJECTED + timedelta(days=7), "open")]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10", "RL-05")
@pytest.mark.parametrize(("seconds", "state"), [(0, "plan"), (1, "failed")])
def test_plan_is_in_time_until_the_last_second(notice: Notice, member: User, seconds: int, state: str) -> None:
    plan = rejected(notice)
    write_answers(plan, member)
    at = REJECTED + timedelta(days=7, seconds=seconds)
    assert submit_plan(plan=plan, user=member, at=at) == (seconds == 0)
    assert state_of(notice) == state
    sweep(at=at + ONE_DAY)
    assert state_of(notice) == state


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-05")
def test_second_appeal_pauses_the_plan_and_its_rejection_goes_on_with_it(notice: Notice) -> None:
    plan = rejected(notice)
    ImprovementPlan.objects.update(explanation="The night shift was short of people.")
    assert move_notice(notice=notice, to=State.APPEALING, at=REJECTED + ONE_DAY, actor="person:7", cause="BX-05")
    sweep(at=REJECTED + timedelta(days=60))
    assert state_of(notice) == "appealing"
    again = rejected(notice, REJECTED + timedelta(days=4))
    assert (again.pk, again.explanation) == (plan.pk, "The night shift was short of people.")
    assert clocks() == [
        ("plan_due", REJECTED + timedelta(days=7), "void"),
        ("plan_due", REJECTED + timedelta(days=11), "open"),
    ]


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-05")
def test_plan_that_was_handed_in_before_a_second_appeal_is_verified_anew(notice: Notice) -> None:
    running(notice)
    move_notice(notice=notice, to=State.APPEALING, at=HANDED_IN + ONE_DAY, actor="person:7", cause="BX-05")
    rejected(notice, HANDED_IN + timedelta(days=3))
    assert clocks() == [("plan_verify", VERIFIED, "void"), ("plan_verify", VERIFIED + timedelta(days=3), "open")]


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-10")
@pytest.mark.parametrize(
    ("levels", "state"),
    [
        (["red", "ok"], "resolved"),
        (["red", "yellow"], "resolved"),
        (["ok", "red"], "failed"),
        (["ok", "na"], "resolved"),
        # Too few orders and incomplete data say nothing: the day before decides.
        (["red", "few"], "failed"),
        (["ok", "stale"], "resolved"),
        (["few", "stale"], "failed"),
        ([], "failed"),
    ],
)
def test_last_level_that_says_something_verifies_the_plan(
    store: Store, notice: Notice, levels: list[str], state: str
) -> None:
    running(notice)
    publish(store, DAY + 3 * ONE_DAY, late_dispatch="ok")
    for place, level in enumerate(levels):
        publish(store, DAY + (16 + place) * ONE_DAY, late_dispatch=level)
    # Published after the plan was due to be verified: an effect of a timer carries its due instant.
    publish(store, DAY + 25 * ONE_DAY, late_dispatch="ok" if state == "failed" else "red")
    sweep(at=VERIFIED + timedelta(days=10))
    assert state_of(notice) == state
    event = Event.objects.get(kind=f"notice.{state}")
    assert (event.at, event.actor, event.cause) == (VERIFIED, "system", "PN-10")


@pytest.mark.sqlite_only
@pytest.mark.rule("PN-33")
def test_senior_reviewer_ends_the_manual_review_of_a_failed_plan(notice: Notice) -> None:
    rejected(notice)
    assert not end_manual_review(notice=notice, reason="Seen on site.", at=VERIFIED, actor="person:9")
    sweep(at=VERIFIED)
    assert end_manual_review(notice=notice, reason="Seen on site.", at=VERIFIED, actor="person:9")
    assert state_of(notice) == "resolved"
    assert Event.objects.get(kind="notice.resolved").after == {"state": "resolved", "reason": "Seen on site."}
    assert not end_manual_review(notice=notice, reason="Again.", at=VERIFIED, actor="person:9")
