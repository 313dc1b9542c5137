"""The lists of the reviews desk (PG-09)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet

from orders.models import Review
from orders.queries.keyset import KeysetPage, keyset_page
from orders.queries.listing import Cursor
from orders.queries.tabs import MOST_COUNTED
from rulebook.policy import Policy
from stores.models import Listing, Store

DIMENSIONS = ("described", "communication", "shipping")


class Part(StrEnum):
    """The parts of the desk; negative reviews come first."""

    NEGATIVE = "negative"
    BUYERS = "buyers"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class ReviewFilters:
    """``stars`` are of the ``dimension``, or of any without one; ``first`` is included, ``end`` is not."""

    stars: int | None = None
    dimension: str = ""
    sku: str = ""
    first: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReviewList:
    """A page of a part. ``titles`` are of the page's listings by SKU; ``replaced``: the reviews by the system among its
    orders in whose place a buyer's stands, by order."""

    part: Part
    page: KeysetPage
    negative: int
    titles: Mapping[str, str]
    replaced: frozenset[int]


def review_list(store: Store, part: Part, filters: ReviewFilters, cursor: Cursor | None, policy: Policy) -> ReviewList:
    """Load a page of a part, the latest review first."""
    rows = listed_reviews(store, part, filters, policy).select_related("order")
    page = keyset_page(rows, key="created_at", descending=True, cursor=cursor)
    skus = {review.order.sku for review in page.rows} - {""}
    return ReviewList(
        part=part,
        page=page,
        negative=_rows(store, Part.NEGATIVE, policy).order_by()[: MOST_COUNTED + 1].count(),
        titles=dict(Listing.objects.filter(store=store, sku__in=skus).values_list("sku", "title")),
        replaced=_replaced(page.rows),
    )


def listed_reviews(store: Store, part: Part, filters: ReviewFilters, policy: Policy) -> QuerySet[Review]:
    """Every review of a part, unsorted."""
    return _filtered(_rows(store, part, policy), filters)


def _rows(store: Store, part: Part, policy: Policy) -> QuerySet[Review]:
    kind = Review.Kind.AUTO if part == Part.SYSTEM else Review.Kind.BUYER
    rows = Review.objects.filter(store=store, kind=kind)
    if part == Part.NEGATIVE:
        return rows.filter(described__lte=policy.counting.negative_to_stars, revoked_at=None)
    return rows


def _filtered(rows: QuerySet[Review], filters: ReviewFilters) -> QuerySet[Review]:
    if filters.stars is not None:
        names = [filters.dimension] if filters.dimension else DIMENSIONS
        any_of = Q()
        for name in names:
            any_of |= Q(**{name: filters.stars})
        rows = rows.filter(any_of)
    exact: dict[str, Any] = {"order__sku": filters.sku, "created_at__gte": filters.first, "created_at__lt": filters.end}
    return rows.filter(**{name: value for name, value in exact.items() if value})


def _replaced(reviews: Sequence[Review]) -> frozenset[int]:
    """Orders of reviews that have both kinds: the buyer's counts, the system's is history (AF-07)."""
    orders = {review.order_id for review in reviews}
    kinds = Review.objects.filter(order__in=orders, revoked_at=None).values_list("order_id", "kind").distinct()
    seen: dict[int, set[str]] = {}
    for order_id, kind in kinds:
        seen.setdefault(order_id, set()).add(kind)
    return frozenset(order_id for order_id, both in seen.items() if len(both) == len(Review.Kind))
