"""Which pictures listings show, their hashes, and flags on those that look like one complained about (PN-24)."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from django.db import connection, transaction

from core.sql import SQL, Identifier, Parameter, execute
from core.timebase import EPOCH, to_epoch
from disputes.models import CopyrightComplaint, ImageBand, ImageFlag, ListingImage
from disputes.queries.images import complained_images, complaints_about, image_complained_about, near_images
from disputes.services.complaints import report_of_stores
from evidence import sandbox
from evidence.hashes import bands_of
from evidence.inspection import RefusedContentError
from rulebook.queries import policy_at

log = structlog.get_logger("dianwei.disputes")
BLOCK = 1 << 20


def image_name(image_file: str) -> str:
    """By what a file of a bundle is found: its name alone, in small letters."""
    return image_file.replace("\\", "/").rpartition("/")[2].casefold()


# ── Which pictures are shown ───────────────────────────────────────────────────────────────────────────────────────


def note_shown_images(*, table: str, shown_at: datetime, at: datetime) -> None:
    """Keep which pictures listings show, from the export at ``shown_at`` on; ``table`` has the ids of new and changed
    listings. The first that is known of a listing counts as shown from the beginning."""
    listings, instant = Identifier(table), Parameter(to_epoch(shown_at))
    with connection.cursor() as cursor:
        execute(cursor, _REPLACED.format(table=listings))
        replaced = Counter(store_id for (store_id,) in cursor.fetchall())
        execute(cursor, _END_REPLACED.format(table=listings, at=instant))
        execute(cursor, _SHOW_NEW.format(table=listings, at=instant, begin=Parameter(to_epoch(EPOCH))))
    if replaced:
        report_of_stores(kind="listing.shown", counts=replaced, at=at)


def end_shown_images(*, table: str, at: datetime) -> None:
    """Listings that are gone show nothing any more; ``table`` has their ids."""
    ended = SQL("""UPDATE disputes_listingimage SET until_at = {at} WHERE id IN (
        SELECT i.id FROM {table} t JOIN stores_listing l ON l.id = t.id
        JOIN disputes_listingimage i ON i.store_id = l.store_id AND i.sku = l.sku WHERE i.until_at IS NULL)""")
    with connection.cursor() as cursor:
        execute(cursor, ended.format(table=Identifier(table), at=Parameter(to_epoch(at))))


_REPLACED = SQL("""SELECT i.store_id FROM {table} t JOIN stores_listing l ON l.id = t.id
    JOIN disputes_listingimage i ON i.store_id = l.store_id AND i.sku = l.sku
    WHERE i.until_at IS NULL AND i.image_file <> l.image_file""")
_END_REPLACED = SQL("""UPDATE disputes_listingimage SET until_at = {at} WHERE id IN (
    SELECT i.id FROM {table} t JOIN stores_listing l ON l.id = t.id
    JOIN disputes_listingimage i ON i.store_id = l.store_id AND i.sku = l.sku
    WHERE i.until_at IS NULL AND i.image_file <> l.image_file)""")
_SHOW_NEW = SQL("""INSERT INTO disputes_listingimage
        (store_id, sku, image_file, since_at, until_at, sha256, picture, unreadable)
    SELECT l.store_id, l.sku, l.image_file,
        CASE WHEN EXISTS (SELECT 1 FROM disputes_listingimage e WHERE e.store_id = l.store_id AND e.sku = l.sku)
            THEN {at} ELSE {begin} END, NULL, '', '', FALSE
    FROM {table} t JOIN stores_listing l ON l.id = t.id
    WHERE l.image_file <> '' AND NOT EXISTS (SELECT 1 FROM disputes_listingimage i
        WHERE i.store_id = l.store_id AND i.sku = l.sku AND i.until_at IS NULL)""")


# ── Hashes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Content:
    """What was found in a file; ``picture`` is empty where it can't be decoded."""

    sha256: str
    picture: str


