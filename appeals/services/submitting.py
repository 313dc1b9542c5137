"""Submitting an appeal: once, in time, with everything that review needs (AP-01, PN-08, PN-16, BX-05, DP-08)."""

from datetime import datetime

from django.db import transaction

from appeals.checks.checking import check_appeal
from appeals.models import Appeal, AppealFile, AppealOrder
from appeals.queries.deadlines import DRAFT
from appeals.queries.eligibility import eligibility_of
from appeals.queries.kinds import subject_of
from appeals.queries.points import expediting_of
from appeals.rules import AppealState, Refusal, RefusedAppealError, StaleAppealError
from appeals.services.clocks import start_review_clock, stop_clock
from appeals.services.lifecycle import move_appeal
from core.models import Event
from notifications.services.lifecycle import begin_appeal
from stores.models import Store
from stores.principals import Principal
from stores.services.holding import hold_stores

SUBMITTED = "appeal.submitted"


@transaction.atomic
def submit_appeal(*, appeal: Appeal, expedited: bool, at: datetime, principal: Principal, version: int) -> None:
    """Hand a draft in: it is frozen with its findings, the clock of the review starts, its notice is under appeal.

    The same person submitting the same draft twice gets one appeal. Raises RefusedAppealError, and StaleAppealError if
    somebody else was faster.
    """
    if _was_submitted(appeal, principal, version):
        return
    # Held from here on, so that two appeals at once don't spend one point.
    hold_stores([appeal.store_id])
    refusal = refusal_of(appeal, expedited=expedited, at=at)
    if refusal is not None:
        raise RefusedAppealError(refusal)
    stop_clock(appeal=appeal, kind=DRAFT, at=at)
    moved = move_appeal(
        appeal=appeal,
        to=AppealState.REVIEW,
        at=at,
        actor=principal.actor,
        cause="PN-08",
        version=version,
        after={"orders": AppealOrder.objects.filter(appeal=appeal).count(), "expedited": expedited},
        submitted_at=at,
        expedited=expedited,
        findings=[finding.as_json() for finding in check_appeal(appeal, at)],
        checked_at=at,
    )
    if not moved:
        raise StaleAppealError
    start_review_clock(appeal=appeal, at=at)
    notice = appeal.notice
    if notice is not None and not begin_appeal(notice=notice, at=at, actor=principal.actor, cause="PN-08"):
        raise StaleAppealError


def refusal_of(appeal: Appeal, *, expedited: bool, at: datetime) -> Refusal | None:
    """Why a draft can't be submitted at an instant; None if it can."""
    if appeal.store.mode != Store.Mode.GOVERNED:
        return Refusal.MIRRORED
    return (
        eligibility_of(subject_of(appeal), at).refusal
        or _lacking(appeal)
        or (expediting_of(appeal.store, at).refusal if expedited else None)
    )


def _lacking(appeal: Appeal) -> Refusal | None:
    orders = list(AppealOrder.objects.filter(appeal=appeal).values_list("exception", flat=True))
    if not orders:
        return Refusal.NO_ORDERS
    if "" in orders:
        return Refusal.NO_EXCEPTION
    if not appeal.statement.strip():
        return Refusal.NO_STATEMENT
    if appeal.previous_id is not None and not appeal.named_error.strip() and not _has_new_evidence(appeal):
        return Refusal.NOTHING_NEW
    return None


def _has_new_evidence(appeal: Appeal) -> bool:
    """Whether a second appeal has a file that the first one hadn't (BX-05)."""
    known = AppealFile.objects.filter(appeal=appeal.previous_id).values("file")
    return AppealFile.objects.filter(appeal=appeal).exclude(file__in=known).exists()


def _was_submitted(appeal: Appeal, principal: Principal, version: int) -> bool:
    """Whether this person submitted just this draft before: the request came twice."""
    state, present = Appeal.objects.values_list("state", "version").get(pk=appeal.pk)
    if state != AppealState.REVIEW or present != version + 1:
        return False
    mine = Event.objects.filter(
        store_no=appeal.store.store_no, subject_kind="appeal", subject_key=appeal.number, kind=SUBMITTED
    )
    appeal.state, appeal.version = state, present
    return mine.filter(actor=principal.actor).exists()
