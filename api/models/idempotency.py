"""Requests that were answered, by their idempotency key (IX-21)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from api.models.clients import ApiClient
from core.fields import InstantField


class AnsweredRequest(models.Model):
    """The answer to a request with an ``Idempotency-Key``, written in the transaction of its effect. ``request_hash``
    tells whether a repeated key comes with the same request; ``answer`` is compressed JSON."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(_("idempotency key"), max_length=255)
    request_hash = models.CharField(max_length=64, editable=False)
    answer = models.BinaryField(editable=False)
    answered_at = InstantField(_("answered"), db_index=True)

    class Meta:
        verbose_name = _("answered request")
        verbose_name_plural = _("answered requests")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.key}"
