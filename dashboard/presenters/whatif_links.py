"""Addresses of what-if from other pages, with orders ticked (BX-04)."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.http import urlencode

from insights.queries.whatif.ticked_orders import EXCLUDE, EXCLUDE_DISPUTE, EXCLUDE_REVIEW
from metrics.queries.problems import ProblemRow

# An appeal against a review or a verdict excludes that, one against a notice excludes the order (DM-34).
_KIND_OF: Mapping[str, str] = {
    "described_low": EXCLUDE_REVIEW,
    "communication_low": EXCLUDE_REVIEW,
    "reviews_negative": EXCLUDE_REVIEW,
    "disputes_seller_liable": EXCLUDE_DISPUTE,
}


def exclusion_of(counter: str) -> str:
    """What of an order would be excluded for a failure."""
    return _KIND_OF.get(counter, EXCLUDE)


def exclusion_address(store_no: str, code: str, rows: Sequence[ProblemRow]) -> str:
    """What if these were excluded: the page with the orders of a list's page ticked."""
    ticks = [(exclusion_of(row.problem.counter), row.order.order_no) for row in rows if row.order is not None]
    query = [("metric", code), *dict.fromkeys(ticks)]
    return f"{reverse('dashboard:what_if', args=[store_no])}?{urlencode(query)}"
