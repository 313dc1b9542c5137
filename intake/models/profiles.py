"""Import profiles that people of a company made, and what its files call its stores (IX-06)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from stores.models import Company, Store

# What the codes of companies' own profiles begin with.
OWN = "own-"


class ImportProfile(models.Model):
    """How a company's tables in a format of its own become canonical ones. ``definition``: the columns and words, in
    the form of `intake.profiles.mapping.stored`; each change is a new version of it."""

    company = models.ForeignKey(
        Company, verbose_name=_("company"), on_delete=models.CASCADE, related_name="import_profiles"
    )
    name = models.CharField(_("name"), max_length=80)
    definition = models.JSONField(_("definition"), default=dict, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    actor = models.CharField(_("actor"), max_length=254)
    changed_at = InstantField(_("changed"))

    class Meta:
        verbose_name = _("import profile")
        verbose_name_plural = _("import profiles")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "name"], name="profile_name_once_in_a_company")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"

    @property
    def code(self) -> str:
        """What imports call it by."""
        return f"{OWN}{self.pk}"


class ImportProfileVersion(models.Model):
    """A profile as it once was."""

    profile = models.ForeignKey(ImportProfile, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=80)
    definition = models.JSONField(_("definition"), default=dict, editable=False)
    actor = models.CharField(_("actor"), max_length=254)
    at = InstantField(_("at"))

    class Meta:
        verbose_name = _("version of an import profile")
        verbose_name_plural = _("versions of import profiles")
        constraints: ClassVar = [models.UniqueConstraint(fields=["profile", "version"], name="profile_version_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.version})"


class StoreName(models.Model):
    """What a company's files in one format call one of its stores; ``store`` is none for rows that are left out."""

    company = models.ForeignKey(Company, verbose_name=_("company"), on_delete=models.CASCADE, related_name="+")
    profile = models.CharField(_("profile"), max_length=32)
    key = models.CharField(_("name"), max_length=120)
    store = models.ForeignKey(Store, verbose_name=_("store"), null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("name of a store in files")
        verbose_name_plural = _("names of stores in files")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "profile", "key"], name="store_name_once_in_a_format")
        ]

    def __str__(self) -> str:
        return self.key
