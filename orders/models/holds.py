"""Holds whose end can't be told from an order's other rows (DM-21, TM-03, AF-06, AF-10)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from orders.models.orders import KeyedOrderRow


class OrderHold(KeyedOrderRow):
    """A time during which an order of a governed store was held. ``code`` is the hold's (`orders.holds`), ``reason``
    says which of its causes; ``until`` is null while it lasts. Rows stay: that an order was held is on record."""

    class Reason(models.TextChoices):
        UNSCANNED = "unscanned", _("no first scan")
        SILENT = "silent", _("silent trace")
        INVALID_TRACE = "invalid_trace", _("trace not valid")

    code = models.CharField(_("hold"), max_length=32)
    reason = models.CharField(_("reason"), max_length=32, choices=Reason.choices, blank=True)
    since = InstantField(_("since"))
    until = InstantField(_("until"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "code", "reason", "since"], name="hold_once_per_instant")
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "code"], condition=models.Q(until__isnull=True), name="hold_lasting"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.reason}".strip()
