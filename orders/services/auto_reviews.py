"""Automatic reviews: made for the buyer, replaced by the buyer's own, revoked (AF-01, AF-07, AF-08)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from core.dirty import mark_orders_dirty
from core.events import record_event, record_events
from orders.models import Order, Review
from orders.services.holds import order_event
from orders.updates import note_updates
from rulebook.queries import policies, policy_in
from stores.principals import Principal

Kind = Review.Kind
AT_ONCE = 1_000


@transaction.atomic
def make_auto_reviews(reviewed: Sequence[tuple[Order, datetime]]) -> None:
    """Give orders an automatic review as of an instant each: no stars, no text, so it counts in no rating. An order
    that has one, or that its buyer reviewed by then, gets none."""
    orders = [order for order, _at in reviewed]
    there = Review.objects.filter(order__in=orders).values_list("order_id", "kind", "created_at")
    taken = {order_id for order_id, kind, _created in there if kind == Kind.AUTO}
    buyers = [(order_id, created) for order_id, kind, created in there if kind == Kind.BUYER]
    new = [
        (order, at)
        for order, at in reviewed
        if order.pk not in taken and not any(pk == order.pk and created <= at for pk, created in buyers)
    ]
    Review.objects.bulk_create(
        [Review(store_id=order.store_id, order=order, kind=Kind.AUTO, created_at=at) for order, at in new],
        batch_size=1000,
        ignore_conflicts=True,
    )
    _mark_dirty(order for order, _at in new)
    note_updates([order.pk for order, _at in new])
    record_events([order_event("order.auto_reviewed", order, at, "AF-01", {}) for order, at in new])


@transaction.atomic
def replace_auto_reviews(*, order_ids: Collection[int]) -> int:
    """Note of automatic reviews that were made here that the buyer's own took their place in time, and record an event
    of each; returns of how many. What the review counts for follows from the rows alone (AF-07); those that came with
    data are history."""
    ids, replaced = list(order_ids), 0
    for start in range(0, len(ids), AT_ONCE):
        made_here = Review.objects.filter(order__in=ids[start : start + AT_ONCE], kind=Kind.AUTO, source_at=None)
        standing = list(made_here.filter(revoked_at=None, replaced_at=None).select_related("order__store"))
        own = _first_of_buyers(standing) if standing else {}
        replaced += sum(_replace(auto, own[auto.order_id]) for auto in standing if auto.order_id in own)
    return replaced


def _first_of_buyers(automatic: Sequence[Review]) -> dict[int, Review]:
    """The first review of each buyer that came in time, by order id."""
    since = {auto.order_id: auto for auto in automatic}
    periods, found = policies(), {}
    for own in Review.objects.filter(order__in=list(since), kind=Kind.BUYER).order_by("-created_at"):
        auto = since[own.order_id]
        days = policy_in(periods, auto.order.created_at).feedback.late_review_days
        if auto.created_at <= own.created_at <= auto.created_at + timedelta(days=days):
            found[own.order_id] = own
    return found


def _replace(auto: Review, own: Review) -> bool:
    """Compare and swap: the event is recorded once."""
    if Review.objects.filter(pk=auto.pk, replaced_at=None).update(replaced_at=own.created_at) != 1:
        return False
    counting = policy_in(policies(), auto.order.created_at).counting
    negative = own.described is not None and own.described <= counting.negative_to_stars
    after = {"described": own.described, "negative": negative}
    record_events([order_event("order.auto_review_replaced", auto.order, own.created_at, "AF-07", after)])
    return True


@transaction.atomic
def revoke_auto_review(*, order: Order, cause: str, at: datetime, principal: Principal) -> bool:
    """Revoke the automatic review of an order for a proven fault of the carrier's (AF-08); False where it has none that
    stands. ``cause``: what proved it. No new one is made."""
    standing = Review.objects.filter(order=order, kind=Kind.AUTO, revoked_at=None)
    if not standing.update(revoked_at=at):
        return False
    _mark_dirty([order])
    record_event(
        kind="order.auto_review_revoked",
        subject_kind="order",
        subject_key=order.order_no,
        store_no=order.store.store_no,
        actor=principal.actor,
        at=at,
        after={"proven_by": cause},
        cause="AF-08",
    )
    return True


def _mark_dirty(orders: Iterable[Order]) -> None:
    by_store = groupby(sorted(orders, key=lambda order: order.store_id), key=lambda order: order.store_id)
    for store_id, theirs in by_store:
        mark_orders_dirty(order_ids=[order.pk for order in theirs], store_id=store_id)
