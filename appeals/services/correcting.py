"""Corrections: what an accepted appeal or a protected event takes out of a store's figures, and everything that
follows from it (BX-03, AP-05, DM-34).

A store is corrected in one transaction, so a process that dies on the way leaves nothing of it, and the report says
exactly what the correction changed. Stores are held in the order of their ids before anything else.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from appeals.events import CORRECTION
from appeals.models import Appeal, AppealOrder, CorrectionReport
from appeals.rules import AppealKind, AppealState, CauseKind, OrderDecision
from core.events import SYSTEM, record_event
from metrics.services.restating import RestatedResult, restate_store
from notifications.complaints import COPYRIGHT
from notifications.models import Notice, NoticeOrder
from notifications.queries.complaints import complaints_about_orders
from notifications.services.consequences import Correction, Outcome, reevaluate_consequences
from orders.models import Exclusion
from orders.services.exclusions import ExcludedSubject, exclude_subjects, withdraw_exclusions
from stores.models import Store
from stores.services.holding import hold_stores

RULE = "BX-03"
# The metric that an excluded review is recorded for; it leaves every counter (DM-34).
REVIEW_METRIC = "dsr"
# What a dispute is left out of when its verdict falls; that it was raised stays (PN-19).
VERDICT_METRIC = "liability_rate"
# The metric that an upheld copyright complaint counts in (PN-24).
COMPLAINT_METRIC = "odr"
# Failures of the rating that an order has by its review.
BY_STARS = ("described_low", "communication_low")


@dataclass(frozen=True, slots=True)
class CorrectionCause:
    """Why a store is corrected: the number of the appeal or protected event, and whether it is taken back."""

    kind: CauseKind
    number: str
    withdrawn: bool = False


def correct_accepted(*, numbers: Collection[str]) -> list[CorrectionReport]:
    """Correct the stores of accepted appeals, those of one store in the order of the decisions; returns the reports.
    Appeals that are gone or were corrected before are passed over. Call it in a transaction."""
    rows = Appeal.objects.select_related("store__company", "notice", "dispute").filter(number__in=numbers)
    appeals = list(rows.filter(state=AppealState.ACCEPTED).order_by("decided_at", "pk"))
    hold_stores({appeal.store_id for appeal in appeals})
    made = (_correct_accepted(appeal) for appeal in appeals)
    return [report for report in made if report is not None]


def _correct_accepted(appeal: Appeal) -> CorrectionReport | None:
    if CorrectionReport.objects.filter(store=appeal.store, cause_no=appeal.number).exists():
        return None
    at = appeal.decided_at
    assert at is not None
    subjects = excluded_by(appeal)
    return correct_store(
        store=appeal.store,
        cause=CorrectionCause(CauseKind.APPEAL, appeal.number),
        change=lambda: exclude_subjects(store=appeal.store, subjects=subjects, cause_no=appeal.number, at=at),
        at=at,
        actor=SYSTEM,
        appealed=appeal.notice,
        complaints=[one.subject_id for one in subjects if one.kind == Exclusion.Subject.COMPLAINT],
    )


@transaction.atomic
def withdraw_correction(*, appeal: Appeal, at: datetime, actor: str) -> CorrectionReport | None:
    """Take back what an accepted appeal excluded, after operations found that its acceptance was wrong. A notice that
    it ended stays ended; the next nights judge the figures as they are. None where nothing was excluded."""
    hold_stores([appeal.store_id])
    excluded = Exclusion.objects.filter(store=appeal.store, cause_no=appeal.number)
    if not excluded.exists():
        return None
    complaints = list(excluded.filter(subject_kind=Exclusion.Subject.COMPLAINT).values_list("subject_id", flat=True))
    return correct_store(
        store=appeal.store,
        cause=CorrectionCause(CauseKind.APPEAL, appeal.number, withdrawn=True),
        change=lambda: withdraw_exclusions(store=appeal.store, cause_no=appeal.number),
        at=at,
        actor=actor,
        complaints=complaints,
    )


def correct_store(
    *,
    store: Store,
    cause: CorrectionCause,
    change: Callable[[], Collection[int]],
    at: datetime,
    actor: str,
    appealed: Notice | None = None,
    complaints: Collection[int] = (),
) -> CorrectionReport:
    """Make a change to what a store's figures leave out, and everything that follows from it: facts, report, notices,
    freezes, event. ``change`` and ``complaints`` are as for `restate_store`; call it in a transaction with the store's
    row held."""
    restated = restate_store(store=store, change=change, complaints=complaints)
    changed = frozenset((result.day, result.metric) for result in restated.results)
    outcomes = reevaluate_consequences(Correction(store, restated.after, cause.number, at, changed, appealed))
    place = CorrectionReport.objects.filter(store=store, cause_no=cause.number).count() + 1
    report = CorrectionReport.objects.create(
        store=store,
        cause_kind=cause.kind,
        cause_no=cause.number,
        place=place,
        withdrawn=cause.withdrawn,
        at=at,
        orders=len(restated.orders),
        results=[_result_data(result) for result in restated.results],
        outcomes=[outcome.as_data() for outcome in outcomes],
    )
    _record(report, outcomes, actor)
    return report


def excluded_by(appeal: Appeal) -> list[ExcludedSubject]:
    """What the accepted orders of an appeal leave out (AP-05): against a notice the order, from its metric; against a
    review the review, from every metric; against a verdict the dispute, from liability; against a copyright notice the
    complaints about the listings of the orders, from the ODR. An order that a rating notice
    names for its stars is left out with its review: stars are averaged, so there is no failure to take out."""
    accepted = AppealOrder.objects.filter(appeal=appeal, decision=OrderDecision.ACCEPTED).order_by("place")
    orders = list(accepted.values_list("order_id", "order__order_no"))
    if appeal.kind == AppealKind.REVIEW:
        return [_review(order_id) for order_id, _number in orders]
    if appeal.dispute is not None:
        kind = Exclusion.Subject.DISPUTE
        return [ExcludedSubject(order_id, VERDICT_METRIC, kind, appeal.dispute.pk) for order_id, _number in orders]
    assert appeal.notice is not None
    if appeal.notice.metric == COPYRIGHT:
        # Its orders prove something and have not failed: what no longer counts is the complaint about their listing.
        complaints = complaints_about_orders(appeal.notice, [order_id for order_id, _number in orders])
        kind = Exclusion.Subject.COMPLAINT
        return [ExcludedSubject(None, COMPLAINT_METRIC, kind, complaint.pk) for complaint in complaints]
    metric, by_stars = appeal.notice.metric, _named_for_stars(appeal.notice)
    reviews = [_review(order_id) for order_id, number in orders if number in by_stars]
    return [*(ExcludedSubject(order_id, metric) for order_id, _number in orders), *reviews]


def _review(order_id: int) -> ExcludedSubject:
    return ExcludedSubject(order_id, REVIEW_METRIC, Exclusion.Subject.REVIEW)


def _named_for_stars(notice: Notice) -> frozenset[str]:
    return frozenset(NoticeOrder.objects.filter(notice=notice, counter__in=BY_STARS).values_list("order_no", flat=True))


def _result_data(result: RestatedResult) -> dict[str, Any]:
    return {**asdict(result), "day": result.day.isoformat()}


def _record(report: CorrectionReport, outcomes: Sequence[Outcome], actor: str) -> None:
    store = report.store
    record_event(
        kind="correction.withdrawn" if report.withdrawn else "correction.made",
        subject_kind=CORRECTION,
        subject_key=report.cause_no,
        actor=actor,
        at=report.at,
        store_no=store.store_no,
        company_no=store.company.company_no,
        cause=RULE,
        after={
            "cause_kind": report.cause_kind,
            "cause_no": report.cause_no,
            "place": report.place,
            "orders": report.orders,
            "results": len(report.results),
            "notices": [one.key for one in outcomes if one.kind == "notice" and one.after == "accepted"],
            "freezes": [one.key for one in outcomes if one.kind == "freeze"],
        },
    )
