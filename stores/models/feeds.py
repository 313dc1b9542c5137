"""What a store's sources have supplied, and until when it is known (MX-07)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from stores.models.companies import Store


class Feed(models.Model):
    """A kind of data that a source has supplied for a store, and until when it is known (MX-07)."""

    class Kind(models.TextChoices):
        ORDERS = "orders", _("orders")
        TRACKING = "tracking", _("tracking")
        REVIEWS = "reviews", _("reviews")
        DISPUTES = "disputes", _("disputes")
        REFUNDS = "refunds", _("refunds")
        MESSAGES = "messages", _("messages")
        COPYRIGHT = "copyright", _("copyright complaints")
        CONFIRMATIONS = "confirmations", _("dispatch confirmations")
        SETTLEMENTS = "settlements", _("settlements")

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="feeds")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    known_until = InstantField(_("known until"))
    supplied_at = InstantField(_("supplied"))

    class Meta:
        verbose_name = _("data stream")
        verbose_name_plural = _("data streams")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "kind"], name="one_feed_per_store_and_kind")]

    def __str__(self) -> str:
        return f"{self.store_id} {self.kind}"
