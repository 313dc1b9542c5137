"""Complete exports that were taken in (IX-02: ``complete``)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from stores.models import Store


class CompleteExport(models.Model):
    """The latest export that named all rows of a store's file: older exports bring none back that it had not (IX-03).
    ``kind``: the file's name."""

    store = models.ForeignKey(Store, verbose_name=_("store"), on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("file"), max_length=64)
    at = InstantField(_("exported at"))

    class Meta:
        verbose_name = _("complete export")
        verbose_name_plural = _("complete exports")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "kind"], name="one_complete_export")]

    def __str__(self) -> str:
        return self.kind
