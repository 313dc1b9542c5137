"""The end of a review: what the decisions on its orders make of an appeal (AP-04, PN-09)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from appeals.models import Appeal, AppealOrder
from appeals.queries.deadlines import REVIEW
from appeals.rules import AppealState, OrderDecision, outcome_of
from appeals.services.clocks import start_review_clock, stop_clock
from appeals.services.lifecycle import move_appeal
from core.events import SYSTEM
from notifications.services.plans import open_plan
from stores.models import User

# Why an order is rejected whose supplement never came.
NO_SUPPLEMENT = "no_supplement"


@transaction.atomic
def settle_appeal(
    *,
    appeal: Appeal,
    at: datetime,
    actor: str,
    cause: str = "AP-04",
    version: int | None = None,
    decided_by: User | None = None,
    reason: str = "",
) -> bool:
    """End an appeal of which every order is decided: accepted if an order was accepted, else rejected, which opens the
    plan of its notice (PN-10).

    False where its state or ``version`` doesn't allow that any more. What an accepted appeal corrects follows from its
    event.
    """
    decisions = list(AppealOrder.objects.filter(appeal=appeal).values_list("decision", flat=True))
    to = outcome_of([OrderDecision(decision) for decision in decisions])
    columns: dict[str, Any] = {
        "decided_at": at,
        "decided_by": decided_by,
        "reason": reason,
        "claimed_by": None,
        "claimed_until": None,
    }
    after = {"orders": len(decisions), "accepted": decisions.count(OrderDecision.ACCEPTED)}
    moved = move_appeal(appeal=appeal, to=to, at=at, actor=actor, cause=cause, version=version, after=after, **columns)
    if moved:
        stop_clock(appeal=appeal, kind=REVIEW, at=at)
    if moved and to == AppealState.REJECTED and appeal.notice is not None:
        open_plan(notice=appeal.notice, at=at, actor=actor, cause="PN-10")
    return moved


@transaction.atomic
def lapse_supplement(*, appeal: Appeal, at: datetime) -> bool:
    """What was asked for didn't come in time: the orders that it was for are rejected (PN-09). The appeal goes back to
    review if others wait for a decision, and ends otherwise. False where it doesn't wait for a supplement any more."""
    if Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk).state != AppealState.SUPPLEMENT:
        return False
    orders = AppealOrder.objects.filter(appeal=appeal)
    orders.filter(decision=OrderDecision.SUPPLEMENT).update(decision=OrderDecision.REJECTED, reason_code=NO_SUPPLEMENT)
    if not orders.filter(decision=OrderDecision.PENDING).exists():
        return settle_appeal(appeal=appeal, at=at, actor=SYSTEM, cause="PN-09")
    moved = move_appeal(appeal=appeal, to=AppealState.REVIEW, at=at, actor=SYSTEM, cause="PN-09")
    if moved:
        start_review_clock(appeal=appeal, at=at)
    return moved
