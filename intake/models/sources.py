"""What each way into a store last did (PN-20): one row per store, kind and name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from stores.models import Store

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Reasons that code gives by key, so that every reader sees them in their language.
FAILURES: dict[str, "StrPromise"] = {
    "unreachable": _("the other side could not be reached"),
    "timeout": _("the other side did not answer in time"),
    "refused": _("the other side refused the credentials: connect the store again"),
    "throttled": _("the other side asked to wait"),
    "unreadable": _("what came could not be read"),
    "rejected": _("all rows were rejected"),
    "internal": _("an error of this installation: tell whoever runs it"),
}


class Source(models.Model):
    """A way into a store: people's uploads, commands, a program, a connection, a watched folder. ``name`` tells several
    of one kind apart and may be empty.

    ``pauses`` are the longest pauses, in seconds, of the last days on which it spoke, by which its usual interval is
    learned; ``day_at`` and ``day_pause`` are of the day at hand. ``due_at``: the instant of its open deadline;
    ``silent_since``: the last success before a silence that was noticed.
    """

    class Kind(models.TextChoices):
        UPLOAD = "upload", pgettext_lazy("source", "Upload")
        COMMAND = "command", pgettext_lazy("source", "Command line")
        API = "api", pgettext_lazy("source", "API")
        CONNECTOR = "connector", pgettext_lazy("source", "Connection")
        WATCH_FOLDER = "watch_folder", pgettext_lazy("source", "Watched folder")

    store = models.ForeignKey(Store, verbose_name=_("store"), on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=120, blank=True)
    last_attempt_at = InstantField(_("last attempt"))
    last_success_at = InstantField(_("last success"), null=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    newest_at = InstantField(_("newest fact"), null=True)
    counts = models.JSONField(_("rows of the last run"), default=dict)
    set_seconds = models.PositiveIntegerField(_("expected interval"), null=True, blank=True)
    pauses = models.JSONField(default=list, editable=False)
    day_at = InstantField(null=True, editable=False)
    day_pause = models.PositiveBigIntegerField(default=0, editable=False)
    due_at = InstantField(null=True, editable=False)
    silent_since = InstantField(_("silent since"), null=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "kind", "name"], name="one_source_per_way_into_a_store")
        ]
        indexes: ClassVar = [
            models.Index(fields=["store"], condition=models.Q(silent_since__isnull=False), name="source_silent")
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.kind} {self.name}"

    @property
    def error_text(self) -> str:
        """The last error in the reader's language, as far as code gave it by key."""
        known: Mapping[str, str | Promise] = FAILURES
        return str(known.get(self.last_error, self.last_error))

    def total(self, verdict: str) -> int:
        """Rows of the last run with this verdict."""
        counts: Mapping[str, Any] = self.counts
        return int(counts.get(verdict, 0))
