"""What changes how orders count: exclusions and protections (DM-34, BX-01)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from orders.models.orders import Order
from stores.models import Store


class Exclusion(models.Model):
    """A subject that an accepted appeal or a protected event leaves out of one metric (DM-34). Nothing is deleted;
    withdrawing the cause removes the row. ``subject_id`` is the order's id, or the dispute's for disputes; a copyright
    complaint, named by its id, has no order."""

    class Subject(models.TextChoices):
        ORDER = "order", pgettext_lazy("subject", "order")
        REVIEW = "review", pgettext_lazy("subject", "review")
        DISPUTE = "dispute", pgettext_lazy("subject", "dispute")
        COMPLAINT = "complaint", pgettext_lazy("subject", "copyright complaint")

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="exclusions")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="exclusions")
    subject_kind = models.CharField(_("subject"), max_length=12, choices=Subject.choices)
    subject_id = models.BigIntegerField()
    metric = models.CharField(_("metric"), max_length=32)
    cause_no = models.CharField(_("cause"), max_length=64)
    created_at = InstantField(_("created"))

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "metric", "cause_no"], name="exclusion_once_per_cause"
            ),
            models.CheckConstraint(
                condition=models.Q(subject_kind="complaint", order=None)
                | (~models.Q(subject_kind="complaint") & models.Q(order__isnull=False)),
                name="only_complaints_have_no_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} {self.metric}"


class Protection(models.Model):
    """Hours by which a protected event in force extends an order's own deadlines (BX-01, MX-02)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="protections")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="protections")
    event_no = models.CharField(_("protected event"), max_length=64)
    extend_hours = models.PositiveIntegerField(_("extended by, hours"))

    class Meta:
        verbose_name = _("protection")
        verbose_name_plural = _("protections")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "event_no"], name="protection_once_per_event")
        ]

    def __str__(self) -> str:
        return self.event_no
