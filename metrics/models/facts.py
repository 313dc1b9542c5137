"""Facts and the state rows they are computed from (MX-01, MX-02)."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import DayField, InstantField
from metrics.anchors import Subject, unit
from metrics.counters import COUNTERS, anchors_of
from stores.models import Store


class Fact(models.Model):
    """One row of integer counters per store and day (MX-01); its columns are the names in `metrics.counters`."""

    # Derived rows, written by the hundred thousand: the store they are computed from is there.
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    day = DayField(_("day"))

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "day"], name="one_fact_per_store_and_day")]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day}"


for _counter in COUNTERS:
    _column = models.BigIntegerField if _counter.large else models.IntegerField
    Fact.add_to_class(_counter.name, _column(default=0))


class SiteFact(models.Model):
    """Orders shipped per store, day and destination: the weights of the site factor (DM-31)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    day = DayField(_("day"))
    site = models.CharField(_("site"), max_length=8, blank=True)
    shipped = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("fact by site")
        verbose_name_plural = _("facts by site")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "day", "site"], name="one_sitefact_per_store_day_and_site")
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day} {self.site}"


class StateRow(models.Model):
    """What a subject contributes today: a day column per anchor and a column per amount that is not 1 (MX-02).
    Rows name their subject without a foreign key: they outlive it until its contributions are taken back."""

    store_id = models.BigIntegerField()
    order_id = models.BigIntegerField()

    class Meta:
        abstract = True


def _add_columns(model: Any, subject: Subject) -> None:
    for anchor in anchors_of(subject):
        model.add_to_class(anchor.day_column, models.IntegerField(null=True))
        for counter in anchor.counters:
            if not unit(counter):
                # What one subject adds is a flag or stars, unless it is an amount.
                column = models.BigIntegerField if counter.large else models.SmallIntegerField
                model.add_to_class(counter.name, column(null=True))


class OrderContribution(StateRow):
    """The state row of an order with its shipment and review."""

    order_id = models.BigIntegerField(primary_key=True)
    site = models.CharField(max_length=8, blank=True)

    class Meta:
        verbose_name = _("order contribution")
        verbose_name_plural = _("order contributions")

    def __str__(self) -> str:
        return str(self.order_id)


class WaitContribution(StateRow):
    """The state row of a buyer's wait for an answer."""

    begun_at = InstantField()

    class Meta:
        verbose_name = _("wait contribution")
        verbose_name_plural = _("wait contributions")
        constraints: ClassVar = [models.UniqueConstraint(fields=["order_id", "begun_at"], name="one_wait_per_instant")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.begun_at}"


class DisputeContribution(StateRow):
    """The state row of a dispute."""

    dispute_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name = _("dispute contribution")
        verbose_name_plural = _("dispute contributions")
        indexes: ClassVar = [models.Index(fields=["order_id"], name="dispute_state_by_order")]

    def __str__(self) -> str:
        return str(self.dispute_id)


class ComplaintContribution(models.Model):
    """The state row of a copyright complaint."""

    store_id = models.BigIntegerField()
    complaint_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name = _("complaint contribution")
        verbose_name_plural = _("complaint contributions")

    def __str__(self) -> str:
        return str(self.complaint_id)


_add_columns(OrderContribution, Subject.ORDER)
_add_columns(WaitContribution, Subject.WAIT)
_add_columns(DisputeContribution, Subject.DISPUTE)
_add_columns(ComplaintContribution, Subject.COMPLAINT)


class Problem(models.Model):
    """A subject that fails a counter on a day: the drill-down pages through it by key. ``subject_id`` tells apart
    several failures of one order (a dispute's id, the epoch second a wait began), else it is the order's id."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    counter = models.CharField(max_length=24)
    day = DayField()
    order_id = models.BigIntegerField()
    subject_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("problem order")
        verbose_name_plural = _("problem orders")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["store", "counter", "day", "order_id", "subject_id"], name="problem_once_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.counter} {self.order_id}"


class ReviewMark(models.Model):
    """The buyer's review of a counting order, by listing: what a listing's first review is looked up in (SR-03)."""

    order_id = models.BigIntegerField(primary_key=True)
    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=120)
    reviewed_at = InstantField()

    class Meta:
        verbose_name = _("review mark")
        verbose_name_plural = _("review marks")
        indexes: ClassVar = [models.Index(fields=["store_id", "sku", "reviewed_at"], name="review_by_listing")]

    def __str__(self) -> str:
        return f"{self.sku} {self.reviewed_at}"


class ListingFirstReview(models.Model):
    """When a listing got its first buyer review (SR-03): a fact that spans orders, so a row of its own (MX-02)."""

    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=120)
    reviewed_at = InstantField()

    class Meta:
        verbose_name = _("first review of a listing")
        verbose_name_plural = _("first reviews of listings")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store_id", "sku"], name="one_first_review_per_listing")
        ]

    def __str__(self) -> str:
        return self.sku
