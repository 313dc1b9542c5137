"""The reviews desk: reviews with what can be appealed, and the figures on feedback (PG-09, AF-13, AF-15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from appeals.models import Appeal
from appeals.rules import AppealKind
from metrics.catalogue import Calendar
from metrics.models import Published
from orders.models import Review
from orders.queries.feedback_figures import ReplyTimes, ReviewDelay, reply_times, review_delays
from orders.queries.listing import Cursor
from orders.queries.names import carrier_names
from orders.queries.review_list import Part, ReviewFilters, ReviewList, review_list
from orders.queries.scan_intervals import ScanIntervals, scan_intervals
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Store

# Metrics whose published values the page shows.
SHARES = ("auto_review_share", "text_review_rate", "photo_review_rate")
TRACES = "trace_complete"


@dataclass(frozen=True, slots=True)
class FeedbackFigures:
    """Published values by metric (None: not known), of the latest performance day; what no metric has, by carrier where
    it depends on one."""

    values: Mapping[str, Fraction | None]
    replies: ReplyTimes
    delays: Mapping[str, ReviewDelay]
    scans: ScanIntervals
    carrier_names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReviewsDesk:
    """A page of reviews; ``appeals``: those of its orders that exist, by order number."""

    listed: ReviewList
    appeals: Mapping[str, Appeal]
    figures: FeedbackFigures
    policy: Policy


def reviews_desk(store: Store, part: Part, filters: ReviewFilters, cursor: Cursor | None, at: datetime) -> ReviewsDesk:
    """Load a page of the desk."""
    policy = policy_at(at)
    listed = review_list(store, part, filters, cursor, policy)
    return ReviewsDesk(listed, _appeals(store, listed.page.rows), feedback_figures(store, policy, at), policy)


def feedback_figures(store: Store, policy: Policy, at: datetime) -> FeedbackFigures:
    """The figures of a store."""
    rows = Published.objects.filter(store=store, calendar=Calendar.PERFORMANCE)
    published = rows.order_by("-day").first()
    scorecard = published.scorecard if published else {}
    return FeedbackFigures(
        values={code: _value(scorecard.get(code, {}).get("value")) for code in (*SHARES, TRACES)},
        replies=reply_times(store.pk, policy.feedback.target_reply_hours),
        delays=review_delays(store.pk),
        scans=scan_intervals(store, at),
        carrier_names=carrier_names(),
    )


def _value(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _appeals(store: Store, reviews: Sequence[Review]) -> dict[str, Appeal]:
    numbers = {review.order.order_no for review in reviews}
    rows = Appeal.objects.filter(store=store, kind=AppealKind.REVIEW, subject_key__in=numbers)
    return {appeal.subject_key: appeal for appeal in rows.order_by("pk")}
