"""How listings read at an instant (BX-09)."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import Lag

from stores.models import ListingSighting, ListingVersion, Store
from stores.rules import CONTENT, ListingAsOf, Statement, history_of


def listing_histories(*, store: Store, skus: Collection[str]) -> dict[str, list[ListingAsOf]]:
    """How listings of a store read over time, oldest first, by SKU; two queries for any number."""
    versions = ListingVersion.objects.filter(store=store, sku__in=skus).in_bulk()
    statements: dict[str, list[Statement]] = defaultdict(list)
    former = Window(Lag("version_id"), partition_by="version__sku", order_by=("at", "pk"))
    sightings = ListingSighting.objects.filter(version__in=versions).annotate(former=former)
    changes = sightings.filter(Q(former=None) | ~Q(former=F("version_id"))).order_by("at", "pk")
    for version_id, at in changes.values_list("version_id", "at"):
        version = versions[version_id]
        statements[version.sku].append(Statement(at, _stated(version)))
    return {sku: history_of(found) for sku, found in statements.items()}


def _stated(version: ListingVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for bit, name in enumerate(CONTENT) if version.stated >> bit & 1}
