"""What the three kinds of appeals differ in, declared in one place: what they are against, until when, which orders
they may name, what evidence they need (PN-08, SR-10, DP-08). All else is the same for all of them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from appeals.models import Appeal
from appeals.rules import AppealKind, Refusal, without_repeats
from disputes.models import Dispute
from insights.queries.whatif.ticked_orders import EXCLUDE, EXCLUDE_DISPUTE, EXCLUDE_REVIEW
from notifications.complaints import COPYRIGHT
from notifications.models import Notice, NoticeOrder
from notifications.queries.notices import appeal_window_end, find_notice
from notifications.rules import State
from notifications.titles import figures_of
from orders.models import Order, Review
from rulebook.policy import Policy
from rulebook.queries import policies, policy_in
from stores.models import Store


@dataclass(frozen=True, slots=True)
class Subject:
    """What an appeal is against. ``refusal``: why it can't be appealed, whatever the time; ``until``: the last second
    at which it can be, None where nothing limits it; ``metric`` on ``day`` (None: the last known one) is the number
    that an accepted appeal changes."""

    kind: AppealKind
    store: Store
    key: str
    refusal: Refusal | None
    until: datetime | None
    metric: str
    day: date | None = None
    notice: Notice | None = None
    dispute: Dispute | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """How appeals of a kind are told apart. ``find``: the subject of a store by its key; ``orders``: those that an
    appeal against it may name; ``needed``: the kinds of evidence that it needs, by the exception types of its orders;
    ``tick``: how what-if supposes that an order is accepted; ``has_second``: whether a rejection can be appealed."""

    find: Callable[[Store, str], Subject | None]
    orders: Callable[[Subject], QuerySet[Order]]
    needed: Callable[[Subject, Policy, Collection[str]], tuple[str, ...]]
    tick: str
    has_second: bool = False


# ── Notices ────────────────────────────────────────────────────────────────────────────────────────────────────────

# Why a notice in a state can't be appealed; in those that are missing here it can.
_OVER_STATES: Mapping[str, Refusal] = {
    State.WAIVED: Refusal.WAIVED,
    State.ESCALATED: Refusal.REPLACED,
    State.HISTORICAL: Refusal.HISTORICAL,
    State.ACCEPTED: Refusal.OVER,
    State.RESOLVED: Refusal.OVER,
    State.RECTIFIED: Refusal.OVER,
    State.CLEARED: Refusal.OVER,
    State.FAILED: Refusal.OVER,
}


def _notice(store: Store, number: str) -> Subject | None:
    notice = find_notice(store, number)
    if notice is None:
        return None
    return Subject(
        kind=AppealKind.NOTICE,
        store=store,
        key=notice.number,
        refusal=_OVER_STATES.get(notice.state),
        until=_limit(store, appeal_window_end(notice)),
        metric=figures_of(notice.metric),
        day=notice.day,
        notice=notice,
    )


def _orders_of_notice(subject: Subject) -> QuerySet[Order]:
    assert subject.notice is not None
    if subject.notice.metric == COPYRIGHT:
        # It names no orders: those of the listings complained about are what an appeal can prove something by.
        skus = {one["sku"] for one in subject.notice.snapshot["complaints"]}
        return Order.objects.filter(store=subject.store, sku__in=skus)
    named = NoticeOrder.objects.filter(notice=subject.notice).exclude(order_no="").values("order_no")
    return Order.objects.filter(store=subject.store, order_no__in=named)


def _needed_by_exceptions(subject: Subject, policy: Policy, exceptions: Collection[str]) -> tuple[str, ...]:
    return without_repeats(policy.appeals.exception_evidence.get(exception, ()) for exception in exceptions)


# ── Negative reviews ───────────────────────────────────────────────────────────────────────────────────────────────


def _review(store: Store, order_no: str) -> Subject | None:
    order = _order(store, order_no)
    return None if order is None else review_subject(store, order, Review.objects.filter(order=order))


def review_subject(store: Store, order: Order, reviews: Iterable[Review]) -> Subject:
    """The negative review of an order as a subject; ``reviews``: all of the order."""
    most = policy_in(policies(), order.created_at).counting.negative_to_stars
    return Subject(
        kind=AppealKind.REVIEW,
        store=store,
        key=order.order_no,
        refusal=None if any(_is_negative(review, most) for review in reviews) else Refusal.NOT_NEGATIVE,
        # Nothing in the rules limits it: a review counts for half a year (assumption).
        until=None,
        metric="dsr",
        order=order,
    )


def _is_negative(review: Review, most: int) -> bool:
    stands = review.kind == Review.Kind.BUYER and review.revoked_at is None
    return stands and review.described is not None and review.described <= most


# ── Liability verdicts ─────────────────────────────────────────────────────────────────────────────────────────────


def _verdict(store: Store, dispute_no: str) -> Subject | None:
    rows = Dispute.objects.filter(store=store).select_related("order")
    dispute = None if "\x00" in dispute_no else rows.filter(dispute_no=dispute_no).first()
    return None if dispute is None else verdict_subject(store, dispute, dispute.order)


def verdict_subject(store: Store, dispute: Dispute, order: Order) -> Subject:
    """The verdict on a dispute as a subject."""
    until = None
    if dispute.closed_at is not None:
        hours = policy_in(policies(), dispute.closed_at).disputes.appeal_hours
        until = _limit(store, dispute.closed_at + timedelta(hours=hours))
    return Subject(
        kind=AppealKind.VERDICT,
        store=store,
        key=dispute.dispute_no,
        refusal=_verdict_refusal(dispute),
        until=until,
        metric="liability_rate",
        dispute=dispute,
        order=order,
    )


def _verdict_refusal(dispute: Dispute) -> Refusal | None:
    if dispute.closed_at is None:
        return Refusal.NOT_CLOSED
    return None if dispute.liability == Dispute.Liability.SELLER else Refusal.NOT_LIABLE


def _needed_by_dispute(subject: Subject, policy: Policy, exceptions: Collection[str]) -> tuple[str, ...]:
    assert subject.dispute is not None
    return tuple(policy.disputes.needed_evidence.get(subject.dispute.kind, ()))


# ── All of them ────────────────────────────────────────────────────────────────────────────────────────────────────


def _own_order(subject: Subject) -> QuerySet[Order]:
    assert subject.order is not None
    return Order.objects.filter(pk=subject.order.pk)


KINDS: Mapping[AppealKind, Kind] = {
    AppealKind.NOTICE: Kind(_notice, _orders_of_notice, _needed_by_exceptions, EXCLUDE, has_second=True),
    AppealKind.REVIEW: Kind(_review, _own_order, _needed_by_exceptions, EXCLUDE_REVIEW),
    AppealKind.VERDICT: Kind(_verdict, _own_order, _needed_by_dispute, EXCLUDE_DISPUTE),
}


def find_subject(store: Store, kind: str, key: str) -> Subject | None:
    """The subject of a store by its kind and key; None for what isn't there."""
    return KINDS[AppealKind(kind)].find(store, key) if kind in set(AppealKind) else None


def subject_of(appeal: Appeal) -> Subject:
    """What an appeal is against, as it is now. ``appeal`` has its store loaded."""
    found = find_subject(appeal.store, appeal.kind, appeal.subject_key)
    assert found is not None
    return found


def _order(store: Store, order_no: str) -> Order | None:
    # PostgreSQL refuses text with NUL as an error of the query.
    return None if "\x00" in order_no else Order.objects.filter(store=store, order_no=order_no).first()


def _limit(store: Store, until: datetime) -> datetime | None:
    """A mirrored store's limits are the platform's own (DM-11a)."""
    return until if store.mode == Store.Mode.GOVERNED else None
