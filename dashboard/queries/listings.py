"""Everything that the pages of listings show (PG-14)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.http import Http404

from disputes.models import CopyrightComplaint, Dispute
from disputes.queries.listings import (
    ImageFlags,
    ListingQuery,
    complaint_counts,
    complaints_of_listing,
    count_checks,
    count_parts,
    disputes_of_listing,
    findings_of,
    image_flags,
    listings_of,
)
from disputes.rules.listing_check import Check, ListingFinding
from notifications.models import Notice
from notifications.queries.complaints import listings_of_notice, notices_about, shown_still
from notifications.queries.notices import find_notice
from orders.queries.names import category_names
from penalties.models import Penalty
from penalties.queries.standing import penalties_in_force
from penalties.rules import PenaltyKind
from stores.models import Listing, Store

LISTINGS_A_PAGE = 50
MOST_PENALTIES = 20


@dataclass(frozen=True, slots=True)
class ListingList:
    """A page of a part of the listings. ``counts`` by part, ``checks`` by finding; ``complaints`` and ``delistings`` by
    SKU; ``notice``: the one whose listings alone are shown."""

    query: ListingQuery
    page: Page[Listing]
    counts: Mapping[str, int]
    checks: Mapping[Check, int]
    complaints: Mapping[str, int]
    delistings: Mapping[str, Penalty]
    notice: Notice | None


def notice_skus(store: Store, number: str, at: datetime) -> tuple[Notice, frozenset[str]]:
    """A copyright notice with the SKUs that show its images still; Http404 for a notice that isn't there."""
    notice = find_notice(store, number)
    if notice is None:
        raise Http404
    return notice, shown_still(listings_of_notice(notice, at))


def listing_list(query: ListingQuery, notice: Notice | None, page: str | None, at: datetime) -> ListingList:
    """The page of this number."""
    delistings = delistings_of(query.store, at)
    rows = listings_of(query, delistings)
    shown = Paginator(rows.defer("description"), LISTINGS_A_PAGE).get_page(page)
    return ListingList(
        query=query,
        page=shown,
        counts=count_parts(query, delistings),
        checks=count_checks(query.store),
        complaints=complaint_counts(query.store, [listing.sku for listing in shown]),
        delistings=delistings,
        notice=notice,
    )


def delistings_of(store: Store, at: datetime) -> dict[str, Penalty]:
    """The delistings in force by SKU; those of a mirrored store are predicted."""
    rows = penalties_in_force([store.pk], at, kinds=(PenaltyKind.LISTING_DELISTED,))
    return {row.subject: row for row in rows.order_by("starts_at")}


@dataclass(frozen=True, slots=True)
class ListingDetails:
    """A listing with what is found in it and what it brought about; ``category``: its name, ``delisting``: the one in
    force."""

    listing: Listing
    category: str
    findings: Sequence[ListingFinding]
    flags: ImageFlags
    complaints: Sequence[CopyrightComplaint]
    notices: Sequence[Notice]
    penalties: Sequence[Penalty]
    disputes: Sequence[Dispute]
    delisting: Penalty | None


def listing_details(store: Store, sku: str, at: datetime) -> ListingDetails:
    """Load the page of a listing; Http404 where the store has none of this SKU."""
    # PostgreSQL refuses text with NUL as an error of the query.
    listing = None if "\x00" in sku else Listing.objects.filter(store=store, sku=sku).first()
    if listing is None:
        raise Http404
    listing.store = store
    complaints = complaints_of_listing(listing)
    return ListingDetails(
        listing=listing,
        category=category_names().get(listing.category, listing.category),
        findings=findings_of(listing, at),
        flags=image_flags(listing),
        complaints=complaints,
        notices=notices_about(store, _numbers(complaints)),
        penalties=list(Penalty.objects.filter(store=store, subject=sku).order_by("-starts_at", "-pk")[:MOST_PENALTIES]),
        disputes=disputes_of_listing(listing),
        delisting=delistings_of(store, at).get(sku),
    )


def _numbers(complaints: Sequence[CopyrightComplaint]) -> Collection[str]:
    return [complaint.complaint_no for complaint in complaints]
