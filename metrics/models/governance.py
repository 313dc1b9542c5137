"""What holds a published rating back, and the cases that operations look into (SR-06, PG-20)."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DayField, ExactDecimalField, InstantField
from stores.models import Store

RATING_PLACES = 10


class FreezeQuerySet(models.QuerySet["RatingFreeze"]):
    """Freezes by what they do."""

    def acting(self) -> QuerySet["RatingFreeze"]:
        """Those that hold a rating back; predicted ones don't (DM-11a)."""
        return self.filter(predicted=False)

    def covering(self, day: date) -> QuerySet["RatingFreeze"]:
        """Those in whose interval a rating day lies."""
        return self.filter(Q(end_day=None) | Q(end_day__gte=day), start_day__lte=day)


class RatingFreeze(models.Model):
    """Rating days in which a store's published rating stays at its last value (SR-06): ``start_day`` is the day of the
    anomaly, ``end_day`` the last day held back, empty while it lasts.

    ``causes``: the anomalies in numbers as they were found. ``held``: the rating that stays; empty until there is one.
    ``predicted``: of a mirrored store, where it holds nothing back (DM-11a).
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="rating_freezes", db_index=False)
    start_day = DayField(_("first day"))
    end_day = DayField(_("last day"), null=True)
    predicted = models.BooleanField(_("predicted"), default=False)
    held = ExactDecimalField(_("held rating"), places=RATING_PLACES, null=True)
    causes = models.JSONField(_("causes"), default=list)
    policy_version = models.IntegerField(_("policy version"))
    opened_at = InstantField(_("opened"))
    ended_at = InstantField(_("ended"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("ended by")
    )
    reason = models.TextField(_("reason"), blank=True)

    objects = FreezeQuerySet.as_manager()

    class Meta:
        verbose_name = _("rating freeze")
        verbose_name_plural = _("rating freezes")
        permissions: ClassVar = [("end_ratingfreeze", _("Can end a rating freeze"))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "start_day", "predicted"], name="one_freeze_per_store_and_day"),
            models.UniqueConstraint(
                fields=["store", "predicted"], condition=Q(end_day=None), name="one_open_freeze_per_store"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.start_day}"

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.end_day is None


class RatingAnomalyCase(models.Model):
    """A rating anomaly that a person of operations has to look into (SR-06, PG-20)."""

    class Kind(models.TextChoices):
        RATING_ANOMALY = "rating_anomaly", _("rating anomaly")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a rating anomaly case", "open")
        CLOSED = "closed", pgettext_lazy("state of a rating anomaly case", "closed")

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="rating_anomaly_cases", db_index=False)
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    freeze = models.OneToOneField(
        RatingFreeze, on_delete=models.CASCADE, null=True, related_name="case", verbose_name=_("rating freeze")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    opened_at = InstantField(_("opened"))
    details = models.JSONField(_("details"), default=dict)
    closed_at = InstantField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("closed by")
    )
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("rating anomaly case")
        verbose_name_plural = _("rating anomaly cases")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["store", "kind"], condition=Q(state="open"), name="one_open_case_per_store_and_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.kind}"
