"""Risk flags that orders carry, or carried (TM-14)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from orders.models.orders import Order
from stores.models import Store


class RaisedFlag(models.Model):
    """A risk flag of an order: raised when a check found its condition, cleared when one found it gone (TM-14).

    ``since`` is when the condition began by the data, ``due_at`` the end of the flag's clock, if it has one.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="raised_flags", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="raised_flags")
    code = models.CharField(_("flag"), max_length=24)
    since = InstantField(_("since"))
    due_at = InstantField(_("due"), null=True)
    raised_at = InstantField(_("raised"))
    cleared_at = InstantField(_("cleared"), null=True)

    class Meta:
        verbose_name = _("risk flag")
        verbose_name_plural = _("risk flags")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "code"], condition=models.Q(cleared_at__isnull=True), name="flag_raised_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["store", "code", "due_at"], condition=models.Q(cleared_at__isnull=True), name="flag_raised"
            ),
            models.Index(fields=["cleared_at"], condition=models.Q(cleared_at__isnull=False), name="flag_cleared"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.order_id}"
