"""Webhooks: the endpoints of companies, what is sent to them, and each attempt with its answer (IX-23)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from core.leases import LeasedModel
from stores.models import Company, Store


class WebhookEndpoint(models.Model):
    """An address of a company's own system. ``kinds`` and ``stores`` are those that it wants; no stores: all.

    ``key`` binds the sealed secrets to this row. While ``former_until`` has not passed, requests are signed by the
    former secret too. ``failing_since``: no delivery succeeded from then on; ``retry_at``: nothing is sent before."""

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("state of a webhook", "active")
        FAILING = "failing", pgettext_lazy("state of a webhook", "failing")
        DISABLED = "disabled", pgettext_lazy("state of a webhook", "switched off")

    class Reason(models.TextChoices):
        PERSON = "person", _("switched off by a member")
        FAILED = "failed", _("switched off after failing for days")
        GONE = "gone", _("switched off because it answered 410 Gone")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="webhooks")
    key = models.CharField(_("key"), max_length=32, unique=True)
    url = models.CharField(_("address"), max_length=2000)
    kinds = models.JSONField(_("events"), default=list)
    stores = models.ManyToManyField(Store, blank=True, related_name="+", verbose_name=_("stores"))
    secret = models.TextField(_("secret"))
    former_secret = models.TextField(_("former secret"), blank=True)
    former_until = InstantField(_("former secret until"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    reason = models.CharField(_("reason"), max_length=8, choices=Reason.choices, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_since = InstantField(_("failing since"), null=True)
    retry_at = InstantField(_("next attempt"), null=True)
    succeeded_at = InstantField(_("last success"), null=True)
    created_at = InstantField(_("added"))

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(LeasedModel):
    """An event on its way to an endpoint: at most one row, whatever runs twice (RL-02).

    ``event_id`` stays the same over retries and replays; ``body`` is what was true when the event happened."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of a webhook delivery", "waiting")
        DELIVERED = "delivered", pgettext_lazy("state of a webhook delivery", "delivered")
        FAILED = "failed", pgettext_lazy("state of a webhook delivery", "failed")

    class Reason(models.TextChoices):
        GIVEN_UP = "given_up", _("all attempts of 24 hours failed")
        GONE = "gone", _("the endpoint answered 410 Gone")
        DISABLED = "disabled", _("the webhook was switched off")
        TEST = "test", _("the test failed")

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    store = models.ForeignKey(Store, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("store"))
    event_id = models.CharField(_("event"), max_length=64)
    kind = models.CharField(_("kind"), max_length=32)
    body = models.TextField(_("body"))
    at = InstantField(_("at"))
    expires_at = InstantField(_("tried until"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=8, choices=Reason.choices, blank=True)
    delivered_at = InstantField(_("delivered"), null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="one_webhook_delivery_per_event")
        ]
        indexes: ClassVar = [
            models.Index(fields=["endpoint", "id"], condition=models.Q(state="waiting"), name="webhook_delivery_due"),
            models.Index(fields=["endpoint", "-at", "-id"], name="webhook_delivery_log"),
            models.Index(fields=["at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class WebhookAttempt(models.Model):
    """One request of a delivery and what came of it. ``failure``: a `core.outgoing.Failure`, or empty."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="requests")
    at = InstantField(_("at"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    failure = models.CharField(_("failure"), max_length=12, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status}"