def hash_images(
    *,
    store_ids: Collection[int],
    files: Mapping[str, Path],
    shown_at: datetime,
    at: datetime,
    between: Callable[[], None] = lambda: None,
) -> set[str]:
    """Hash the files, by `image_name`, that listings of these stores show, and flag what looks like a picture that was
    complained about; returns the names that no listing shows. ``between`` is called between two files and may raise to
    stop: what was done stays.

    Files are opened in the sandbox alone, each content once. Not within a transaction: one takes a sixth of a second.
    """
    shown = ListingImage.objects.filter(store__in=store_ids, until_at=None).order_by("pk")
    names = {pk: image_name(file) for pk, file in shown.values_list("pk", "image_file").iterator()}
    wanted = {pk: name for pk, name in names.items() if name in files}
    known: dict[str, _Content] = {}
    for pk, name in wanted.items():
        if name not in known:
            between()
            known[name] = _content_of(files[name], at)
        image = ListingImage.objects.select_related("store").get(pk=pk)
        if image.sha256 != known[name].sha256:
            _keep(image, known[name], shown_at, at)
    return set(files) - known.keys()


def _content_of(path: Path, at: datetime) -> _Content:
    sha256 = _sha256(path)
    hashed = ListingImage.objects.filter(sha256=sha256).first()
    if hashed is not None:
        return _Content(sha256, hashed.picture)
    try:
        most = policy_at(at).appeals.jpeg_max_megapixels
        found = sandbox.run("listing_pictures.hash_of", path, max_megapixels=most)
    except (sandbox.SandboxError, RefusedContentError, OSError) as error:
        log.warning("image of a listing not hashed", reason=str(error))
        return _Content(sha256, "")
    return _Content(sha256, str(found["picture"]))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


@transaction.atomic
def _keep(image: ListingImage, content: _Content, shown_at: datetime, at: datetime) -> None:
    """Keep the hashes, and flag the picture if need be; another content under the same name is another picture."""
    if image.sha256:
        ListingImage.objects.filter(pk=image.pk, until_at=None).update(until_at=shown_at)
        image = ListingImage(store_id=image.store_id, sku=image.sku, image_file=image.image_file, since_at=shown_at)
        report_of_stores(kind="listing.shown", counts={image.store_id: 1}, at=at)
    image.sha256, image.picture, image.unreadable = content.sha256, content.picture, not content.picture
    image.save()
    if content.picture:
        ImageBand.objects.bulk_create(ImageBand(image=image, value=value) for value in bands_of(content.picture))
    flag_images(images=[image], at=at)


# ── Flags ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def flag_images(*, images: Iterable[ListingImage], at: datetime) -> None:
    """Flag those that look like a picture that an upheld complaint was about."""
    near_bits = policy_at(at).notices.image_near_bits
    flags = []
    for image in images:
        near = near_images(image, complained_images(), near_bits)
        for complaints in complaints_about(near).values():
            flags += [_flag(image, complaint, at) for complaint in complaints]
    _add(flags, at)


@transaction.atomic
def flag_complained(*, store_ids: Collection[int], at: datetime) -> None:
    """Flag the pictures, of any store, that look like those of these stores' upheld complaints; take flags away whose
    complaints were decided the other way."""
    ImageFlag.objects.filter(complaint__store__in=store_ids).exclude(complaint__upheld=True).delete()
    near_bits = policy_at(at).notices.image_near_bits
    flags = []
    for complaint in CopyrightComplaint.objects.filter(store__in=store_ids, upheld=True).order_by("pk"):
        image = image_complained_about(complaint)
        if image is not None:
            near = near_images(image, ListingImage.objects.filter(until_at=None), near_bits)
            flags += [_flag(one, complaint, at) for one in near]
    _add(flags, at)


def _flag(image: ListingImage, complaint: CopyrightComplaint, at: datetime) -> ImageFlag:
    return ImageFlag(store_id=image.store_id, image=image, complaint=complaint, flagged_at=at)


def _add(flags: list[ImageFlag], at: datetime) -> None:
    """Store the flags that are new, and tell their stores once of each picture."""
    ids = {flag.image_id for flag in flags}
    known = set(ImageFlag.objects.filter(image__in=ids).values_list("image", "complaint"))
    new = {(flag.image_id, flag.complaint_id): flag for flag in flags}
    fresh = [flag for key, flag in new.items() if key not in known]
    ImageFlag.objects.bulk_create(fresh, ignore_conflicts=True)
    told = {image_id for image_id, _complaint in known}
    pictures = {flag.image_id: flag.store_id for flag in fresh if flag.image_id not in told}
    report_of_stores(kind="listing.image_flagged", counts=Counter(pictures.values()), at=at)
