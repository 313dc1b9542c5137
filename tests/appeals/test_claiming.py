"""Claims of appeals: one reviewer at a time, for half an hour (AP-04)."""

from datetime import timedelta

import pytest

from appeals.services.claiming import claim_appeal, hand_over_appeal, release_appeal
from core.models import Event
from tests.appeals.build import SECOND, events_of
from tests.appeals.reviews import NOW, fresh, reviewer, under_review

pytestmark = [pytest.mark.django_db, pytest.mark.rule("AP-04")]
HALF_HOUR = timedelta(minutes=30)


def test_claim_keeps_others_out_until_its_last_second() -> None:
    appeal, first, second = under_review(), reviewer("first"), reviewer("second")
    assert claim_appeal(appeal=appeal, reviewer=first, at=NOW)
    assert (appeal.claimed_by, appeal.claimed_until) == (first, NOW + HALF_HOUR)
    late = fresh(appeal)
    assert not claim_appeal(appeal=late, reviewer=second, at=NOW + HALF_HOUR)
    assert late.claimed_by == first
    assert claim_appeal(appeal=late, reviewer=second, at=NOW + HALF_HOUR + SECOND)
    assert not claim_appeal(appeal=appeal, reviewer=first, at=NOW + HALF_HOUR + SECOND)
    assert events_of(appeal) == ["appeal.claimed", "appeal.claimed"]


def test_own_claim_is_extended_from_now() -> None:
    appeal, judge = under_review(), reviewer()
    claim_appeal(appeal=appeal, reviewer=judge, at=NOW)
    assert claim_appeal(appeal=appeal, reviewer=judge, at=NOW + HALF_HOUR / 2)
    assert appeal.claimed_until == NOW + HALF_HOUR * 3 / 2
    assert events_of(appeal) == ["appeal.claimed"]


@pytest.mark.sqlite_only
def test_released_appeal_is_free_and_only_its_holder_releases() -> None:
    appeal, first, second = under_review(), reviewer("first"), reviewer("second")
    claim_appeal(appeal=appeal, reviewer=first, at=NOW)
    assert not release_appeal(appeal=appeal, reviewer=second, at=NOW)
    assert release_appeal(appeal=appeal, reviewer=first, at=NOW)
    assert claim_appeal(appeal=fresh(appeal), reviewer=second, at=NOW)


def test_hand_over_moves_the_claim_of_the_named_holder() -> None:
    appeal, first, second = under_review(), reviewer("first"), reviewer("second")
    claim_appeal(appeal=appeal, reviewer=first, at=NOW)
    later = NOW + timedelta(minutes=10)
    assert not hand_over_appeal(appeal=appeal, holder=second, to=first, by=second, at=later)
    assert hand_over_appeal(appeal=appeal, holder=first, to=second, by=first, at=later)
    appeal = fresh(appeal)
    assert (appeal.claimed_by, appeal.claimed_until) == (second, later + HALF_HOUR)
    event = Event.objects.get(kind="appeal.handed_over")
    assert (event.actor, event.after) == (f"person:{first.pk}", {"claimed_by": f"person:{second.pk}"})


def test_decided_appeal_is_not_claimed() -> None:
    appeal, judge = under_review(), reviewer()
    type(appeal).objects.update(state="accepted")
    assert not claim_appeal(appeal=appeal, reviewer=judge, at=NOW)
    assert appeal.state == "accepted"
