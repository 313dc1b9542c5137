"""Reference data: categories, carriers, exchange rates (DM-12, DM-15)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import DayField, ExactDecimalField, InstantField
from stores.models.companies import Store


class Category(models.Model):
    """A node of the category tree (at most 3 levels). ``all_flags`` and ``root_code`` are resolved from the parents
    by `stores.services.resolve_categories`."""

    code = models.CharField(_("code"), max_length=64, primary_key=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    parent_code = models.CharField(_("parent"), max_length=64, blank=True)
    flags = models.CharField(_("flags"), max_length=120, blank=True)
    all_flags = models.CharField(max_length=240, blank=True, editable=False)
    root_code = models.CharField(max_length=64, blank=True, editable=False)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name

    @property
    def flag_set(self) -> frozenset[str]:
        """The flags in force, inherited ones included."""
        return frozenset(flag for flag in self.all_flags.split(";") if flag)


class Carrier(models.Model):
    """A logistics company or line (DM-15)."""

    code = models.CharField(_("code"), max_length=64, primary_key=True)
    name = models.CharField(_("name"), max_length=120)
    approved = models.BooleanField(_("approved"), default=False)
    official = models.BooleanField(_("official"), default=False)
    scan_interval_hours = models.PositiveIntegerField(_("typical scan interval, hours"), null=True, blank=True)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")

    def __str__(self) -> str:
        return self.name


class RegisteredCarrier(models.Model):
    """A carrier that a store has registered, and since when (TM-18)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="registered_carriers")
    carrier_code = models.CharField(_("carrier"), max_length=64)
    registered_at = InstantField(_("registered"))

    class Meta:
        verbose_name = _("registered carrier")
        verbose_name_plural = _("registered carriers")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "carrier_code"], name="carrier_registered_once")
        ]

    def __str__(self) -> str:
        return self.carrier_code


class FxRate(models.Model):
    """US dollars for one unit of a currency, from a day on (IX-05)."""

    currency = models.CharField(_("currency"), max_length=3)
    day = DayField(_("day"))
    usd_rate = ExactDecimalField(_("US dollars per unit"), places=12)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints: ClassVar = [models.UniqueConstraint(fields=["currency", "day"], name="one_rate_per_day")]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"
