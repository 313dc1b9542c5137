"""Everything that a reviewer sees of one appeal: its orders with what the data say of them, its files, what was decided
before, and the seller's history (AP-04, BX-05)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q

from appeals.models import Appeal, AppealFile, AppealOrder, AppealReview
from appeals.queries.kinds import KINDS, Subject, subject_of
from appeals.queries.review_queue import undecided
from appeals.queries.suggestions import Suggestion, suggest_exceptions
from appeals.rules import AppealKind, AppealState, OrderDecision
from insights.queries.faults import signals_of
from insights.rules.fault import FaultVerdict, fault_of
from notifications.models import Notice, NoticeOrder
from orders.queries.names import site_names
from rulebook.queries import policy_at
from stores.models import Carrier

# What failed in the order of an appeal that is not against a notice.
COUNTERS_OF_KINDS = {AppealKind.REVIEW: "reviews_negative", AppealKind.VERDICT: "disputes_seller_liable"}
HISTORY_DAYS = 180
MOST_PRECEDENTS = 3


@dataclass(frozen=True, slots=True)
class CaseOrder:
    """An order that the appeal names. ``failure``: how the notice's snapshot has it; ``fault``: whose the failure is;
    ``suggestion``: the exception that the data suggest, if any; ``needed``: the kinds of evidence that the claimed one
    needs; ``carrier``, ``site``: names."""

    row: AppealOrder
    failure: NoticeOrder | None
    fault: FaultVerdict | None
    suggestion: Suggestion | None
    carrier: str
    site: str
    needed: tuple[str, ...]

    @property
    def is_supported(self) -> bool:
        """Whether the data suggest the exception that the seller claims."""
        return self.suggestion is not None and self.suggestion.exception == self.row.exception


@dataclass(frozen=True, slots=True)
class SellerHistory:
    """A store's notices of the last half-year by level, those of this metric before this one, and its decided
    appeals."""

    red: int
    yellow: int
    same_metric: int
    decided: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Precedent:
    """A decided appeal with the same exception; ``same_carrier``: that it also shares the carrier."""

    appeal: Appeal
    accepted: int
    orders: int
    same_carrier: bool


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """``past``: the reviews of this appeal and of the first one, oldest first; ``blind`` pages get none of these."""

    appeal: Appeal
    begun_at: datetime | None
    due_at: datetime | None
    orders: list[CaseOrder]
    files: list[AppealFile]
    subject: Subject
    past: list[AppealReview] = field(default_factory=list)
    history: SellerHistory | None = None
    precedents: Sequence[Precedent] = ()

    @property
    def unsupported(self) -> list[CaseOrder]:
        return [order for order in self.orders if not order.is_supported]

    @property
    def supported(self) -> list[CaseOrder]:
        return [order for order in self.orders if order.is_supported]


def appeal_for_review(pk: int) -> Appeal | None:
    """An appeal that was submitted, with everything that its page names."""
    rows = Appeal.objects.exclude(state=AppealState.DRAFT).select_related(
        "store__company", "notice__store", "previous", "claimed_by", "decided_by", "dispute"
    )
    return rows.filter(pk=pk).first()


def review_case(appeal: Appeal, at: datetime, *, blind: bool = False) -> ReviewCase:
    """Everything; in a blind review nothing of what others decided. A fixed number of queries."""
    begun_at, due_at = undecided().filter(pk=appeal.pk).values_list("begun_at", "due_at").first() or (None, None)
    subject = subject_of(appeal)
    orders = _orders(appeal, subject, at)
    files = list(AppealFile.objects.filter(appeal=appeal).select_related("file").order_by("place"))
    if blind:
        return ReviewCase(appeal, begun_at, due_at, orders, files, subject)
    past = AppealReview.objects.filter(appeal__in=[appeal.pk, appeal.previous_id], blind=False)
    return ReviewCase(
        appeal,
        begun_at,
        due_at,
        orders,
        files,
        subject,
        past=list(past.select_related("reviewer", "appeal").order_by("decided_at")),
        history=seller_history(appeal, subject.metric, at),
        precedents=_precedents(appeal, orders),
    )


def _orders(appeal: Appeal, subject: Subject, at: datetime) -> list[CaseOrder]:
    rows = list(AppealOrder.objects.filter(appeal=appeal).select_related("order").order_by("place"))
    ids = [row.order_id for row in rows]
    failures = _failures(appeal.notice, [row.order.order_no for row in rows])
    failing = {row.order_id: _counters(appeal, failures.get(row.order.order_no)) for row in rows}
    signals = signals_of(ids)
    suggestions = suggest_exceptions(store=appeal.store, metric=subject.metric, order_ids=ids, at=at, failing=failing)
    codes = {row.order.carrier for row in rows} - {""}
    carriers = dict(Carrier.objects.filter(pk__in=codes).values_list("code", "name"))
    sites = site_names(at)
    policy, kind = policy_at(at), KINDS[AppealKind(appeal.kind)]
    return [
        CaseOrder(
            row=row,
            failure=failures.get(row.order.order_no),
            fault=next((fault_of(counter, signals[row.order_id]) for counter in failing[row.order_id]), None),
            suggestion=suggestions.get(row.order_id),
            carrier=carriers.get(row.order.carrier, row.order.carrier),
            site=sites.get(row.order.site, row.order.site),
            needed=kind.needed(subject, policy, [row.exception] if row.exception else []),
        )
        for row in rows
    ]


def _counters(appeal: Appeal, failure: NoticeOrder | None) -> list[str]:
    """What an order failed when it was appealed, whatever was excluded since."""
    if failure is not None:
        return [failure.counter]
    counter = COUNTERS_OF_KINDS.get(AppealKind(appeal.kind))
    return [counter] if counter else []


def _failures(notice: Notice | None, numbers: Sequence[str]) -> Mapping[str, NoticeOrder]:
    if notice is None:
        return {}
    rows = NoticeOrder.objects.filter(notice=notice, order_no__in=numbers).order_by("-place")
    return {row.order_no: row for row in rows}


def seller_history(appeal: Appeal, metric: str, at: datetime) -> SellerHistory:
    """What the store's record says besides this appeal."""
    since = (at - timedelta(days=HISTORY_DAYS)).date()
    notices = Notice.objects.filter(store=appeal.store, historical=False, predicted=False, day__gte=since)
    if appeal.notice_id:
        notices = notices.exclude(pk=appeal.notice_id)
    counts = notices.aggregate(
        red=Count("pk", filter=Q(level="red")),
        yellow=Count("pk", filter=Q(level="yellow")),
        same_metric=Count("pk", filter=Q(metric=metric)),
    )
    decided = Q(state__in=(AppealState.ACCEPTED, AppealState.REJECTED))
    appeals = Appeal.objects.filter(decided, store=appeal.store).exclude(pk=appeal.pk)
    counts |= appeals.aggregate(decided=Count("pk"), accepted=Count("pk", filter=Q(state=AppealState.ACCEPTED)))
    return SellerHistory(**counts)


