"""Checks listings whose texts are new or changed (DP-17)."""

from datetime import datetime

from django.db import transaction

from disputes.queries.listings import virtual_categories, words_of
from disputes.rules.listing_check import ListingText, check_listing, mask_of
from rulebook.queries import policy_at
from stores.models import Listing

LISTINGS_AT_ONCE = 500


@transaction.atomic
def check_listings(*, at: datetime, most: int = LISTINGS_AT_ONCE) -> int:
    """Check the next listings that wait for it by the words in force at ``at``; returns how many. May run twice."""
    waiting = Listing.objects.select_for_update(skip_locked=True, no_key=True).filter(findings=None)
    listings = list(waiting.only("title", "description", "category").order_by("pk")[:most])
    words, virtual = words_of(policy_at(at)), virtual_categories()
    for listing in listings:
        text = ListingText(listing.title, listing.description, listing.category not in virtual)
        listing.findings = mask_of(check_listing(text, words))
        listing.finding_count = listing.findings.bit_count()
    Listing.objects.bulk_update(listings, ["findings", "finding_count"])
    return len(listings)
