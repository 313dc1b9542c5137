"""Views of lists that people keep."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from stores.models.companies import Store
from stores.models.people import User


class SavedFilter(models.Model):
    """A person's own name for the filters of a store's order list; ``query`` is the address's part that holds them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters", verbose_name=_("person"))
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", verbose_name=_("store"))
    name = models.CharField(_("name"), max_length=40)
    query = models.CharField(_("filters"), max_length=500)
    saved_at = InstantField(_("saved"))

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "store", "name"], name="filter_named_once_per_person")
        ]

    def __str__(self) -> str:
        return self.name
