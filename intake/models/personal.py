"""Buyers whose data was erased on request, so that no import brings it back (RL-14)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from stores.models import Company


class ErasedBuyer(models.Model):
    """A buyer of a company who was erased. ``digest`` is a keyed hash of the reference, by which a later import is
    recognised; ``token`` is drawn at random and stands in the reference's place, so that orders of one buyer still
    belong together."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    digest = models.CharField(max_length=64, editable=False)
    token = models.CharField(_("token"), max_length=64, unique=True)
    actor = models.CharField(_("by"), max_length=128)
    erased_at = InstantField(_("erased"))

    class Meta:
        verbose_name = _("erased buyer")
        verbose_name_plural = _("erased buyers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "digest"], name="buyer_erased_once_per_company")
        ]

    def __str__(self) -> str:
        return self.token
