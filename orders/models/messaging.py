"""The message desk: threads with their reply clock, what sellers write here, their own texts (PN-23, AF-09)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from orders.models.feedback import Message
from orders.models.orders import Order
from stores.models import Company, Store


class MessageThread(models.Model):
    """The messages of an order as a whole, derived from them by `orders.services.threads.derive_threads`.

    ``waiting_since``: the buyer's message with which the running wait began, empty while none runs (PN-23).
    ``low_star_word``: a word of the buyer that announces a low rating (TM-14). ``warned_of``: the wait whose end the
    company was warned of.
    """

    order = models.OneToOneField(Order, on_delete=models.CASCADE, primary_key=True, related_name="thread")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    last_at = InstantField(_("last message"))
    waiting_since = InstantField(_("waiting since"), null=True)
    warned_of = InstantField(null=True, editable=False)
    low_star_word = models.CharField(_("sign of a low rating"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("message thread")
        verbose_name_plural = _("message threads")
        indexes: ClassVar = [
            models.Index(fields=["store", "last_at", "order"], name="thread_by_last_message"),
            models.Index(
                fields=["store", "waiting_since", "order"],
                condition=models.Q(waiting_since__isnull=False),
                name="thread_waiting",
            ),
            models.Index(
                fields=["waiting_since"], condition=models.Q(waiting_since__isnull=False), name="thread_wait_ending"
            ),
            models.Index(
                fields=["store", "last_at", "order"],
                condition=models.Q(low_star_word__gt=""),
                name="thread_with_low_star_word",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order)


class GuideStage(models.TextChoices):
    """Contacts after delivery (AF-09)."""

    FIRST = "first", pgettext_lazy("contact after delivery", "first")
    SECOND = "second", pgettext_lazy("contact after delivery", "second")


class GuideText(models.Model):
    """An after-sales guide of a store in a language (AF-09), for one listing or, with an empty ``sku``, for all.

    Versions are never changed: the one with the highest number is sent, an empty text goes back to the shipped one.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    sku = models.CharField(_("SKU"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8)
    stage = models.CharField(_("contact"), max_length=8, choices=GuideStage.choices)
    version = models.IntegerField(_("version"))
    text = models.TextField(_("text"), blank=True)
    created_at = InstantField(_("created"))
    actor = models.CharField(_("by"), max_length=64)

    class Meta:
        verbose_name = _("after-sales guide")
        verbose_name_plural = _("after-sales guides")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "sku", "language", "stage", "version"], name="guide_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.sku or '*'} {self.language} {self.stage} {self.version}"


class ReplyTemplate(models.Model):
    """A company's own reply. ``absence``: the one that it sends automatically while nobody is there (PN-23)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="reply_templates")
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(_("language"), max_length=8)
    text = models.TextField(_("text"))
    absence = models.BooleanField(_("automatic reply during absence"), default=False)
    version = models.IntegerField(_("version"), default=1)
    changed_at = InstantField(_("changed"))
    actor = models.CharField(_("by"), max_length=64)

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "name", "language"], name="reply_template_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class OutgoingMessage(models.Model):
    """A message that was written here. In a governed store it is sent at once; in a mirrored one it is prepared, a
    person copies it to the platform, and ``message`` is the one that comes back by import (DM-11a)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="outgoing_messages")
    text = models.TextField(_("text"))
    fingerprint = models.CharField(max_length=64, editable=False)
    language = models.CharField(_("language"), max_length=8, blank=True)
    template = models.CharField(_("template"), max_length=120, blank=True)
    stage = models.CharField(_("guide"), max_length=8, choices=GuideStage.choices, blank=True)
    guide = models.ForeignKey(GuideText, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    prepared_at = InstantField(_("written"))
    actor = models.CharField(_("by"), max_length=64)
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, related_name="outgoing")

    class Meta:
        verbose_name = _("message written here")
        verbose_name_plural = _("messages written here")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "stage"], condition=models.Q(stage__gt=""), name="guide_once_per_order_and_stage"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "prepared_at"], condition=models.Q(message=None), name="message_to_copy"),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.template}"
