"""Copyright complaints (PN-24)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from stores.models import Store


class CopyrightComplaint(models.Model):
    """A complaint that a listing's image belongs to somebody else (PN-24)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="copyright_complaints")
    complaint_no = models.CharField(_("complaint number"), max_length=64)
    sku = models.CharField(_("SKU"), max_length=120)
    opened_at = InstantField(_("opened"))
    resolved_at = InstantField(_("resolved"), null=True)
    upheld = models.BooleanField(_("upheld"), null=True)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("copyright complaint")
        verbose_name_plural = _("copyright complaints")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "complaint_no"], name="complaint_no_per_store")
        ]

    def __str__(self) -> str:
        return self.complaint_no
