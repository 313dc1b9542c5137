"""The listings of a store by what is found in them, worst first (PG-14)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from disputes.models import CopyrightComplaint, Dispute, ImageFlag
from disputes.rules.listing_check import Check, CheckWords, ListingFinding, ListingText, check_listing
from orders.models import Order
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Category, Listing, Store

# Parts of the list.
EVERY, MEND, FLAGGED, DELISTED, OFFLINE = "all", "mend", "images", "delisted", "offline"
PARTS = (EVERY, MEND, FLAGGED, DELISTED, OFFLINE)
MOST_DISPUTES = 20
VIRTUAL = "virtual"

Listings = QuerySet[Listing]


@dataclass(frozen=True, slots=True)
class ListingQuery:
    """Which listings are asked for: of a part, with a finding, with these SKUs alone; ``text``: how the SKU begins or
    what the title holds."""

    store: Store
    part: str = EVERY
    check: Check | None = None
    skus: Collection[str] | None = None
    text: str = ""


def words_of(policy: Policy) -> CheckWords:
    """The words of the check."""
    words = policy.words
    return CheckWords(words.absolute_claims, words.colour_note, words.size_tolerance, policy.disputes.size_tolerance_cm)


def virtual_categories() -> frozenset[str]:
    """The categories whose goods have no look of their own."""
    rows = Category.objects.filter(all_flags__contains=VIRTUAL)
    return frozenset(row.code for row in rows if VIRTUAL in row.flag_set)


def findings_of(listing: Listing, at: datetime) -> list[ListingFinding]:
    """What the check finds in a listing."""
    has_colours = listing.category not in virtual_categories()
    return check_listing(ListingText(listing.title, listing.description, has_colours), words_of(policy_at(at)))


def listings_of(query: ListingQuery, predicted: Collection[str] = ()) -> Listings:
    """The listings, those with most findings first. ``predicted``: the SKUs that a mirrored store's platform is
    expected to delist."""
    rows = _narrowed(query).filter(_parts(predicted)[query.part])
    return rows.order_by("-finding_count", "sku")


def count_parts(query: ListingQuery, predicted: Collection[str] = ()) -> Mapping[str, int]:
    """How many listings each part has under the same filters."""
    parts = _parts(predicted)
    counted = _narrowed(query).aggregate(**{name: Count("pk", filter=parts[name]) for name in PARTS})
    return {name: counted[name] for name in PARTS}


def count_checks(store: Store) -> Mapping[Check, int]:
    """How many listings of a store have each finding."""
    rows = Listing.objects.filter(store=store, findings__gt=0).order_by().values_list("findings")
    found: dict[Check, int] = {}
    for mask, number in rows.annotate(number=Count("pk")):
        for check in Check:
            if mask & check:
                found[check] = found.get(check, 0) + number
    return found


def _narrowed(query: ListingQuery) -> Listings:
    rows = Listing.objects.filter(store=query.store).annotate(is_flagged=Exists(_flags()))
    if query.check is not None:
        rows = rows.annotate(found=F("findings").bitand(int(query.check))).filter(found__gt=0)
    if query.skus is not None:
        rows = rows.filter(sku__in=query.skus)
    if query.text:
        rows = rows.filter(Q(sku__istartswith=query.text) | Q(title__icontains=query.text))
    return rows


def _flags() -> QuerySet[ImageFlag]:
    return ImageFlag.objects.filter(store=OuterRef("store"), image__sku=OuterRef("sku"), image__until_at=None)


def _parts(predicted: Collection[str]) -> dict[str, Q]:
    return {
        EVERY: Q(),
        MEND: Q(finding_count__gt=0),
        FLAGGED: Q(is_flagged=True),
        DELISTED: Q(status=Listing.Status.DELISTED) | Q(sku__in=list(predicted)),
        OFFLINE: Q(status=Listing.Status.OFFLINE),
    }


def complaint_counts(store: Store, skus: Collection[str]) -> dict[str, int]:
    """How many upheld complaints listings have."""
    rows = CopyrightComplaint.objects.filter(store=store, sku__in=skus, upheld=True).order_by().values_list("sku")
    return dict(rows.annotate(number=Count("pk")))


@dataclass(frozen=True, slots=True)
class ImageFlags:
    """Why a listing's image is flagged: own earlier complaints, and whether another company's was about it too, of
    which nothing else is told."""

    own: tuple[CopyrightComplaint, ...]
    elsewhere: bool

    def __bool__(self) -> bool:
        return bool(self.own) or self.elsewhere


def image_flags(listing: Listing) -> ImageFlags:
    """The flags of the image that a listing shows. Only complaints against stores of the same company are named."""
    rows = ImageFlag.objects.filter(store=listing.store_id, image__sku=listing.sku, image__until_at=None)
    complaints = [row.complaint for row in rows.select_related("complaint__store").order_by("complaint__opened_at")]
    own = tuple(one for one in complaints if one.store.company_id == listing.store.company_id)
    return ImageFlags(own, len(own) < len(complaints))


def complaints_of_listing(listing: Listing) -> list[CopyrightComplaint]:
    rows = CopyrightComplaint.objects.filter(store=listing.store_id, sku=listing.sku)
    return list(rows.order_by("-opened_at", "-pk"))


def disputes_of_listing(listing: Listing) -> list[Dispute]:
    """The latest disputes about orders of a listing."""
    orders = Order.objects.filter(store=listing.store_id, sku=listing.sku)
    rows = Dispute.objects.filter(store=listing.store_id, order__in=Subquery(orders.values("pk")))
    return list(rows.order_by("-opened_at", "-pk")[:MOST_DISPUTES])
