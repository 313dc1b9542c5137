"""Refunds, returns and the release of funds (TM-04, TM-12, TM-13)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import ExactDecimalField, InstantField
from orders.models.orders import KeyedOrderRow, OrderRow


class Refund(OrderRow):
    """Money given back, or asked for (TM-12)."""

    refund_no = models.CharField(_("refund number"), max_length=64)
    requested_at = InstantField(_("requested"))
    state = models.CharField(_("state"), max_length=32, blank=True)
    completed_at = InstantField(_("completed"), null=True)
    amount_usd = ExactDecimalField(_("amount, USD"), places=4, null=True)
    full = models.BooleanField(_("full refund"), default=False)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "refund_no"], name="refund_no_per_store")]

    def __str__(self) -> str:
        return self.refund_no


class ReturnParcel(OrderRow):
    """A parcel on its way back (TM-13)."""

    return_no = models.CharField(_("return number"), max_length=64)
    shipped_back_at = InstantField(_("shipped back"), null=True)
    received_at = InstantField(_("received"), null=True)
    inspected_at = InstantField(_("inspected"), null=True)
    result = models.CharField(_("result"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("return parcel")
        verbose_name_plural = _("return parcels")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "return_no"], name="return_no_per_store")]
        indexes: ClassVar = [
            models.Index(
                fields=["store", "received_at", "id"],
                condition=models.Q(inspected_at__isnull=True),
                name="return_to_inspect",
            )
        ]

    def __str__(self) -> str:
        return self.return_no


class Settlement(KeyedOrderRow):
    """The release of an order's funds, or why they are held (TM-04)."""

    released_at = InstantField(_("released"), null=True)
    amount = ExactDecimalField(_("amount"), places=4, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    held_reason = models.CharField(_("held because"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints: ClassVar = [models.UniqueConstraint(fields=["order"], name="one_settlement_per_order")]

    def __str__(self) -> str:
        return str(self.order_id)
