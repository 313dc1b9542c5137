"""Parcels and their traces (DM-17)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from orders.models.orders import KeyedOrderRow


class ReplacedShipment(KeyedOrderRow):
    """A tracking number that an order had before its present one (DM-17)."""

    carrier = models.CharField(_("carrier"), max_length=64, blank=True)
    tracking_no = models.CharField(_("tracking number"), max_length=64)
    shipped_at = InstantField(_("shipped"), null=True)
    replaced_at = InstantField(_("replaced"))

    class Meta:
        verbose_name = _("replaced shipment")
        verbose_name_plural = _("replaced shipments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "tracking_no"], name="replaced_number_once_per_order")
        ]

    def __str__(self) -> str:
        return self.tracking_no


class TrackingEvent(KeyedOrderRow):
    """A scan of a parcel (DM-17). Every kind but ``label`` means that the carrier has the parcel."""

    class Kind(models.TextChoices):
        LABEL = "label", pgettext_lazy("scan", "label")
        PICKUP = "pickup", pgettext_lazy("scan", "pickup")
        TRANSIT = "transit", pgettext_lazy("scan", "transit")
        CUSTOMS = "customs", pgettext_lazy("scan", "customs")
        OUT_FOR_DELIVERY = "out_for_delivery", pgettext_lazy("scan", "out for delivery")
        DELIVERED = "delivered", pgettext_lazy("scan", "delivered")
        EXCEPTION = "exception", pgettext_lazy("scan", "exception")
        RETURNED = "returned", pgettext_lazy("scan", "returned")
        LOST = "lost", pgettext_lazy("scan", "lost")

    tracking_no = models.CharField(_("tracking number"), max_length=64, blank=True)
    at = InstantField(_("at"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    place = models.CharField(_("place"), max_length=120, blank=True)
    text = models.CharField(_("text"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("tracking event")
        verbose_name_plural = _("tracking events")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "at", "kind", "tracking_no"], name="scan_once_per_order")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
