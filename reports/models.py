"""Who gets a weekly report, and each week's as a row that is work (RL-02)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DayField, InstantField
from core.leases import LeasedModel
from stores.models import Company


class ReportSubscription(models.Model):
    """That a member of a company gets its weekly report. ``weekday``: 0 is Monday. ``stopped_at``: the person
    unsubscribed."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="report_subscriptions")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="report_subscriptions",
        db_index=False,
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices, default=Weekday.MONDAY)
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    created_at = InstantField(_("created"))
    stopped_at = InstantField(_("unsubscribed"), null=True)

    class Meta:
        verbose_name = _("subscription of a team report")
        verbose_name_plural = _("subscriptions of team reports")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "company"], name="one_report_per_person_and_company")
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.person_id}"


class TeamReport(LeasedModel):
    """The report of a subscription for the week that ends with ``day``: at most one, whatever runs twice."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("state of a report", "waiting")
        SENT = "sent", pgettext_lazy("state of a report", "sent")
        FAILED = "failed", pgettext_lazy("state of a report", "not sent")
        SKIPPED = "skipped", pgettext_lazy("state of a report", "not due any more")

    subscription = models.ForeignKey(
        ReportSubscription, on_delete=models.CASCADE, related_name="reports", db_index=False
    )
    day = DayField(_("day"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.WAITING)
    sent_at = InstantField(_("sent"), null=True)
    error = models.CharField(_("error"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("team report")
        verbose_name_plural = _("team reports")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "day"], name="one_report_per_week_and_subscription")
        ]
        indexes: ClassVar = [models.Index(fields=["id"], condition=models.Q(state="waiting"), name="report_waiting")]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.day}"
