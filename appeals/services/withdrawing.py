"""Appeals that end without a decision: withdrawn by the seller, or closed because there is nothing left to decide."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from appeals.models import Appeal
from appeals.queries.deadlines import DRAFT, REVIEW, SUPPLEMENT
from appeals.queries.progress import is_review_begun
from appeals.rules import OPEN_STATES, AppealState, StaleAppealError
from appeals.services.clocks import stop_clock
from appeals.services.lifecycle import move_appeal
from core.events import SYSTEM
from notifications.services.lifecycle import end_appeal
from notifications.services.plans import open_plan
from stores.principals import Principal
from stores.services.holding import hold_stores


class ReviewBegunError(Exception):
    """An appeal that a reviewer is looking at: it can't be withdrawn any more."""


@transaction.atomic
def withdraw_appeal(*, appeal: Appeal, at: datetime, principal: Principal, version: int) -> None:
    """Discard a draft, or take back a submitted appeal whose review has not begun; its notice stands as before. Raises
    StaleAppealError and ReviewBegunError."""
    hold_stores([appeal.store_id])
    for kind in (DRAFT, REVIEW):
        stop_clock(appeal=appeal, kind=kind, at=at)
    present = Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk)
    if present.version == version and is_review_begun(present, at):
        raise ReviewBegunError
    moved = move_appeal(
        appeal=appeal, to=AppealState.WITHDRAWN, at=at, actor=principal.actor, cause="AP-01", version=version
    )
    if not moved:
        raise StaleAppealError
    if present.state == AppealState.REVIEW:
        _give_back(appeal, at, principal.actor)


def _give_back(appeal: Appeal, at: datetime, actor: str) -> None:
    """The notice stands as before the appeal: of a second one, with its plan."""
    if appeal.notice is None:
        return
    give_back = end_appeal if appeal.previous_id is None else open_plan
    give_back(notice=appeal.notice, at=at, actor=actor, cause="AP-01")


@transaction.atomic
def close_appeals(*, appeals: Sequence[Appeal], at: datetime, cause: str) -> list[Appeal]:
    """Close appeals of which nothing is left to decide, drafts among them; returns those that were open still."""
    closed = []
    hold_stores({appeal.store_id for appeal in appeals})
    for appeal in appeals:
        for kind in (DRAFT, REVIEW, SUPPLEMENT):
            stop_clock(appeal=appeal, kind=kind, at=at)
        if move_appeal(appeal=appeal, to=AppealState.CLOSED, at=at, actor=SYSTEM, cause=cause):
            closed.append(appeal)
    return closed


def close_appeals_of_notice(*, number: str, at: datetime, cause: str) -> list[Appeal]:
    """Close what is open against a notice (PN-06)."""
    rows = Appeal.objects.select_related("store__company").filter(notice__number=number, state__in=OPEN_STATES)
    return close_appeals(appeals=list(rows.order_by("id")), at=at, cause=cause)
