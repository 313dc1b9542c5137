"""Policy versions (DM-30). Rows are written once: code and database triggers refuse to change or remove them."""

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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


class PolicyDraft(models.Model):
    """A version in the making (DM-30): what it changes of its base, until a second person puts it into force.

    ``changes``: parameter key → entry as in `PolicyVersion.data`, null where the parameter is removed. ``version``
    rises with every save, and every save compares it (RL-06). People are named by their actor ids.
    """

    class State(models.TextChoices):
        OPEN = "open", _("draft")
        SUBMITTED = "submitted", _("waits for a second person")
        CONFIRMED = "confirmed", pgettext_lazy("state of a draft", "confirmed")
        DISCARDED = "discarded", _("discarded")

    base = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="drafts", verbose_name=_("base"))
    changes = models.JSONField(_("changes"), default=dict)
    effective_from = InstantField(_("effective from"), null=True)
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    version = models.PositiveIntegerField(_("saves"), default=1)
    author = models.CharField(_("author"), max_length=80)
    created_at = InstantField(_("created at"))
    saved_by = models.CharField(_("saved by"), max_length=80)
    saved_at = InstantField(_("saved at"))
    submitted_by = models.CharField(_("submitted by"), max_length=80, blank=True)
    submitted_at = InstantField(_("submitted at"), null=True)
    decided_by = models.CharField(_("decided by"), max_length=80, blank=True)
    decided_at = InstantField(_("decided at"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    result = models.OneToOneField(
        PolicyVersion, on_delete=models.PROTECT, null=True, related_name="draft", verbose_name=_("policy version")
    )

    class Meta:
        verbose_name = _("draft of a policy version")
        verbose_name_plural = _("drafts of policy versions")
        ordering = ("-id",)
        indexes = (models.Index(fields=["state"], name="policydraft_state"),)

    def __str__(self) -> str:
        return str(self.pk)


class PolicyDraftSave(models.Model):
    """What one save of a draft changed: parameter key → entries before and after. ``version``: the draft's since then;
    ``effective_from`` and ``note`` stand under these names."""

    draft = models.ForeignKey(PolicyDraft, on_delete=models.CASCADE, related_name="saves", db_index=False)
    version = models.PositiveIntegerField()
    actor = models.CharField(max_length=80)
    at = InstantField()
    changes = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["draft", "version"], name="policydraftsave_once"),)

    def __str__(self) -> str:
        return f"{self.draft_id}/{self.version}"
