"""What stores offer, and how it read at which time (DM-14, BX-09)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import ExactDecimalField, InstantField
from stores.models.companies import Store
from stores.rules import ListingState


class ListingContent(models.Model):
    """What a listing says."""

    sku = models.CharField(_("SKU"), max_length=120)
    title = models.CharField(_("title"), max_length=500, blank=True)
    description = models.TextField(_("description"), blank=True)
    category = models.CharField(_("category"), max_length=64, blank=True)
    price_usd = ExactDecimalField(_("price, USD"), places=4, null=True, blank=True)
    image_file = models.CharField(_("image"), max_length=255, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title or self.sku


class Listing(ListingContent):
    """What a store offers (DM-14). No file has ``status``, ``status_at`` (since when) and ``relist_after`` (until when
    a delisted listing stays so; None: until it is released), so no import changes them (IX-03). ``findings``: what the
    check of its text found, as bits of `disputes.rules.listing_check.Check`; None until it is checked (DP-17)."""

    class Status(models.TextChoices):
        ONLINE = ListingState.ONLINE.value, pgettext_lazy("state of a listing", "online")
        OFFLINE = ListingState.OFFLINE.value, pgettext_lazy("state of a listing", "offline")
        DELISTED = ListingState.DELISTED.value, pgettext_lazy("state of a listing", "delisted")

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="listings")
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.ONLINE)
    status_at = InstantField(_("status since"), null=True, blank=True)
    relist_after = InstantField(_("may be relisted after"), null=True, blank=True)
    findings = models.IntegerField(_("findings"), null=True, blank=True, editable=False)
    finding_count = models.PositiveSmallIntegerField(_("number of findings"), default=0, editable=False)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "sku"], name="sku_unique_per_store")]
        indexes: ClassVar = [
            models.Index(fields=["store", "-finding_count", "sku"], name="listing_worst_first"),
            models.Index(fields=["id"], condition=models.Q(findings=None), name="listing_unchecked"),
        ]


class ListingVersion(ListingContent):
    """What some export said of a listing, kept once however many exports repeat it, and after the listing is gone.

    ``stated``: which of `stores.rules.CONTENT` the export stated, as bits; what it left open stays as it was.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    stated = models.PositiveSmallIntegerField(_("stated fields"))

    class Meta:
        verbose_name = _("version of a listing")
        verbose_name_plural = _("versions of listings")
        indexes: ClassVar = [models.Index(fields=["store", "sku"], name="version_of_listing")]


class ListingSighting(models.Model):
    """An export that had a version. All are kept, also those that repeat the one before: an older export may arrive
    between any two, and then the later of them tells when the listing was as before again."""

    version = models.ForeignKey(ListingVersion, on_delete=models.CASCADE, related_name="sightings", db_index=False)
    at = InstantField(_("exported"))

    class Meta:
        verbose_name = _("sighting of a version")
        verbose_name_plural = _("sightings of versions")
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "at"], name="version_sighted_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.at}"
