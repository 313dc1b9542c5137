"""A share of the decisions is decided again by somebody who doesn't see the first (BX-07)."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appeals.models import Appeal, AppealReview
from appeals.rules import OrderDecision, agreeing, is_drawn
from appeals.services.claiming import BarredReviewerError, claim_blind_review
from appeals.services.deciding import blind_draw, decide_appeal, decide_blind_review
from core.models import Event
from rulebook.queries import policy_at
from tests.appeals.reviews import ACCEPT, NOW, REJECT, SUPPLEMENT, fresh, reviewer, under_review, verdicts

pytestmark = pytest.mark.rule("BX-07")
SHARE = Decimal("0.05")
NUMBERS = [f"AP20260311-{place:06d}" for place in range(1, 4001)]
DRAWN = next(number for number in NUMBERS if is_drawn(blind_draw(number), SHARE))
NOT_DRAWN = next(number for number in NUMBERS if not is_drawn(blind_draw(number), SHARE))


@pytest.mark.sqlite_only
def test_draw_takes_the_share_of_policy_and_can_be_repeated() -> None:
    draws = [blind_draw(number) for number in NUMBERS]
    assert draws == [blind_draw(number) for number in NUMBERS]
    # 200 of 4,000 on average, with a standard deviation of 14.
    assert 140 < sum(is_drawn(draw, SHARE) for draw in draws) < 260


@pytest.mark.sqlite_only
@settings(max_examples=15)
@given(draw=st.integers(0, 2**64 - 1), share=st.decimals(0, 1, places=3), more=st.decimals(0, 1, places=3))
def test_larger_share_draws_all_of_a_smaller_one(draw: int, share: Decimal, more: Decimal) -> None:
    small, large = sorted([share, more])
    assert is_drawn(draw, small) <= is_drawn(draw, large)
    assert not is_drawn(draw, Decimal(0))
    assert is_drawn(draw, Decimal(1))


@pytest.mark.sqlite_only
def test_agreement_is_counted_by_order() -> None:
    accepted, rejected = OrderDecision.ACCEPTED, OrderDecision.REJECTED
    assert agreeing({1: accepted, 2: rejected}, {1: accepted, 2: rejected}) == 2
    assert agreeing({1: accepted, 2: rejected}, {1: rejected, 2: rejected}) == 1


def decided(number: str, *made: object, judge: object = None) -> Appeal:
    appeal = under_review()
    Appeal.objects.filter(pk=appeal.pk).update(number=number)
    appeal = fresh(appeal)
    decide_appeal(
        appeal=appeal, decisions=verdicts(appeal, *made), reviewer=judge or reviewer("first"), at=NOW, version=0
    )
    return fresh(appeal)


@pytest.mark.django_db
def test_drawn_decision_waits_for_a_blind_review() -> None:
    assert policy_at(NOW).beyond.quality_sample_share == SHARE
    appeal = decided(DRAWN, ACCEPT)
    review = AppealReview.objects.get(blind=True)
    assert (review.appeal, review.begun_at, review.decided_at) == (appeal, NOW, None)


@pytest.mark.django_db
def test_other_decisions_and_requests_for_a_supplement_do_not() -> None:
    decided(NOT_DRAWN, ACCEPT)
    assert not AppealReview.objects.filter(blind=True).exists()


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_supplement_request_is_not_drawn() -> None:
    decided(DRAWN, SUPPLEMENT)
    assert not AppealReview.objects.filter(blind=True).exists()


@pytest.mark.django_db
def test_blind_decision_records_agreement_and_changes_nothing() -> None:
    appeal = decided(DRAWN, ACCEPT, REJECT)
    review = AppealReview.objects.select_related("appeal__store__company", "appeal__previous").get(blind=True)
    second = reviewer("second")
    assert claim_blind_review(review=review, reviewer=second, at=NOW)
    assert decide_blind_review(review=review, decisions=verdicts(appeal, ACCEPT), reviewer=second, at=NOW)
    assert not decide_blind_review(
        review=review, decisions=verdicts(appeal, REJECT), reviewer=reviewer("third"), at=NOW
    )
    assert (review.reviewer, review.outcome, review.accepted, review.agreed) == (second, "accepted", 3, 1)
    assert list(appeal.orders.order_by("place").values_list("decision", flat=True)) == [
        "accepted", "rejected", "rejected",
    ]  # fmt: skip
    assert Event.objects.get(kind="appeal.blind_reviewed").after == {"agreed": "1 / 3"}


@pytest.mark.django_db
def test_whoever_decided_first_is_not_blind() -> None:
    first = reviewer("first")
    appeal = decided(DRAWN, ACCEPT, judge=first)
    review = AppealReview.objects.select_related("appeal__store__company", "appeal__previous").get(blind=True)
    with pytest.raises(BarredReviewerError):
        claim_blind_review(review=review, reviewer=first, at=NOW)
    with pytest.raises(BarredReviewerError):
        decide_blind_review(review=review, decisions=verdicts(appeal, ACCEPT), reviewer=first, at=NOW)
