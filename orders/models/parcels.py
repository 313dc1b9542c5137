"""Parcels and their traces (DM-17).

An order's own carrier, tracking number and dispatch are those of its first parcel; most orders have no other. The
further parcels of a split shipment are `Shipment` rows. `orders.queries.parcels.parcels_of` reads both as one list.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from orders.models.orders import KeyedOrderRow


class Shipment(KeyedOrderRow):
    """A parcel of an order that was sent in several (DM-17).

    ``parcel_no`` is derived: 2, 3, … in order of dispatch for the parcels beside the order's own, which is number 1 and
    may have a row, too. A row whose number was replaced by an action is no parcel any more and has 0.
    """

    carrier = models.CharField(_("carrier"), max_length=64, blank=True)
    tracking_no = models.CharField(_("tracking number"), max_length=64)
    shipped_at = InstantField(_("shipped"), null=True)
    parcel_no = models.PositiveSmallIntegerField(_("parcel"), default=0, editable=False)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "tracking_no"], name="parcel_number_once_per_order")
        ]
        indexes: ClassVar = [models.Index(fields=["tracking_no"], name="parcel_by_number")]

    def __str__(self) -> str:
        return self.tracking_no


class ShipmentItem(KeyedOrderRow):
    """A line of an order that travels in a further parcel, each at most once (DM-17). What no further parcel holds is
    in the first."""

    line_no = models.IntegerField(_("line"))
    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="items", verbose_name=_("parcel"))

    class Meta:
        verbose_name = _("item of a parcel")
        verbose_name_plural = _("items of parcels")
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "line_no"], name="item_in_one_parcel")]

    def __str__(self) -> str:
        return str(self.line_no)


class ReplacedShipment(KeyedOrderRow):
    """A tracking number that a parcel had before its present one (DM-17). ``replaced_by`` is the parcel's present
    number, whose scans are those of the old number too; empty where another platform decides, and this is history."""

    carrier = models.CharField(_("carrier"), max_length=64, blank=True)
    tracking_no = models.CharField(_("tracking number"), max_length=64)
    shipped_at = InstantField(_("shipped"), null=True)
    replaced_at = InstantField(_("replaced"))
    replaced_by = models.CharField(_("replaced by"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("replaced shipment")
        verbose_name_plural = _("replaced shipments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "tracking_no"], name="replaced_number_once_per_order")
        ]
        indexes: ClassVar = [models.Index(fields=["tracking_no"], name="replaced_by_number")]

    def __str__(self) -> str:
        return self.tracking_no


class TrackingEvent(KeyedOrderRow):
    """A scan of a parcel (DM-17). Every kind but ``label`` means that the carrier has the parcel.

    ``parcel_no`` is derived: the `Shipment.parcel_no` of a further parcel, empty for the order's first one, which also
    has the scans without a number or with one that is no parcel's.
    """

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
    # Without a default, so that no existing row has to be written when the column is added.
    parcel_no = models.PositiveSmallIntegerField(_("parcel"), null=True, editable=False)

    class Meta:
        verbose_name = _("tracking event")
        verbose_name_plural = _("tracking events")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "at", "kind", "tracking_no"], name="scan_once_per_order")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
