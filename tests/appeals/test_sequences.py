"""Random sequences of what sellers, reviewers and time do: state, notice, clocks and events always agree (AP-01)."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appeals.models import Appeal, AppealOrder
from appeals.rules import OPEN_STATES, TRANSITIONS, AppealState, RefusedAppealError, StaleAppealError
from appeals.services.clocks import start_supplement_clock
from appeals.services.lifecycle import move_appeal
from appeals.services.settling import settle_appeal
from appeals.services.submitting import submit_appeal
from appeals.services.supplementing import hand_in_supplement
from appeals.services.withdrawing import ReviewBegunError, withdraw_appeal
from core.models import Deadline, Event
from core.sweeping import sweep
from notifications.models import Notice
from notifications.services.lifecycle import escalate_notices
from stores.models import Store
from stores.principals import Person
from tests.appeals.build import NIGHT, make_notice, make_store
from tests.appeals.drafts import attached, filled, seller_of
from tests.outbox import deliver

REFUSALS = (RefusedAppealError, StaleAppealError, ReviewBegunError)
# The clock that runs in a state, and the states of the notice that go with it.
CLOCK = {"draft": "appeal_draft", "review": "appeal_review", "supplement": "appeal_supplement"}
UNDER_APPEAL = {"review", "supplement"}


class Case:
    """A yellow notice, a seller, and whatever they and time do."""

    def __init__(self) -> None:
        self.store: Store = make_store(f"S{Store.objects.count()}")
        self.notice = make_notice(self.store, "yellow", orders=2)
        self.who: Person = seller_of(self.store, f"seller{self.store.pk}")
        self.at: datetime = NIGHT
        self.files = 0

    @property
    def appeal(self) -> Appeal:
        return Appeal.objects.select_related("store__company", "notice__store__company").latest("id")

    def draft(self) -> None:
        filled(self.store, "notice", self.notice.number, self.who, self.at)
        self.files += 1
        attached(self.appeal, self.who, "abcdef"[self.files % 6])

    def submit(self) -> None:
        appeal = self.appeal
        submit_appeal(appeal=appeal, expedited=False, at=self.at, principal=self.who, version=appeal.version)

    def withdraw(self) -> None:
        withdraw_appeal(appeal=self.appeal, at=self.at, principal=self.who, version=self.appeal.version)

    def ask(self) -> None:
        appeal = self.appeal
        if move_appeal(appeal=appeal, to=AppealState.SUPPLEMENT, at=self.at, actor="person:0", cause="PN-09"):
            AppealOrder.objects.filter(appeal=appeal).update(decision="supplement")
            start_supplement_clock(appeal=appeal, at=self.at)

    def answer(self) -> None:
        appeal = self.appeal
        answers = {"L1": "here", "L2": "here"}
        hand_in_supplement(
            appeal=appeal, answers=answers, given_up=(), at=self.at, principal=self.who, version=appeal.version
        )

    def reject(self) -> None:
        appeal = self.appeal
        if appeal.state == AppealState.REVIEW:
            AppealOrder.objects.filter(appeal=appeal).update(decision="rejected")
            settle_appeal(appeal=appeal, at=self.at, actor="person:0")

    def escalate(self) -> None:
        notice = Notice.objects.select_related("store__company").get(pk=self.notice.pk)
        escalate_notices(notices=[notice], at=self.at)
        deliver()

    def wait(self) -> None:
        self.at += timedelta(days=2)
        sweep(at=self.at)
        deliver()


ACTIONS: list[Callable[[Case], None]] = [
    Case.draft, Case.submit, Case.withdraw, Case.ask, Case.answer, Case.reject, Case.wait, Case.escalate,
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.rule("AP-01", "PN-09", "PN-33", "DM-27")
@settings(max_examples=8)
@given(st.lists(st.sampled_from(ACTIONS[:-1]), max_size=9), st.booleans())
def test_any_sequence_leaves_everything_in_step(actions: list[Callable[[Case], None]], escalated: bool) -> None:
    case = Case()
    case.draft()
    for action in [*actions, *([Case.escalate] if escalated else [])]:
        with contextlib.suppress(*REFUSALS):
            action(case)
        _assert_in_step(case)


def _assert_in_step(case: Case) -> None:
    appeals = list(Appeal.objects.filter(store=case.store).order_by("id"))
    running = [appeal for appeal in appeals if appeal.state in OPEN_STATES]
    assert len(running) <= 1
    clocks = set(
        Deadline.objects.filter(store_id=case.store.pk, subject_kind="appeal", state="open").values_list(
            "kind", "subject_key"
        )
    )
    overdue = Deadline.objects.filter(store_id=case.store.pk, kind="appeal_review", state="lapsed").exists()
    expected = {(CLOCK[appeal.state], appeal.number) for appeal in running}
    assert clocks == expected or (overdue and not clocks)
    under_appeal = any(appeal.state in UNDER_APPEAL for appeal in appeals)
    assert (Notice.objects.get(pk=case.notice.pk).state == "appealing") == under_appeal
    for appeal in appeals:
        _assert_events_tell(appeal)


def _assert_events_tell(appeal: Appeal) -> None:
    """The events of an appeal, replayed, lead through allowed moves to the state that it is in."""
    state = AppealState.DRAFT
    moves = Event.objects.filter(subject_kind="appeal", subject_key=appeal.number, before__has_key="state")
    for event in moves.order_by("id"):
        assert event.before["state"] == state
        assert event.after["state"] in TRANSITIONS[state]
        state = AppealState(event.after["state"])
    assert state == appeal.state
