"""Decisions of reviewers: once, whole, with reasons that can be acted on (AP-04, PN-09, BX-05, BX-12, BX-18)."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from appeals.models import AppealOrder, AppealReview
from appeals.rules import EvidenceField, FailingField, Gap, OrderDecision, StaleAppealError, Verdict
from appeals.services.claiming import BarredReviewerError, claim_appeal
from appeals.services.deciding import IncompleteDecisionError, decide_appeal, mark_complex
from appeals.services.withdrawing import ReviewBegunError, withdraw_appeal
from core.events import kinds_for_company
from core.models import Deadline, Event
from core.sweeping import sweep
from stores.models import Membership
from stores.principals import Person
from tests.appeals.build import SECOND, events_of, make_appeal
from tests.appeals.reviews import ACCEPT, NOW, REJECT, SUBMITTED, SUPPLEMENT, fresh, reviewer, under_review, verdicts
from tests.stores.people import make_person

pytestmark = pytest.mark.django_db


def decisions_of(appeal: Any) -> list[str]:
    return list(AppealOrder.objects.filter(appeal=appeal).order_by("place").values_list("decision", flat=True))


def clock(kind: str) -> tuple[str, datetime]:
    return Deadline.objects.values_list("state", "due_at").get(kind=kind)


@pytest.mark.sqlite_only
@pytest.mark.rule("AP-04", "PN-09")
def test_one_accepted_order_makes_the_appeal_accepted() -> None:
    appeal, judge = under_review(), reviewer()
    assert decide_appeal(
        appeal=appeal, decisions=verdicts(appeal, ACCEPT, REJECT), reviewer=judge, at=NOW, version=0, reason="Thanks"
    )
    appeal = fresh(appeal)
    assert (appeal.state, appeal.decided_at, appeal.decided_by, appeal.reason) == ("accepted", NOW, judge, "Thanks")
    assert (appeal.claimed_by, appeal.claimed_until) == (None, None)
    assert decisions_of(appeal) == ["accepted", "rejected", "rejected"]
    event = Event.objects.get(kind="appeal.accepted")
    assert (event.actor, event.subject_key, event.at) == (f"person:{judge.pk}", appeal.number, NOW)
    assert clock("appeal_review") == ("met", SUBMITTED + timedelta(hours=48))


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-12")
def test_rejection_is_kept_with_what_fails_and_what_would_pass() -> None:
    appeal = under_review(orders=1)
    decide_appeal(appeal=appeal, decisions=verdicts(appeal, REJECT), reviewer=reviewer(), at=NOW, version=0)
    assert fresh(appeal).state == "rejected"
    order = AppealOrder.objects.get(appeal=appeal)
    assert (order.reason_code, order.fields, order.remedy) == (
        "wrong_order",
        [{"field": "tracking_no", "evidence": "SZ1", "system": "SZ2"}],
        "A stamped letter of the carrier that lists SZ2",
    )


@pytest.mark.rule("PN-09")
def test_supplement_stops_one_clock_and_starts_the_other() -> None:
    appeal = under_review()
    decide_appeal(appeal=appeal, decisions=verdicts(appeal, ACCEPT, SUPPLEMENT), reviewer=reviewer(), at=NOW, version=0)
    assert fresh(appeal).state == "supplement"
    assert decisions_of(appeal) == ["accepted", "supplement", "supplement"]
    assert clock("appeal_review")[0] == "met"
    assert clock("appeal_supplement") == ("open", NOW + timedelta(days=7))
    assert events_of(appeal) == ["appeal.supplement"]


SAYS_NOTHING = Verdict(OrderDecision.REJECTED)
BLANK = Verdict(OrderDecision.SUPPLEMENT, "wrong_order", (FailingField(EvidenceField.SEAL, " "),), " ")
OTHER_REASON = Verdict(OrderDecision.REJECTED, "because", REJECT.fields, "x")


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-18", "BX-12")
@pytest.mark.parametrize(
    ("verdict", "gaps"),
    [
        (SAYS_NOTHING, [Gap.REASON, Gap.FIELDS, Gap.REMEDY]),
        (BLANK, [Gap.EVIDENCE, Gap.REMEDY]),
        (OTHER_REASON, [Gap.REASON]),
        (Verdict(OrderDecision.PENDING), [Gap.DECISION]),
        (None, [Gap.DECISION]),
    ],
)
def test_decision_that_names_nothing_is_refused(verdict: Verdict | None, gaps: list[Gap]) -> None:
    appeal = under_review(orders=2)
    first, second = verdicts(appeal, ACCEPT)
    decisions = {first: ACCEPT} | ({} if verdict is None else {second: verdict})
    with pytest.raises(IncompleteDecisionError) as caught:
        decide_appeal(appeal=appeal, decisions=decisions, reviewer=reviewer(), at=NOW, version=0)
    assert caught.value.gaps == {second: gaps}
    assert decisions_of(appeal) == ["pending", "pending"]
    assert (fresh(appeal).state, events_of(appeal)) == ("review", [])


@pytest.mark.sqlite_only
@pytest.mark.rule("RL-06", "AP-04")
def test_second_decision_changes_nothing_and_learns_who_was_first() -> None:
    appeal, first, second = under_review(), reviewer("first"), reviewer("second")
    stale = fresh(appeal)
    assert decide_appeal(appeal=appeal, decisions=verdicts(appeal, ACCEPT), reviewer=first, at=NOW, version=0)
    assert not decide_appeal(appeal=stale, decisions=verdicts(appeal, REJECT), reviewer=second, at=NOW, version=0)
    assert (stale.state, stale.decided_by, stale.decided_at) == ("accepted", first, NOW)
    assert not decide_appeal(appeal=stale, decisions=verdicts(appeal, ACCEPT), reviewer=first, at=NOW, version=0)
    assert decisions_of(appeal) == ["accepted"] * 3
    assert AppealReview.objects.filter(blind=False).count() == 1


@pytest.mark.rule("RL-06")
def test_what_another_has_claimed_is_not_decided_until_the_claim_runs_out() -> None:
    appeal, first, second = under_review(), reviewer("first"), reviewer("second")
    claim_appeal(appeal=appeal, reviewer=first, at=NOW)
    end, decisions = NOW + timedelta(minutes=30), verdicts(appeal, ACCEPT)
    assert not decide_appeal(appeal=appeal, decisions=decisions, reviewer=second, at=end, version=0)
    assert (appeal.state, appeal.claimed_by) == ("review", first)
    assert decide_appeal(appeal=appeal, decisions=decisions, reviewer=second, at=end + SECOND, version=0)


def test_appeal_that_changed_since_the_page_was_shown_is_not_decided() -> None:
    appeal = under_review()
    assert not decide_appeal(appeal=appeal, decisions=verdicts(appeal, ACCEPT), reviewer=reviewer(), at=NOW, version=7)
    assert fresh(appeal).state == "review"


@pytest.mark.rule("RL-05", "AP-06")
@pytest.mark.parametrize(("late", "state"), [(-1, "met"), (0, "met"), (1, "void")])
def test_last_second_of_the_clock_is_in_time(late: int, state: str) -> None:
    appeal = under_review()
    due_at = SUBMITTED + timedelta(hours=48)
    at = due_at + late * SECOND
    assert decide_appeal(appeal=appeal, decisions=verdicts(appeal, ACCEPT), reviewer=reviewer(), at=at, version=0)
    assert clock("appeal_review") == (state, due_at)
    review = AppealReview.objects.get(blind=False)
    assert (review.begun_at, review.due_at, review.decided_at) == (SUBMITTED, due_at, at)


@pytest.mark.sqlite_only
@pytest.mark.rule("BX-05")
def test_second_appeal_goes_to_another_reviewer() -> None:
    first, second = reviewer("first"), reviewer("second")
    appeal = under_review(orders=1)
    decide_appeal(appeal=appeal, decisions=verdicts(appeal, REJECT), reviewer=first, at=NOW, version=0)
    again = make_appeal(fresh(appeal).notice, "review", NOW, submitted_at=NOW, previous=fresh(appeal))
    again = fresh(again)
    for act in (
        lambda: claim_appeal(appeal=again, reviewer=first, at=NOW),
        lambda: decide_appeal(appeal=again, decisions=verdicts(again, ACCEPT), reviewer=first, at=NOW, version=0),
    ):
        with pytest.raises(BarredReviewerError):
            act()
    assert decide_appeal(appeal=again, decisions=verdicts(again, ACCEPT), reviewer=second, at=NOW, version=0)


def test_nobody_decides_for_their_own_company() -> None:
    appeal, judge = under_review(), reviewer()
    Membership.objects.create(company=appeal.store.company, user=judge, role="analyst")
    with pytest.raises(BarredReviewerError):
        decide_appeal(appeal=appeal, decisions=verdicts(appeal, ACCEPT), reviewer=judge, at=NOW, version=0)


@pytest.mark.rule("PN-09")
def test_complex_appeal_has_five_working_days_from_its_submission() -> None:
    # A Wednesday 12:00 in Shanghai: five working days later is the next Wednesday.
    appeal, judge = under_review(), reviewer()
    assert mark_complex(appeal=appeal, reviewer=judge, at=NOW)
    assert not mark_complex(appeal=appeal, reviewer=judge, at=NOW)
    assert clock("appeal_review") == ("open", datetime(2026, 3, 18, 16, tzinfo=UTC))
    assert events_of(appeal) == ["appeal.complex"]


@pytest.mark.rule("PN-09", "RL-05")
def test_overdue_review_is_recorded_once_for_staff_alone() -> None:
    appeal, due_at = under_review(), SUBMITTED + timedelta(hours=48)
    sweep(at=due_at)
    assert events_of(appeal) == []
    for _run in range(2):
        sweep(at=due_at + timedelta(hours=1))
    event = Event.objects.get(kind="appeal.overdue")
    assert (event.subject_key, event.at, event.actor) == (appeal.number, due_at, "system")
    assert event.kind not in kinds_for_company()
    # It can still be decided, and made complex.
    assert mark_complex(appeal=appeal, reviewer=reviewer(), at=due_at + timedelta(hours=1))
    open_ones = Deadline.objects.filter(kind="appeal_review", state="open")
    assert list(open_ones.values_list("due_at", flat=True)) == [datetime(2026, 3, 18, 16, tzinfo=UTC)]


@pytest.mark.rule("RL-06", "AP-04")
@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_once_decide_once() -> None:
    appeal, judges = under_review(), [reviewer("first"), reviewer("second")]
    made = {judge.pk: (ACCEPT, REJECT)[place] for place, judge in enumerate(judges)}
    barrier, results = threading.Barrier(2), {}

    def decide(judge: Any) -> None:
        try:
            mine = fresh(appeal)
            barrier.wait()
            decisions = verdicts(mine, made[judge.pk])
            results[judge.pk] = decide_appeal(appeal=mine, decisions=decisions, reviewer=judge, at=NOW, version=0)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=[judge]) for judge in judges]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results.values()) == [False, True]
    winner = next(pk for pk, won in results.items() if won)
    assert fresh(appeal).decided_by_id == winner
    assert set(decisions_of(appeal)) == {made[winner].decision}
    assert len(events_of(appeal)) == 1
    assert AppealReview.objects.filter(blind=False).count() == 1


@pytest.mark.rule("RL-06", "AP-01")
@pytest.mark.django_db(transaction=True)
def test_withdrawal_and_decision_at_once_have_one_outcome() -> None:
    appeal, judge = under_review(), reviewer()
    seller = Person(make_person("seller", appeal.store.company))
    barrier, results = threading.Barrier(2), {}

    def decide() -> bool:
        mine = fresh(appeal)
        barrier.wait()
        return decide_appeal(
            appeal=mine, decisions=verdicts(mine, ACCEPT), reviewer=judge, at=NOW, version=appeal.version
        )

    def withdraw() -> bool:
        mine = fresh(appeal)
        barrier.wait()
        try:
            withdraw_appeal(appeal=mine, at=NOW, principal=seller, version=appeal.version)
        except (StaleAppealError, ReviewBegunError):
            return False
        return True

    def run(act: Any) -> None:
        try:
            results[act.__name__] = act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in (decide, withdraw)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results.values()) == [False, True]
    assert fresh(appeal).state == ("accepted" if results["decide"] else "withdrawn")
    assert len(events_of(appeal)) == 1
