"""What sources supply beside raw facts: benchmarks, and the platform's own figures and notices (MX-11, IX-08)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import DayField, ExactDecimalField, InstantField
from stores.models import Store


class ImportedBenchmark(models.Model):
    """A category's value that a source supplied; it wins over ours (MX-11)."""

    category = models.CharField(_("category"), max_length=64)
    day = DayField(_("day"))
    metric = models.CharField(_("metric"), max_length=32)
    value = ExactDecimalField(_("value"), places=10)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("imported benchmark")
        verbose_name_plural = _("imported benchmarks")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["category", "metric", "day"], name="one_benchmark_per_category_metric_day")
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.metric} {self.day}"


class PlatformFigure(models.Model):
    """The platform's own figure of a mirrored store (IX-08)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="platform_figures", db_index=False)
    day = DayField(_("day"))
    metric = models.CharField(_("metric"), max_length=32)
    value = ExactDecimalField(_("value"), places=10)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("platform figure")
        verbose_name_plural = _("platform figures")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "metric", "day"], name="one_platform_figure_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.day}"


class PlatformNotice(models.Model):
    """A notice that the platform itself issued to a mirrored store (IX-08)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="platform_notices", db_index=False)
    number = models.CharField(_("number"), max_length=64)
    metric = models.CharField(_("metric"), max_length=32)
    level = models.CharField(_("level"), max_length=16)
    triggered_at = InstantField(_("triggered"))
    state = models.CharField(_("state"), max_length=32, blank=True)
    source_at = InstantField(null=True, editable=False)

    class Meta:
        verbose_name = _("platform notice")
        verbose_name_plural = _("platform notices")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "number"], name="platform_notice_once_per_store")
        ]

    def __str__(self) -> str:
        return self.number
