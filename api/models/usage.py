"""How often clients asked."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from api.models.clients import ApiClient
from core.fields import DayField, InstantField


class ClientDay(models.Model):
    """A client's requests of a rating day. ``in_minute`` counts those of the minute with the number ``minute``: the
    rate limit. ``refused`` are those over it, ``rejected`` all others that were answered with an error."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = DayField(_("day"))
    minute = models.BigIntegerField(_("minute"))
    in_minute = models.PositiveIntegerField(_("requests in the minute"))
    requests = models.PositiveBigIntegerField(_("requests"))
    refused = models.PositiveBigIntegerField(_("over the limit"), default=0)
    rejected = models.PositiveBigIntegerField(_("rejected"), default=0)
    last_at = InstantField(_("last request"))

    class Meta:
        verbose_name = _("day of an API client")
        verbose_name_plural = _("days of API clients")
        constraints: ClassVar = [models.UniqueConstraint(fields=["client", "day"], name="one_row_per_client_and_day")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.day}"
