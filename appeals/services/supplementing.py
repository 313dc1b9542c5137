"""Handing in what a reviewer asked for, order by order (PN-09)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from appeals.checks.checking import check_appeal
from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.queries.deadlines import SUBJECT, SUPPLEMENT
from appeals.queries.files import round_of
from appeals.rules import AppealState, OrderDecision, Refusal, RefusedAppealError, StaleAppealError
from appeals.services.clocks import start_review_clock
from appeals.services.drafting import MOST_LETTERS
from appeals.services.lifecycle import move_appeal
from appeals.services.settling import settle_appeal
from core.deadlines import meet_deadline
from stores.principals import Principal
from stores.services.holding import hold_stores

# Why an order is rejected that the seller no longer claims.
GIVEN_UP = "given_up"


@transaction.atomic
def hand_in_supplement(
    *,
    appeal: Appeal,
    answers: Mapping[str, str],
    given_up: Collection[str],
    at: datetime,
    principal: Principal,
    version: int,
) -> None:
    """Answer a reviewer's request: ``answers`` by order number, ``given_up`` the orders that are claimed no longer.
    Files were attached before. The appeal goes back to review, whose clock starts anew; if no order is left to decide,
    it ends.

    Raises RefusedAppealError after the deadline and for an order without an answer or a new file, StaleAppealError.
    """
    hold_stores([appeal.store_id])
    in_time = meet_deadline(
        owner_id=appeal.store_id, kind=SUPPLEMENT, subject_kind=SUBJECT, subject_key=appeal.number, at=at
    )
    present = Appeal.objects.select_for_update(no_key=True).get(pk=appeal.pk)
    if (present.state, present.version) != (AppealState.SUPPLEMENT, version):
        raise StaleAppealError
    if not in_time:
        raise RefusedAppealError(Refusal.TOO_LATE)
    asked = AppealOrder.objects.filter(appeal=appeal, decision=OrderDecision.SUPPLEMENT).select_related("order")
    has_files = AppealFile.objects.filter(appeal=appeal, round=round_of(present)).exists()
    for row in asked:
        _answer(row, answers.get(row.order.order_no, ""), row.order.order_no in given_up, has_files)
    _go_on(appeal, at, principal, version)


def _answer(row: AppealOrder, answer: str, is_given_up: bool, has_files: bool) -> None:
    row.answer = answer.strip()[:MOST_LETTERS]
    if not (row.answer or has_files or is_given_up):
        raise RefusedAppealError(Refusal.NOTHING_NEW)
    row.decision = OrderDecision.REJECTED if is_given_up else OrderDecision.PENDING
    row.reason_code = GIVEN_UP if is_given_up else row.reason_code
    row.save(update_fields=["answer", "decision", "reason_code"])


def _go_on(appeal: Appeal, at: datetime, principal: Principal, version: int) -> None:
    actor = principal.actor
    if not AppealOrder.objects.filter(appeal=appeal, decision=OrderDecision.PENDING).exists():
        moved = settle_appeal(appeal=appeal, at=at, actor=actor, cause="PN-09", version=version)
    else:
        moved = move_appeal(
            appeal=appeal,
            to=AppealState.REVIEW,
            at=at,
            actor=actor,
            cause="PN-09",
            version=version,
            findings=[finding.as_json() for finding in check_appeal(appeal, at)],
            checked_at=at,
        )
        start_review_clock(appeal=appeal, at=at)
    if not moved:
        raise StaleAppealError
