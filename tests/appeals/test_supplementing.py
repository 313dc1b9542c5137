"""Handing in what a reviewer asked for (PN-09)."""

from datetime import timedelta

import pytest

from appeals.models import Appeal
from appeals.rules import AppealState, Refusal, RefusedAppealError, StaleAppealError
from appeals.services.clocks import start_review_clock, start_supplement_clock
from appeals.services.drafting import TooManyFilesError
from appeals.services.lifecycle import move_appeal
from appeals.services.supplementing import hand_in_supplement
from core.models import Deadline
from notifications.models import Notice
from stores.principals import Person
from tests.appeals.build import NIGHT, SECOND, events_of, make_appeal, make_notice, make_store
from tests.appeals.drafts import attached, seller_of

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@pytest.fixture
def notice(db: None) -> Notice:
    return make_notice(make_store(), state="appealing")


@pytest.fixture
def who(notice: Notice) -> Person:
    return seller_of(notice.store)


def asked(notice: Notice, *places: int) -> Appeal:
    """An appeal whose reviewer asked for something for the orders at these places, and decided nothing else."""
    appeal = make_appeal(notice, AppealState.REVIEW, submitted_at=NIGHT)
    start_review_clock(appeal=appeal, at=NIGHT)
    appeal.orders.filter(place__in=places).update(decision="supplement", reason_code="evidence_missing")
    move_appeal(appeal=appeal, to=AppealState.SUPPLEMENT, at=NIGHT, actor="person:0", cause="PN-09")
    start_supplement_clock(appeal=appeal, at=NIGHT)
    return appeal


def hand_in(appeal: Appeal, who: Person, at: object, given_up: tuple[str, ...] = (), **answers: str) -> None:
    hand_in_supplement(appeal=appeal, answers=answers, given_up=given_up, at=at, principal=who, version=appeal.version)


def decisions(appeal: Appeal) -> list[tuple[str, str, str]]:
    return list(appeal.orders.order_by("place").values_list("decision", "reason_code", "answer"))


@pytest.mark.rule("PN-09", "RL-05")
def test_supplement_in_its_last_second_starts_the_review_anew(notice: Notice, who: Person) -> None:
    appeal = asked(notice, 1)
    hand_in(appeal, who, NIGHT + WEEK, L1=" Signed page attached ")
    assert appeal.state == "review"
    assert decisions(appeal) == [
        ("pending", "evidence_missing", "Signed page attached"), ("pending", "", ""), ("pending", "", ""),
    ]  # fmt: skip
    clocks = Deadline.objects.filter(subject_kind="appeal").order_by("id").values_list("kind", "state", "due_at")
    assert list(clocks) == [
        ("appeal_review", "met", NIGHT + 48 * HOUR),
        ("appeal_supplement", "met", NIGHT + WEEK),
        ("appeal_review", "open", NIGHT + WEEK + 48 * HOUR),
    ]
    assert events_of(appeal) == ["appeal.supplement", "appeal.supplemented"]


@pytest.mark.rule("PN-09", "RL-05")
def test_supplement_a_second_later_is_too_late(notice: Notice, who: Person) -> None:
    appeal = asked(notice, 1)
    with pytest.raises(RefusedAppealError) as refused:
        hand_in(appeal, who, NIGHT + WEEK + SECOND, L1="late")
    assert refused.value.refusal == Refusal.TOO_LATE
    assert Deadline.objects.get(kind="appeal_supplement").state == "open"


@pytest.mark.rule("PN-09")
def test_supplement_needs_an_answer_or_a_file_for_every_order(notice: Notice, who: Person) -> None:
    appeal = asked(notice, 1, 2)
    with pytest.raises(RefusedAppealError) as refused:
        hand_in(appeal, who, NIGHT, L1="Only of the first")
    assert refused.value.refusal == Refusal.NOTHING_NEW
    attached(appeal, who)
    hand_in(appeal, who, NIGHT, L1="Only of the first")
    assert appeal.state == "review"


@pytest.mark.rule("PN-09")
def test_order_that_is_given_up_is_rejected_and_the_others_go_on(notice: Notice, who: Person) -> None:
    appeal = asked(notice, 1, 2)
    hand_in(appeal, who, NIGHT, given_up=("L1", "L3"), L2="Here")
    # L3 was not asked about: it can't be given up.
    assert decisions(appeal) == [
        ("rejected", "given_up", ""), ("pending", "evidence_missing", "Here"), ("pending", "", ""),
    ]  # fmt: skip
    assert appeal.state == "review"


@pytest.mark.rule("PN-09", "PN-10")
def test_appeal_of_which_every_order_is_given_up_is_rejected(notice: Notice, who: Person) -> None:
    appeal = asked(notice, 1, 2, 3)
    hand_in(appeal, who, NIGHT, given_up=("L1", "L2", "L3"))
    notice.refresh_from_db()
    assert (appeal.state, notice.state) == ("rejected", "plan")


@pytest.mark.rule("PN-09", "AP-02")
def test_each_supplement_may_bring_as_many_files_as_the_submission(notice: Notice, who: Person) -> None:
    appeal = asked(notice, 1)
    for letter in "abcde":
        attached(appeal, who, letter)
    with pytest.raises(TooManyFilesError):
        attached(appeal, who, "f")
    assert set(appeal.files.values_list("round", flat=True)) == {1}


@pytest.mark.rule("RL-06")
def test_supplement_is_handed_in_once(notice: Notice, who: Person) -> None:
    appeal = asked(notice, 1)
    again = Appeal.objects.get(pk=appeal.pk)
    hand_in(appeal, who, NIGHT, L1="First")
    with pytest.raises(StaleAppealError):
        hand_in(again, who, NIGHT, L1="Second")
    assert decisions(appeal)[0][2] == "First"
