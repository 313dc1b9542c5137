"""Listings that a penalty takes down (DP-04)."""

from collections.abc import Sequence

from core.models import Event
from penalties.models import Penalty
from penalties.rules import Ending, PenaltyKind
from stores.services.listings import delist, release_listing


def follow_delistings(*, events: Sequence[Event]) -> None:
    """Take down the listings of penalties that were applied, and put those back online whose penalty was lifted.

    One that ends by its hours leaves the listing down until the seller puts it online; mirrored stores' listings are
    their platform's (DM-11a)."""
    keys = [int(event.subject_key) for event in events if event.after["penalty"] == PenaltyKind.LISTING_DELISTED]
    if not keys:
        return
    for row in Penalty.objects.filter(pk__in=keys).select_related("store__company").order_by("pk"):
        if row.ended_at is None:
            delist(store=row.store, sku=row.subject, until=row.ends_at, at=row.starts_at, cause=row.rule)
        elif row.ending == Ending.LIFTED:
            release_listing(store=row.store, sku=row.subject, at=row.ended_at, restored=True, cause=row.rule)
