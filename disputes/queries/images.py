"""Pictures of listings that look like one another, found by the bands of their hashes (PN-24)."""

from collections.abc import Iterable, Sequence

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from disputes.models import CopyrightComplaint, ImageBand, ImageFlag, ListingImage
from evidence.hashes import BANDS, bands_of, distance, is_distinct
from stores.models import Store

# As many candidates of one picture are compared.
MOST_CANDIDATES = 2_000


def is_near(one: ListingImage, other: ListingImage, near_bits: int) -> bool:
    """Whether two pictures are the same or copies of one: by their content, or by hashes that tell enough."""
    if one.sha256 and one.sha256 == other.sha256:
        return True
    if not (one.picture and other.picture and is_distinct(one.picture)):
        return False
    return distance(one.picture, other.picture) <= near_bits


def near_images(image: ListingImage, among: QuerySet[ListingImage], near_bits: int) -> list[ListingImage]:
    """The pictures of ``among`` that are near one, itself left out. Only those that share enough bands with it are
    compared, at most `MOST_CANDIDATES`."""
    if not image.sha256:
        return []
    same = Q(sha256=image.sha256)
    if image.picture and is_distinct(image.picture):
        alike = (
            ImageBand.objects.filter(value__in=bands_of(image.picture))
            .values("image")
            .annotate(common=Count("id"))
            .filter(common__gte=BANDS - min(near_bits, BANDS - 1))
        )
        same |= Q(pk__in=alike.values("image"))
    candidates = among.filter(same).exclude(pk=image.pk).order_by("-pk")[:MOST_CANDIDATES]
    return [one for one in candidates if is_near(image, one, near_bits)]


def complained_images() -> QuerySet[ListingImage]:
    """The pictures that an upheld complaint was about: what the listing showed when it was opened."""
    about = CopyrightComplaint.objects.filter(store=OuterRef("store"), sku=OuterRef("sku"), upheld=True)
    shown = about.filter(Q(opened_at__gte=OuterRef("since_at")))
    return ListingImage.objects.filter(
        Exists(shown.filter(Q(opened_at__lt=OuterRef("until_at")))) | Q(Exists(shown), until_at=None)
    )


def image_complained_about(complaint: CopyrightComplaint) -> ListingImage | None:
    """What the listing of a complaint showed when it was opened."""
    rows = ListingImage.objects.filter(store=complaint.store_id, sku=complaint.sku, since_at__lte=complaint.opened_at)
    return rows.filter(Q(until_at=None) | Q(until_at__gt=complaint.opened_at)).order_by("-since_at").first()


def complaints_about(images: Iterable[ListingImage]) -> dict[int, list[CopyrightComplaint]]:
    """The upheld complaints about pictures, by the pictures' ids."""
    found: dict[int, list[CopyrightComplaint]] = {}
    for image in images:
        rows = CopyrightComplaint.objects.filter(
            store=image.store_id, sku=image.sku, upheld=True, opened_at__gte=image.since_at
        )
        if image.until_at is not None:
            rows = rows.filter(opened_at__lt=image.until_at)
        found[image.pk] = list(rows.order_by("opened_at", "pk"))
    return found


def flagged_skus(store: Store) -> QuerySet[ImageFlag]:
    """The flags of pictures that listings of a store show at present."""
    return ImageFlag.objects.filter(store=store, image__until_at=None)


def images_of(store: Store, skus: Sequence[str]) -> dict[str, ListingImage]:
    """The present pictures of listings by SKU."""
    rows = ListingImage.objects.filter(store=store, sku__in=skus, until_at=None)
    return {image.sku: image for image in rows}
