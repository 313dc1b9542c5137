"""What reviewers decide on appeals: order by order, once, with reasons that can be acted on (AP-04, PN-09, BX-12,
BX-18)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac

from appeals.models import Appeal, AppealOrder, AppealReview, ReviewDraft
from appeals.queries.deadlines import REVIEW, SUBJECT, latest_deadline
from appeals.queries.reviewers import bar_of, blind_bar_of
from appeals.rules import AppealState, Gap, OrderDecision, Verdict, agreeing, gaps_of, is_drawn, outcome_of
from appeals.services.claiming import BarredReviewerError
from appeals.services.clocks import hold_clock, start_supplement_clock
from appeals.services.lifecycle import move_appeal, record_appeal_event
from appeals.services.settling import settle_appeal
from core.deadlines import open_deadline
from core.events import SYSTEM
from rulebook.calendar import add_working_days
from rulebook.queries import policy_at
from stores.claims import free_for
from stores.models import User
from stores.principals import Person

# By the id of the appeal's order.
Verdicts = Mapping[int, Verdict]


class IncompleteDecisionError(Exception):
    """A decision that says too little; ``gaps`` by the id of the appeal's order."""

    def __init__(self, gaps: Mapping[int, list[Gap]]) -> None:
        super().__init__(gaps)
        self.gaps = gaps


@transaction.atomic
def decide_appeal(
    *, appeal: Appeal, decisions: Verdicts, reviewer: User, at: datetime, version: int, reason: str = ""
) -> bool:
    """Decide every order of an appeal under review.

    While an order needs a supplement, the appeal waits for it and nothing takes effect; otherwise one accepted order
    makes it accepted, none rejected. False, with the present state in ``appeal``, where another reviewer was faster,
    has claimed it, or the appeal is no longer at ``version``. Raises IncompleteDecisionError and BarredReviewerError.
    """
    bar = bar_of(appeal, reviewer)
    if bar is not None and appeal.decided_by_id != reviewer.pk:
        raise BarredReviewerError(bar)
    orders = list(AppealOrder.objects.filter(appeal=appeal))
    _check(orders, decisions, at)
    hold_clock(appeal=appeal, kind=REVIEW)
    # The row is held from here on, so that the orders are not written twice.
    rows = Appeal.objects.filter(free_for(reviewer, at), pk=appeal.pk, state=AppealState.REVIEW, version=version)
    if rows.update(claimed_by=reviewer) != 1:
        appeal.refresh_from_db()
        return False
    _write(orders, decisions)
    review = _record_review(appeal, decisions, reviewer, at)
    ReviewDraft.objects.filter(appeal=appeal, reviewer=reviewer, blind=False).delete()
    if review.outcome == AppealState.SUPPLEMENT:
        return _ask_for_supplement(appeal, reviewer, at, reason)
    settle_appeal(
        appeal=appeal, at=at, actor=Person(reviewer).actor, version=version, decided_by=reviewer, reason=reason
    )
    _draw_blind_review(review, at)
    return True


@transaction.atomic
def decide_blind_review(*, review: AppealReview, decisions: Verdicts, reviewer: User, at: datetime) -> bool:
    """Decide an appeal a second time without effect, for the share on which both reviewers agree (BX-07); as
    `decide_appeal`."""
    appeal = review.appeal
    bar = blind_bar_of(appeal, reviewer)
    if bar is not None:
        raise BarredReviewerError(bar)
    orders = list(AppealOrder.objects.filter(appeal=appeal))
    _check(orders, decisions, at, blind=True)
    first = {order.pk: OrderDecision(order.decision) for order in orders}
    agreed = agreeing(first, {key: verdict.decision for key, verdict in decisions.items()})
    rows = AppealReview.objects.filter(free_for(reviewer, at), pk=review.pk, blind=True, decided_at=None)
    if rows.update(decided_at=at, reviewer=reviewer, agreed=agreed, **_columns(decisions)) != 1:
        review.refresh_from_db()
        return False
    ReviewDraft.objects.filter(appeal=appeal, reviewer=reviewer, blind=True).delete()
    actor, after = Person(reviewer).actor, {"agreed": f"{agreed} / {len(orders)}"}
    record_appeal_event(kind="appeal.blind_reviewed", appeal=appeal, actor=actor, at=at, cause="BX-07", after=after)
    return True


@transaction.atomic
def mark_complex(*, appeal: Appeal, reviewer: User, at: datetime) -> bool:
    """Give an appeal under review the working days of a complex one, counted from its submission (PN-09); False where
    it is complex already, decided, or claimed by somebody else. A later deadline stays. Raises BarredReviewerError."""
    bar = bar_of(appeal, reviewer)
    if bar is not None:
        raise BarredReviewerError(bar)
    hold_clock(appeal=appeal, kind=REVIEW)
    rows = Appeal.objects.filter(free_for(reviewer, at), pk=appeal.pk, state=AppealState.REVIEW, is_complex=False)
    if rows.update(is_complex=True) != 1:
        appeal.refresh_from_db()
        return False
    appeal.is_complex = True
    due_at = max(complex_due_at(appeal), *_due_of(appeal))
    open_deadline(
        owner_id=appeal.store_id, kind=REVIEW, subject_kind=SUBJECT, subject_key=appeal.number, due_at=due_at, at=at
    )
    record_appeal_event(
        kind="appeal.complex",
        appeal=appeal,
        actor=Person(reviewer).actor,
        at=at,
        cause="PN-09",
        after={"due_at": due_at.isoformat()},
    )
    return True


