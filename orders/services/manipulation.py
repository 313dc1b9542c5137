"""Risk cases of suspected review manipulation (PN-35). A case never changes a rating by itself.

Reviews that nobody looked through yet are taken in batches, one store and span of time at once; new and changed ones
are such, however they came.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from orders.models import Review
from orders.rules.manipulation import Burst, FiveStars, bursts, quick_reviews
from orders.services.cases import open_risk_case
from orders.services.negative_reviews import report_negative_reviews
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Store

KIND = "review_manipulation"
FIVE = 5
REVIEWS_AT_ONCE = 2_000
# As many orders as a case names.
MOST_NAMED = 50


def examine_reviews(*, at: datetime, most: int = REVIEWS_AT_ONCE) -> int:
    """Look through the next reviews of a store and open cases of what is suspicious; returns how many reviews there
    were. May run twice."""
    with transaction.atomic():
        waiting = Review.objects.select_for_update(of=("self",), skip_locked=True).filter(examined=False)
        first = waiting.order_by("store_id", "created_at").first()
        if first is None:
            return 0
        batch = list(waiting.filter(store=first.store_id).order_by("created_at", "pk")[:most])
        Review.objects.filter(pk__in=[review.pk for review in batch]).update(examined=True)
        policy = policy_at(at)
        _judge(first.store, batch, policy, at)
        report_negative_reviews(store=first.store, reviews=batch, policy=policy, at=at)
        return len(batch)


def _judge(store: Store, batch: Sequence[Review], policy: Policy, at: datetime) -> None:
    notices = policy.notices
    hours = timedelta(hours=notices.manipulation_burst_hours)
    since = max(batch[0].created_at - hours, at - timedelta(days=notices.trace_keep_days))
    reviews = _five_stars(store, since, batch[-1].created_at + hours)
    for burst in bursts(reviews, least=notices.manipulation_burst, within=hours):
        _open(store, burst, at)
    for review in quick_reviews(reviews, within=timedelta(minutes=notices.manipulation_minutes)):
        _open_quick(store, review, at)


def _five_stars(store: Store, since: datetime, until: datetime) -> list[FiveStars]:
    rows = Review.objects.filter(store=store, created_at__gte=since, created_at__lte=until)
    columns = ("order_no", "delivered_at", "buyer_ref", "buyer_ip_hash", "ship_address")
    found = rows.filter(kind=Review.Kind.BUYER, described=FIVE).values_list(
        "created_at", *(f"order__{name}" for name in columns)
    )
    return [
        FiveStars(order_no, created_at, delivered_at, buyer, network, address)
        for created_at, order_no, delivered_at, buyer, network, address in found
    ]


def _open(store: Store, burst: Burst, at: datetime) -> None:
    orders = [review.order_no for review in burst.reviews]
    open_risk_case(
        store=store,
        kind=KIND,
        subject_kind="order",
        subject_key=orders[0],
        facts={
            "cause": "burst",
            "link": burst.link.value,
            "count": len(orders),
            "orders": orders[:MOST_NAMED],
            "first": burst.reviews[0].created_at.isoformat(),
            "last": burst.reviews[-1].created_at.isoformat(),
        },
        at=at,
        dedupe=burst.cause,
    )


def _open_quick(store: Store, review: FiveStars, at: datetime) -> None:
    assert review.delivered_at is not None
    open_risk_case(
        store=store,
        kind=KIND,
        subject_kind="order",
        subject_key=review.order_no,
        facts={
            "cause": "quick",
            "count": 1,
            "orders": [review.order_no],
            "first": review.delivered_at.isoformat(),
            "last": review.created_at.isoformat(),
        },
        at=at,
        dedupe=f"quick {review.order_no}",
    )
