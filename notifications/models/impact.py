"""Impact previews of drafted policies (BX-14)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DayField, InstantField
from core.leases import LeasedModel
from notifications.models.notices import LEVELS
from rulebook.models import PolicyVersion
from stores.models import Store


class ImpactPreview(LeasedModel):
    """What changes of policy parameters would have done to the notices of past days: a job over all stores, and its
    result.

    ``digest`` names base, changes and days, so that the same question is answered once. ``after``: the last store that
    is done. ``figures``: what `notifications.services.previewing` adds up.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of a preview", "waiting")
        DONE = "done", pgettext_lazy("state of a preview", "done")

    digest = models.CharField(max_length=64, unique=True)
    base = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("base"))
    changes = models.JSONField(_("changes"))
    first = DayField(_("first day"))
    last = DayField(_("last day"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    after = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(_("stores done"), default=0)
    total = models.PositiveIntegerField(_("stores"), default=0)
    figures = models.JSONField(_("figures"), default=dict)
    asked_at = InstantField(_("asked"))
    finished_at = InstantField(_("finished"), null=True)
    milliseconds = models.BigIntegerField(_("milliseconds"), default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("impact preview")
        verbose_name_plural = _("impact previews")
        indexes = (models.Index(fields=["state", "asked_at"], name="impactpreview_waiting"),)

    def __str__(self) -> str:
        return str(self.pk)


class ImpactNotice(models.Model):
    """A notice that differs: its day under the base and under the changes, empty where it would not come."""

    preview = models.ForeignKey(ImpactPreview, on_delete=models.CASCADE, related_name="notices", db_index=False)
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(_("category"), max_length=64, blank=True)
    orders = models.BigIntegerField(_("orders a month"))
    metric = models.CharField(_("metric"), max_length=32)
    level = models.CharField(_("level"), max_length=8, choices=LEVELS)
    before = DayField(_("before"), null=True)
    after = DayField(_("after"), null=True)

    class Meta:
        indexes = (models.Index(fields=["preview", "store"], name="impactnotice_by_store"),)

    def __str__(self) -> str:
        return f"{self.preview_id} {self.store_id} {self.metric} {self.level}"
