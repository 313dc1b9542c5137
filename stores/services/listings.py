"""Listings go offline and online; a penalty takes one down until an instant (DM-14, DP-04).

Only governed stores' listings change here: what a mirrored store offers is its platform's to say (DM-11a).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Q

from core.events import SYSTEM, record_event
from stores.models import Listing, Store
from stores.rules import is_barred

ONLINE, OFFLINE, DELISTED = Listing.Status.ONLINE, Listing.Status.OFFLINE, Listing.Status.DELISTED


class ListingOutcome(StrEnum):
    """What became of a change. ``REPEATED``: it was so already; ``BARRED``: delisted still; ``MIRRORED``: the platform
    decides; ``GONE``: there is no such listing."""

    DONE = "done"
    REPEATED = "repeated"
    BARRED = "barred"
    MIRRORED = "mirrored"
    GONE = "gone"


@transaction.atomic
def take_offline(*, store: Store, sku: str, at: datetime, actor: str) -> ListingOutcome:
    """Offer a listing no more. A delisted one stays delisted."""
    return _change(store, sku, OFFLINE, at, actor)


@transaction.atomic
def put_online(*, store: Store, sku: str, at: datetime, actor: str) -> ListingOutcome:
    """Offer a listing again; not one that is delisted still (DP-04)."""
    return _change(store, sku, ONLINE, at, actor)


def _change(store: Store, sku: str, to: Listing.Status, at: datetime, actor: str) -> ListingOutcome:
    listing = Listing.objects.filter(store=store, sku=sku).first()
    if listing is None:
        return ListingOutcome.GONE
    if store.mode != Store.Mode.GOVERNED:
        return ListingOutcome.MIRRORED
    if listing.status == to:
        return ListingOutcome.REPEATED
    if is_barred(listing.status, listing.relist_after, at):
        return ListingOutcome.BARRED
    free = Q(status__in=(ONLINE, OFFLINE)) | Q(status=DELISTED, relist_after__lte=at)
    changed = Listing.objects.filter(free, pk=listing.pk, status=listing.status)
    if changed.update(status=to, status_at=at, relist_after=None) != 1:
        return ListingOutcome.BARRED
    _record(f"listing.{to}", listing, {"status": to}, at, actor, "DM-14")
    return ListingOutcome.DONE


@transaction.atomic
def delist(
    *, store: Store, sku: str, until: datetime | None, at: datetime, cause: str = "DP-04", actor: str = SYSTEM
) -> bool:
    """Take a listing down until an instant, or until it is released. Repeating it changes nothing, another instant
    replaces the former; returns whether anything changed."""
    listing = Listing.objects.select_for_update(no_key=True).filter(store=store, sku=sku).first()
    if listing is None or store.mode != Store.Mode.GOVERNED:
        return False
    is_down = listing.status == DELISTED
    if is_down and listing.relist_after == until:
        return False
    since = listing.status_at if is_down else at
    Listing.objects.filter(pk=listing.pk).update(status=DELISTED, status_at=since, relist_after=until)
    after = {"status": DELISTED.value, "relist_after": None if until is None else until.isoformat()}
    _record("listing.delisted", listing, after, at, actor, cause)
    return True


@transaction.atomic
def release_listing(
    *, store: Store, sku: str, at: datetime, restored: bool = False, cause: str = "DP-04", actor: str = SYSTEM
) -> bool:
    """Let a delisted listing go online again from ``at`` on: the seller puts it there. ``restored``: it never should
    have been delisted, so it is online at once. False if it isn't barred."""
    listing = Listing.objects.select_for_update(no_key=True).filter(store=store, sku=sku).first()
    if listing is None or not is_barred(listing.status, listing.relist_after, at):
        return False
    if restored:
        Listing.objects.filter(pk=listing.pk).update(status=ONLINE, status_at=at, relist_after=None)
        _record("listing.online", listing, {"status": ONLINE.value}, at, actor, cause)
        return True
    Listing.objects.filter(pk=listing.pk).update(relist_after=at)
    _record("listing.released", listing, {"relist_after": at.isoformat()}, at, actor, cause)
    return True


def _record(kind: str, listing: Listing, after: dict[str, Any], at: datetime, actor: str, cause: str) -> None:
    store = listing.store
    record_event(
        kind=kind,
        subject_kind="listing",
        subject_key=listing.sku,
        store_no=store.store_no,
        company_no=store.company.company_no,
        actor=actor,
        at=at,
        before={"status": listing.status},
        after=after,
        cause=cause,
    )
