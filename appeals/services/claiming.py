"""Who is reviewing an appeal: a claim keeps others from deciding it until it is released or runs out (AP-04, RL-06)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from appeals.models import Appeal, AppealReview
from appeals.queries.reviewers import bar_of, blind_bar_of
from appeals.rules import AppealState, Bar
from appeals.services.lifecycle import record_appeal_event
from stores.claims import claim, hand_over, release
from stores.models import User
from stores.principals import Person

UNDER_REVIEW = Q(state=AppealState.REVIEW)


class BarredReviewerError(Exception):
    """The person may not review this appeal; ``bar`` says why."""

    def __init__(self, bar: Bar) -> None:
        super().__init__(bar)
        self.bar = bar


@transaction.atomic
def claim_appeal(*, appeal: Appeal, reviewer: User, at: datetime) -> bool:
    """Claim an appeal under review, or extend one's own claim; False where it is decided or somebody else's.

    ``appeal`` then holds the present claim. Raises BarredReviewerError.
    """
    bar = bar_of(appeal, reviewer)
    if bar is not None:
        raise BarredReviewerError(bar)
    was_own = appeal.claimed_by_id == reviewer.pk
    claimed = claim(appeal, waits=UNDER_REVIEW, person=reviewer, at=at)
    appeal.refresh_from_db(fields=["state"])
    if claimed and not was_own:
        _record("appeal.claimed", appeal, reviewer, at)
    return claimed


@transaction.atomic
def release_appeal(*, appeal: Appeal, reviewer: User, at: datetime) -> bool:
    """Give an appeal back to the queue; False where it was no longer the reviewer's."""
    if not release(appeal, waits=UNDER_REVIEW, person=reviewer):
        return False
    _record("appeal.released", appeal, reviewer, at)
    return True


@transaction.atomic
def hand_over_appeal(*, appeal: Appeal, holder: User | None, to: User, by: User, at: datetime) -> bool:
    """Give the claim of ``holder`` (None: nobody's) to another reviewer, for whom it begins anew; False where it was
    not the holder's any more. Raises BarredReviewerError."""
    bar = bar_of(appeal, to)
    if bar is not None:
        raise BarredReviewerError(bar)
    if not hand_over(appeal, waits=UNDER_REVIEW, holder=holder, to=to, at=at):
        return False
    after = {"claimed_by": Person(to).actor}
    _record("appeal.handed_over", appeal, by, at, after=after)
    return True


@transaction.atomic
def claim_blind_review(*, review: AppealReview, reviewer: User, at: datetime) -> bool:
    """Claim a blind review, or extend one's own claim; as `claim_appeal`."""
    bar = blind_bar_of(review.appeal, reviewer)
    if bar is not None:
        raise BarredReviewerError(bar)
    claimed = claim(review, waits=Q(blind=True, decided_at=None), person=reviewer, at=at)
    review.refresh_from_db(fields=["decided_at", "reviewer"])
    return claimed


def release_blind_review(*, review: AppealReview, reviewer: User) -> bool:
    """Give a blind review back; as `release_appeal`."""
    return release(review, waits=Q(decided_at=None), person=reviewer)


def _record(kind: str, appeal: Appeal, by: User, at: datetime, **states: Any) -> None:
    record_appeal_event(kind=kind, appeal=appeal, actor=Person(by).actor, at=at, cause="AP-04", **states)
