"""Policy versions (DM-30). Rows are written once: code and database triggers refuse to change or remove them."""

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from core.timebase import EPOCH


class WrittenOnceError(RuntimeError):
    """Somebody tried to change or remove a policy version."""


def _refuse(*args: Any, **kwargs: Any) -> NoReturn:
    raise WrittenOnceError("policy versions are never changed or removed: publish a new one (DM-30)")


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    update = _refuse
    delete = _refuse
    bulk_update = _refuse


class PolicyVersion(models.Model):
    """All parameters from ``effective_from`` on, until another version's begins.

    ``data``: parameter key → ``{"value", "rules", "source", "assumption"}``; ``digest``: SHA-256 of its canonical JSON.
    """

    number = models.PositiveIntegerField(_("number"), unique=True)
    effective_from = InstantField(_("effective from"))
    author = models.TextField(_("author"))
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(_("parameters"))
    digest = models.CharField(_("digest"), max_length=64)
    created_at = InstantField(_("created at"))

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        ordering = ("-number",)

    def __str__(self) -> str:
        return str(self.number) if self.is_shipped else f"{self.number} ({self.effective_from:%Y-%m-%d %H:%M} UTC)"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _refuse()
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse()

    @property
    def is_shipped(self) -> bool:
        """Whether it came with the product: then it is in force from the beginning, and its instants tell nobody
        anything."""
        return self.effective_from <= EPOCH
