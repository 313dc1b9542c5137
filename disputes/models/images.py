"""The pictures that listings show, with their perceptual hashes, and which look like one complained about (PN-24)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from disputes.models.complaints import CopyrightComplaint
from stores.models import Store


class ListingImage(models.Model):
    """A picture that a listing shows or showed; ``until_at`` is None for the present one.

    ``sha256`` and ``picture`` (`evidence.inspection.pictures`) are empty until the file itself came in a bundle.
    ``unreadable``: it came and can't be decoded."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    sku = models.CharField(_("SKU"), max_length=120)
    image_file = models.CharField(_("image"), max_length=255)
    since_at = InstantField(_("shown since"))
    until_at = InstantField(_("shown until"), null=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    picture = models.CharField(_("perceptual hash"), max_length=64, blank=True)
    unreadable = models.BooleanField(_("unreadable"), default=False)

    class Meta:
        verbose_name = _("image of a listing")
        verbose_name_plural = _("images of listings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["store", "sku"], condition=models.Q(until_at=None), name="one_present_image_per_listing"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "sku", "since_at"], name="listing_image_by_time"),
            models.Index(fields=["sha256"], condition=~models.Q(sha256=""), name="listing_image_by_content"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.image_file}"


class ImageBand(models.Model):
    """A part of a picture's hash: pictures that are near have at least one in common (`evidence.hashes`)."""

    image = models.ForeignKey(ListingImage, on_delete=models.CASCADE, related_name="bands")
    value = models.IntegerField(_("band"))

    class Meta:
        verbose_name = _("band of a hash")
        verbose_name_plural = _("bands of hashes")
        indexes: ClassVar = [models.Index(fields=["value", "image"], name="image_by_band")]

    def __str__(self) -> str:
        return f"{self.image_id} {self.value}"


class ImageFlag(models.Model):
    """That a listing shows a picture like one that an upheld complaint was about, found before the next complaint
    (PN-24). The complaint may be another company's: then nothing of it is ever shown."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    image = models.ForeignKey(ListingImage, on_delete=models.CASCADE, related_name="flags", db_index=False)
    complaint = models.ForeignKey(CopyrightComplaint, on_delete=models.CASCADE, related_name="+")
    flagged_at = InstantField(_("flagged"))

    class Meta:
        verbose_name = _("flagged image")
        verbose_name_plural = _("flagged images")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["image", "complaint"], name="image_flagged_once_per_complaint")
        ]
        indexes: ClassVar = [models.Index(fields=["store", "image"], name="image_flag_of_store")]

    def __str__(self) -> str:
        return f"{self.image_id} {self.complaint_id}"