def note_overdue(*, appeal: Appeal, due_at: datetime) -> None:
    """A review was not made in time: the audit trail says so; the desk and the queue count it as overdue (PN-09)."""
    if appeal.state == AppealState.REVIEW:
        after = {"due_at": due_at.isoformat()}
        record_appeal_event(kind="appeal.overdue", appeal=appeal, actor=SYSTEM, at=due_at, cause="PN-09", after=after)


def complex_due_at(appeal: Appeal) -> datetime:
    """When the review of a complex appeal is due."""
    assert appeal.submitted_at is not None
    policy = policy_at(appeal.submitted_at)
    return add_working_days(appeal.submitted_at, policy.appeals.complex_working_days, plans=policy.calendar.years)


def save_draft(*, appeal: Appeal, reviewer: User, blind: bool, fields: Mapping[str, Any], at: datetime) -> None:
    """Keep what a reviewer has filled in."""
    ReviewDraft.objects.update_or_create(
        appeal=appeal, reviewer=reviewer, blind=blind, defaults={"fields": fields, "saved_at": at}
    )


def as_stored(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    return asdict(verdict) | {"fields": [asdict(failing) for failing in verdict.fields]}


def _check(orders: list[AppealOrder], decisions: Verdicts, at: datetime, *, blind: bool = False) -> None:
    reasons = policy_at(at).appeals.rejection_reasons
    gaps = {order.pk: gaps_of(decisions.get(order.pk), reasons) for order in orders}
    if blind:
        # Its reasons reach nobody: the decision is enough.
        gaps = {key: [gap for gap in found if gap == Gap.DECISION] for key, found in gaps.items()}
    if any(gaps.values()):
        raise IncompleteDecisionError({key: found for key, found in gaps.items() if found})


def _write(orders: list[AppealOrder], decisions: Verdicts) -> None:
    for order in orders:
        verdict = decisions[order.pk]
        order.decision, order.reason_code, order.remedy = verdict.decision, verdict.reason_code, verdict.remedy.strip()
        order.fields = [asdict(failing) for failing in verdict.fields]
    AppealOrder.objects.bulk_update(orders, ["decision", "reason_code", "fields", "remedy"], batch_size=500)


def _record_review(appeal: Appeal, decisions: Verdicts, reviewer: User, at: datetime) -> AppealReview:
    """The row that figures count, one for each time an appeal was under review."""
    deadline = latest_deadline(appeal, REVIEW)
    return AppealReview.objects.create(
        appeal=appeal,
        round=AppealReview.objects.filter(appeal=appeal, blind=False).count(),
        reviewer=reviewer,
        begun_at=deadline.opened_at if deadline else appeal.submitted_at or at,
        due_at=deadline.due_at if deadline else None,
        decided_at=at,
        **_columns(decisions),
    )


def _columns(decisions: Verdicts) -> dict[str, Any]:
    made = [verdict.decision for verdict in decisions.values()]
    counts = {decision.value: made.count(decision) for decision in OrderDecision if decision != OrderDecision.PENDING}
    outcome = AppealState.SUPPLEMENT if counts[OrderDecision.SUPPLEMENT] else outcome_of(made)
    return {**counts, "outcome": outcome, "verdicts": {str(key): as_stored(one) for key, one in decisions.items()}}


def _ask_for_supplement(appeal: Appeal, reviewer: User, at: datetime, reason: str) -> bool:
    columns: dict[str, Any] = {"claimed_by": None, "claimed_until": None, "reason": reason}
    actor = Person(reviewer).actor
    move_appeal(appeal=appeal, to=AppealState.SUPPLEMENT, at=at, actor=actor, cause="PN-09", **columns)
    start_supplement_clock(appeal=appeal, at=at)
    return True


def blind_draw(number: str) -> int:
    """Where the draw puts an appeal, below 2 ** 64: by its number and the installation's key, so that it can be
    repeated but not foreseen (BX-07)."""
    return int.from_bytes(salted_hmac("appeals.blind_review", number, algorithm="sha256").digest()[:8])


def _draw_blind_review(review: AppealReview, at: datetime) -> None:
    if is_drawn(blind_draw(review.appeal.number), policy_at(at).beyond.quality_sample_share):
        AppealReview.objects.create(appeal=review.appeal, round=review.round, blind=True, begun_at=at)


def _due_of(appeal: Appeal) -> list[datetime]:
    deadline = latest_deadline(appeal, REVIEW)
    return [deadline.due_at] if deadline else []
