"""Imports as data: what was imported, how far, what was rejected, what waits (IX-03, IX-04, IX-07)."""

from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from core.leases import LeasedModel
from stores.models import Company, Store


class Import(LeasedModel):
    """One import of a bundle. The row is the truth: whoever holds its lease works on it, and goes on where the last
    one stopped. ``as_of`` is the instant of the export, which decides what is newer (IX-03)."""

    class State(models.TextChoices):
        ASKING = "asking", pgettext_lazy("state of an import", "waits for your answers")
        QUEUED = "queued", pgettext_lazy("state of an import", "waiting its turn")
        RUNNING = "running", pgettext_lazy("state of an import", "running")
        DONE = "done", pgettext_lazy("state of an import", "done")
        FAILED = "failed", pgettext_lazy("state of an import", "failed")
        CANCELLED = "cancelled", pgettext_lazy("state of an import", "cancelled")

    profile = models.CharField(_("profile"), max_length=32, default="canonical")
    name = models.CharField(_("file"), max_length=255)
    path = models.TextField(editable=False)
    is_upload = models.BooleanField(default=False, editable=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    company = models.ForeignKey(
        Company, verbose_name=_("company"), null=True, on_delete=models.CASCADE, related_name="imports"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="imports",
    )
    actor = models.CharField(_("actor"), max_length=254)
    is_operator = models.BooleanField(default=False, editable=False)
    as_of = InstantField(_("as of"))
    zone = models.CharField(_("zone"), max_length=64, blank=True)
    answers = models.JSONField(default=dict, editable=False)
    look = models.JSONField(null=True, editable=False)
    language = models.CharField(max_length=12, blank=True, editable=False)
    # The name of a file that lay in the company's watched folder.
    inbox_name = models.CharField(max_length=255, blank=True, editable=False)
    dry_run = models.BooleanField(_("dry run"), default=False)
    strict = models.BooleanField(_("all or nothing"), default=False)
    is_demo = models.BooleanField(default=False, editable=False)

    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.QUEUED)
    created_at = InstantField(_("created"))
    started_at = InstantField(_("started"), null=True)
    finished_at = InstantField(_("finished"), null=True)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    rows_total = models.BigIntegerField(_("rows"), null=True)
    # Since when, and from which row on, this turn takes rows in: the pace is theirs.
    rows_since = InstantField(null=True, editable=False)
    rows_first = models.BigIntegerField(default=0, editable=False)
    counts = models.JSONField(_("counts"), default=dict)
    remarks = models.JSONField(_("warnings"), default=list)
    feeds = models.JSONField(_("data streams"), default=dict)
    stores = models.JSONField(_("stores"), default=list, editable=False)
    error = models.TextField(_("error"), blank=True)
    cancel_requested = models.BooleanField(default=False, editable=False)
    turn_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes: ClassVar = [
            models.Index(fields=["company", "-id"], name="import_by_company"),
            models.Index(fields=["fingerprint"], name="import_by_content"),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["queued", "running"]),
                name="import_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"

    @property
    def folder(self) -> Path:
        """Where the import's own files live: the unpacked upload, the rows it rejected."""
        return Path(settings.DATA_DIR) / "imports" / str(self.pk)

    @property
    def errors_folder(self) -> Path:
        """Rejected rows, one CSV per file: a bundle that can be corrected and imported again (IX-04)."""
        return self.folder / "errors"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def wants_look(self) -> bool:
        """Whether it waits to be looked at before its person is asked."""
        return self.look == {}

    @property
    def can_be_imported(self) -> bool:
        """Whether it was tried, and its files are still here."""
        is_tried = self.state == self.State.DONE and self.dry_run and self.look is not None
        return is_tried and self.path != "" and Path(self.path).exists()

    @property
    def is_tried_first(self) -> bool:
        """Whether it is tried without touching anything: dry runs end with that, strict ones begin with it."""
        return self.dry_run or self.strict

    def total(self, name: str) -> int:
        """The sum of a count over all files, e.g. ``rejected``."""
        return sum(counts.get(name, 0) for counts in self.counts.values())


class StoreSource(models.Model):
    """What a person said of a store's files in a format that doesn't say it: asked once, then remembered (IX-06b).
    ``stems``: beginnings of names that the store's files had."""

    store = models.ForeignKey(Store, verbose_name=_("store"), on_delete=models.CASCADE, related_name="+")
    profile = models.CharField(_("profile"), max_length=32)
    zone = models.CharField(_("zone"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    date_order = models.CharField(_("first part of dates"), max_length=5, blank=True)
    stems = models.JSONField(default=list, editable=False)
    actor = models.CharField(_("actor"), max_length=254)
    confirmed_at = InstantField(_("confirmed"))

    class Meta:
        verbose_name = _("source of a store")
        verbose_name_plural = _("sources of stores")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "profile"], name="source_per_store")]

    def __str__(self) -> str:
        return f"{self.profile} {self.zone}"


class ImportFile(models.Model):
    """How far an import is in one of its files; advanced in the transaction of each chunk (IX-03)."""

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(_("file"), max_length=64)
    rows_done = models.BigIntegerField(_("rows done"), default=0)
    done = models.BooleanField(_("done"), default=False)
    counts = models.JSONField(_("counts"), default=dict)
    errors_length = models.BigIntegerField(default=0, editable=False)
    latest_at = InstantField(null=True, editable=False)
    pending = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "name"], name="one_position_per_file")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.name}"


class WaitingRow(models.Model):
    """A row whose store or order is not there yet (IX-03). ``data`` holds its columns as values; rows with one key
    merge here as they would in their table, so that it doesn't matter when the parent comes.

    It belongs to ``company`` (RL-19): the store's, else that of the import; none for what operations brought for a
    store that nobody knows. It goes into a store of that company only.
    """

    kind = models.CharField(_("file"), max_length=32)
    store_no = models.CharField(_("store"), max_length=64)
    order_no = models.CharField(_("order"), max_length=64, blank=True)
    key = models.CharField(max_length=64, editable=False)
    data = models.JSONField(default=dict)
    source_at = InstantField(_("as of"))
    company = models.ForeignKey(
        Company, verbose_name=_("company"), null=True, on_delete=models.CASCADE, related_name="waiting_rows"
    )
    job = models.ForeignKey(Import, null=True, on_delete=models.SET_NULL, related_name="waiting_rows")

    class Meta:
        verbose_name = _("waiting row")
        verbose_name_plural = _("waiting rows")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "kind", "store_no", "key"], name="waits_once"),
            models.UniqueConstraint(
                fields=["kind", "store_no", "key"], condition=models.Q(company=None), name="waits_once_for_nobody"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["store_no", "order_no"], name="waiting_by_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.store_no} {self.order_no}"


def empty_counts() -> dict[str, Any]:
    """The counts of one file, all 0."""
    return dict.fromkeys(
        ("new", "changed", "same", "older", "waiting", "refused", "duplicates", "deleted", "emptied"), 0
    )
