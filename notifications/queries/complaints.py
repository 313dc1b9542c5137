"""What copyright notices stand on: upheld complaints, and whether their listings still show the images (PN-24)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from disputes.models import CopyrightComplaint, ListingImage
from disputes.queries.images import is_near
from notifications.complaints import COPYRIGHT, CopyrightLine, UpheldComplaint
from notifications.models import JudgedComplaint, Notice, NoticeOrder
from notifications.queries.notices import STANDING
from notifications.rules import State
from orders.models import Exclusion, Order
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Listing, Store

_EXCLUDED = Exclusion.objects.filter(subject_kind=Exclusion.Subject.COMPLAINT, subject_id=OuterRef("pk"))
_NOT_ENDED = STANDING | Q(state=State.HISTORICAL, ended_day=None)


def line_of(policy: Policy) -> CopyrightLine:
    return CopyrightLine(policy.notices.copyright_red_count, policy.notices.copyright_window_days)


def upheld_complaints(store_ids: Collection[int]) -> dict[int, list[UpheldComplaint]]:
    """The upheld complaints of stores, in order of time, without those that an accepted appeal excluded (DM-34)."""
    rows = CopyrightComplaint.objects.filter(~Exists(_EXCLUDED), store__in=store_ids, upheld=True)
    found: dict[int, list[UpheldComplaint]] = defaultdict(list)
    for row in rows.order_by("resolved_at", "complaint_no"):
        if row.resolved_at is not None:
            found[row.store_id].append(UpheldComplaint(row.complaint_no, row.sku, row.opened_at, row.resolved_at))
    return found


def stores_to_judge() -> QuerySet[Store]:
    """The stores with upheld complaints that were not judged, or with copyright notices that stand."""
    judged = JudgedComplaint.objects.filter(store=OuterRef("store"), complaint_no=OuterRef("complaint_no"))
    complaints = CopyrightComplaint.objects.filter(
        ~Exists(judged), ~Exists(_EXCLUDED), store=OuterRef("pk"), upheld=True
    )
    standing = Notice.objects.filter(_NOT_ENDED, store=OuterRef("pk"), metric=COPYRIGHT)
    return Store.objects.filter(Exists(complaints) | Exists(standing))


def standing_notices(store_ids: Collection[int]) -> dict[int, list[Notice]]:
    """The copyright notices of stores that are open, and the records apart that have not ended."""
    rows = Notice.objects.filter(_NOT_ENDED, store__in=store_ids, metric=COPYRIGHT)
    found: dict[int, list[Notice]] = defaultdict(list)
    for notice in rows.order_by("pk"):
        found[notice.store_id].append(notice)
    return found


def complaints_of(notices: Iterable[Notice]) -> dict[int, set[str]]:
    """The numbers of the complaints that notices name: in their snapshots, and those upheld while they were open."""
    ids = [notice.pk for notice in notices]
    found: dict[int, set[str]] = {pk: set() for pk in ids}
    named = NoticeOrder.objects.filter(notice__in=ids).values_list("notice", "complaint_no")
    later = JudgedComplaint.objects.filter(notice__in=ids).values_list("notice", "complaint_no")
    for pk, number in [*named, *later]:
        found[pk].add(number)
    return found


def complaints_about_orders(notice: Notice, order_ids: Collection[int]) -> list[CopyrightComplaint]:
    """The complaints that a notice names about the listings of these orders."""
    skus = Order.objects.filter(pk__in=order_ids).values("sku")
    named = complaints_of([notice])[notice.pk]
    rows = CopyrightComplaint.objects.filter(store=notice.store_id, complaint_no__in=named, sku__in=skus)
    return list(rows.order_by("resolved_at", "complaint_no"))


@dataclass(frozen=True, slots=True)
class ComplainedListing:
    """A listing that was complained about. ``mended_at``: since when it doesn't show the image any more, None while it
    does or nothing is known of it; ``listing``: None where there is none."""

    complaint: UpheldComplaint
    listing: Listing | None
    mended_at: datetime | None


def complained_listings(
    store_id: int, complaints: Sequence[UpheldComplaint], near_bits: int
) -> list[ComplainedListing]:
    """The listing of each complaint as it is now."""
    skus = {one.sku for one in complaints}
    listings = {row.sku: row for row in Listing.objects.filter(store=store_id, sku__in=skus)}
    images: dict[str, list[ListingImage]] = defaultdict(list)
    for image in ListingImage.objects.filter(store=store_id, sku__in=skus).order_by("since_at", "pk"):
        images[image.sku].append(image)
    return [
        ComplainedListing(
            one, listings.get(one.sku), _mended_at(one, listings.get(one.sku), images[one.sku], near_bits)
        )
        for one in complaints
    ]


def _mended_at(
    complaint: UpheldComplaint, listing: Listing | None, images: Sequence[ListingImage], near_bits: int
) -> datetime | None:
    instants = [_down_since(listing), _replaced_at(complaint, images, near_bits)]
    return min((instant for instant in instants if instant is not None), default=None)


def _down_since(listing: Listing | None) -> datetime | None:
    if listing is None or listing.status == Listing.Status.ONLINE:
        return None
    return listing.status_at


def _replaced_at(complaint: UpheldComplaint, images: Sequence[ListingImage], near_bits: int) -> datetime | None:
    """Since when a listing shows another image than the one that the complaint was about."""
    shown = [image for image in images if image.since_at <= complaint.opened_at]
    if not shown or shown[-1].until_at is None:
        return None
    present = images[-1]
    if present.until_at is not None:
        return present.until_at
    return None if is_near(shown[-1], present, near_bits) else present.since_at


def listings_of_notice(notice: Notice, at: datetime) -> list[ComplainedListing]:
    """The listings of a notice's complaints that are upheld still, as they are now."""
    named = complaints_of([notice])[notice.pk]
    upheld = upheld_complaints([notice.store_id]).get(notice.store_id, [])
    complaints = [one for one in upheld if one.number in named]
    return complained_listings(notice.store_id, complaints, policy_at(at).notices.image_near_bits)


def shown_still(found: Iterable[ComplainedListing]) -> frozenset[str]:
    """The SKUs of the listings that show their images still."""
    return frozenset(one.complaint.sku for one in found if one.listing is not None and one.mended_at is None)


def is_mended(notice: Notice, at: datetime) -> bool:
    """Whether no listing of a notice shows its image at an instant."""
    return all(one.mended_at is not None and one.mended_at <= at for one in listings_of_notice(notice, at))


def named_since(notice: Notice) -> list[str]:
    """The complaints that were upheld while the notice was open."""
    kept = NoticeOrder.objects.filter(notice=notice).values("complaint_no")
    rows = JudgedComplaint.objects.filter(notice=notice).exclude(complaint_no__in=kept).order_by("resolved_at", "pk")
    return list(rows.values_list("complaint_no", flat=True))


def notices_about(store: Store, complaint_nos: Collection[str]) -> list[Notice]:
    """The copyright notices that name any of these complaints, newest first."""
    if not complaint_nos:
        return []
    named = NoticeOrder.objects.filter(notice__store=store, complaint_no__in=complaint_nos).values("notice")
    later = JudgedComplaint.objects.filter(store=store, complaint_no__in=complaint_nos).values("notice")
    rows = Notice.objects.filter(store=store, metric=COPYRIGHT).filter(Q(pk__in=named) | Q(pk__in=later))
    return list(rows.order_by("-triggered_at", "-pk"))
