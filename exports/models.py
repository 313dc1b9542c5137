"""Exports that are prepared in the background: rows that are work (RL-01)."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from core.leases import LeasedModel
from exports.rules import CONTENT_TYPES
from stores.models import Company, Store


class ExportJob(LeasedModel):
    """A list that somebody wants as a file, too long to wait for. ``list`` is the code of its declaration, ``query``
    and ``parts`` what its page's address says; ``turn`` whose turn it takes: a company's, or the person's own."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of an export", "waiting its turn")
        RUNNING = "running", pgettext_lazy("state of an export", "being prepared")
        READY = "ready", pgettext_lazy("state of an export", "ready")
        FAILED = "failed", pgettext_lazy("state of an export", "failed")
        CANCELLED = "cancelled", pgettext_lazy("state of an export", "cancelled")
        GONE = "gone", pgettext_lazy("state of an export", "removed")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="exports"
    )
    company = models.ForeignKey(
        Company, verbose_name=_("company"), null=True, on_delete=models.CASCADE, related_name="exports"
    )
    store = models.ForeignKey(
        Store, verbose_name=_("store"), null=True, on_delete=models.CASCADE, related_name="exports"
    )
    turn = models.CharField(max_length=40, editable=False)
    list = models.CharField(_("list"), max_length=40)
    parts = models.JSONField(default=dict, editable=False)
    query = models.TextField(blank=True, editable=False)
    suffix = models.CharField(_("format"), max_length=8, choices=[(name, name) for name in CONTENT_TYPES])
    machine = models.BooleanField(default=False, editable=False)
    language = models.CharField(max_length=12, editable=False)
    zone = models.CharField(max_length=64, editable=False)
    name = models.CharField(_("file"), max_length=255)

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.WAITING)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    rows_total = models.BigIntegerField(_("rows"))
    size = models.BigIntegerField(_("bytes"), default=0)
    error = models.CharField(_("error"), max_length=40, blank=True)
    created_at = InstantField(_("created"))
    started_at = InstantField(_("started"), null=True)
    finished_at = InstantField(_("finished"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes: ClassVar = [
            models.Index(fields=["person", "-id"], name="exports_of_person"),
            models.Index(fields=["state", "id"], name="exports_by_state"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def path(self) -> Path:
        """Where its file lies once it is ready."""
        return Path(settings.EXPORTS_DIR) / f"{self.pk}.{self.suffix}"
