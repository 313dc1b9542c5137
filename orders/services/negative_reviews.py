"""News of negative reviews for the company (AF-07)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.events import SYSTEM, record_event
from orders.models import Review
from rulebook.policy import Policy
from stores.models import Store

# As many orders as an event names.
MOST_NAMED = 5


def report_negative_reviews(*, store: Store, reviews: Sequence[Review], policy: Policy, at: datetime) -> None:
    """Record one event for the fresh negative reviews of a batch, however many they are; those from before the hold of
    a listing's first reviews (SR-03) are history that came with an import."""
    fresh_from = at - timedelta(hours=policy.counting.review_hold_hours)
    negative = [review for review in reviews if _is_negative(review, policy) and review.created_at >= fresh_from]
    if not negative:
        return
    orders = dict(Review.objects.filter(pk__in=[one.pk for one in negative]).values_list("pk", "order__order_no"))
    record_event(
        kind="review.negative",
        subject_kind="store",
        subject_key=store.store_no,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=SYSTEM,
        at=at,
        after={
            "count": len(negative),
            "orders": [orders[one.pk] for one in negative[:MOST_NAMED]],
            "replaced": _replaced(negative),
        },
        cause="AF-07",
    )


def _is_negative(review: Review, policy: Policy) -> bool:
    stars = review.described
    return review.kind == Review.Kind.BUYER and stars is not None and stars <= policy.counting.negative_to_stars


def _replaced(reviews: Sequence[Review]) -> int:
    """How many of them replace a review by the system."""
    orders = {review.order_id for review in reviews}
    automatic = Review.objects.filter(order__in=orders, kind=Review.Kind.AUTO)
    return automatic.values("order").distinct().count()
