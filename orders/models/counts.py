"""How many orders of a store are under way in which way: kept by the database, so that pages need not count (PG-06)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models import Store


class OrderCount(models.Model):
    """A number of orders of a store, of a part and a day of it (`orders.queries.counts`). The sum over ``slot`` counts.

    Triggers on the table of orders write these rows, in the transaction of whatever changes an order (migration 0024).
    On PostgreSQL a transaction adds to rows of its own, whose ``slot`` is its number, so two imports of a store neither
    wait for each other nor lose a count; `orders.services.counts.settle_counts` adds them up into slot 0 afterwards.
    SQLite has one writer and only slot 0.
    """

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    part = models.CharField(max_length=12)
    day = models.IntegerField()
    slot = models.BigIntegerField(default=0)
    number = models.BigIntegerField()

    class Meta:
        verbose_name = _("number of orders")
        verbose_name_plural = _("numbers of orders")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "part", "day", "slot"], name="order_count_per_part")
        ]
        indexes: ClassVar = [
            # What transactions have left to be added up.
            models.Index(fields=["id"], condition=models.Q(slot__gt=0), name="order_count_unsettled"),
            models.Index(fields=["id"], condition=models.Q(number=0), name="order_count_of_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.number}"