def _precedents(appeal: Appeal, orders: Sequence[CaseOrder]) -> list[Precedent]:
    """The decided appeals that are nearest: the same exception, then the same carrier, then the newest."""
    exceptions = {order.row.exception for order in orders} - {""}
    carriers = {order.row.order.carrier for order in orders} - {""}
    alike = AppealOrder.objects.filter(exception__in=exceptions, appeal__decided_at__isnull=False)
    rows: Any = (
        alike.exclude(appeal__in=[appeal.pk, appeal.previous_id or appeal.pk])
        .order_by()
        .values("appeal")
        .annotate(
            orders=Count("pk"),
            accepted=Count("pk", filter=Q(decision=OrderDecision.ACCEPTED)),
            same=Count("pk", filter=Q(order__carrier__in=carriers)),
            decided_at=F("appeal__decided_at"),
        )
    )
    nearest = sorted(
        rows.order_by("-decided_at")[:50], key=lambda row: (bool(row["same"]), row["decided_at"]), reverse=True
    )
    chosen = nearest[:MOST_PRECEDENTS]
    appeals = Appeal.objects.select_related("store").in_bulk([row["appeal"] for row in chosen])
    return [Precedent(appeals[row["appeal"]], row["accepted"], row["orders"], bool(row["same"])) for row in chosen]
