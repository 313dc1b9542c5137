"""What buyers say: reviews and messages (DM-18, PN-23)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from orders.models.orders import KeyedOrderRow, OrderRow


class Review(KeyedOrderRow):
    """A row of a buyer's or an automatic review; rows of one order merge when they are counted (MX)."""

    class Kind(models.TextChoices):
        BUYER = "buyer", pgettext_lazy("kind of review", "buyer")
        AUTO = "auto", pgettext_lazy("kind of review", "automatic")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.BUYER)
    created_at = InstantField(_("created"))
    revised_at = InstantField(_("revised"), null=True)
    revoked_at = InstantField(_("revoked"), null=True)
    # Of an automatic review: when the buyer's own took its place (AF-07).
    replaced_at = InstantField(_("replaced"), null=True, editable=False)
    described = models.SmallIntegerField(_("item as described"), null=True)
    communication = models.SmallIntegerField(_("communication"), null=True)
    shipping = models.SmallIntegerField(_("shipping"), null=True)
    text = models.TextField(_("text"), blank=True)
    has_photo = models.BooleanField(_("with photo"), default=False)
    examined = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "kind", "created_at"], name="review_once_per_instant")
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "created_at", "id"], name="review_by_creation"),
            # What is still to be looked through for manipulation (PN-35).
            models.Index(fields=["store", "created_at"], condition=models.Q(examined=False), name="review_unexamined"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.described or '–'}"


class Message(OrderRow):
    """A message in an order's thread. ``language`` is the given one, else the one detected on the way in (PN-23).

    ``word`` is what `orders.services.examining` found in it: a buyer's word that announces a low rating (TM-14), a
    seller's that solicits reviews (AF-12).
    """

    class Sender(models.TextChoices):
        BUYER = "buyer", pgettext_lazy("sender", "buyer")
        SELLER = "seller", pgettext_lazy("sender", "seller")

    message_no = models.CharField(_("message number"), max_length=64)
    sent_at = InstantField(_("sent"))
    sender = models.CharField(_("sender"), max_length=8, choices=Sender.choices)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=8, blank=True)
    automatic = models.BooleanField(_("automatic"), default=False)
    examined = models.BooleanField(default=False, editable=False)
    word = models.CharField(_("word found"), max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "message_no"], name="message_no_per_store")]
        indexes: ClassVar = [
            models.Index(fields=["store", "id"], condition=models.Q(examined=False), name="message_unexamined")
        ]

    def __str__(self) -> str:
        return self.message_no
