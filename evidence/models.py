"""Files that people hand in as proof (AP-02, AP-03, RL-09)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import InstantField
from stores.models import Company


class EvidenceFile(models.Model):
    """A file of a company, named by the SHA-256 of its content: the same file handed in twice is one row.

    ``facts`` is what the examination found in the content alone; it is empty until ``examined_at``. ``repeated_at``:
    when it was handed in last, if that was not the first time. ``removed_at``: when its content was removed because of
    its age; the row and its hash stay (RL-14)."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        JPEG = "jpeg", "JPEG"

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="evidence_files", db_index=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    kind = models.CharField(_("type"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveIntegerField(_("size, bytes"))
    pages = models.PositiveSmallIntegerField(_("pages"), default=1)
    facts = models.JSONField(_("facts"), default=dict)
    examined_at = InstantField(_("examined"), null=True)
    uploaded_at = InstantField(_("uploaded"))
    repeated_at = InstantField(_("handed in again"), null=True)
    removed_at = InstantField(_("content removed"), null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by")
    )

    class Meta:
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "sha256"], name="evidence_once_per_company")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_pages(self) -> int:
        """The pages that there still are."""
        return 0 if self.removed_at else self.pages
