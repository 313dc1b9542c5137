"""Disputes (DP-01)."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import ExactDecimalField, InstantField
from orders.models import OrderRow


class Dispute(OrderRow):
    """A buyer's dispute about an order (DP-01)."""

    class Kind(models.TextChoices):
        NOT_RECEIVED = "not_received", pgettext_lazy("kind of dispute", "not received")
        NOT_AS_DESCRIBED = "not_as_described", pgettext_lazy("kind of dispute", "not as described")
        QUALITY = "quality", pgettext_lazy("kind of dispute", "quality")
        PLATFORM_CLAIM = "platform_claim", pgettext_lazy("kind of dispute", "platform claim")
        CHARGEBACK = "chargeback", pgettext_lazy("kind of dispute", "chargeback")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a dispute", "open")
        RESPONDED = "responded", pgettext_lazy("state of a dispute", "responded")
        ARBITRATION = "arbitration", pgettext_lazy("state of a dispute", "arbitration")
        CLOSED = "closed", pgettext_lazy("state of a dispute", "closed")
        WITHDRAWN = "withdrawn", pgettext_lazy("state of a dispute", "withdrawn")

    class Liability(models.TextChoices):
        SELLER = "seller", pgettext_lazy("liable party", "seller")
        BUYER = "buyer", pgettext_lazy("liable party", "buyer")
        CARRIER = "carrier", pgettext_lazy("liable party", "carrier")
        NONE = "none", pgettext_lazy("liable party", "none")

    dispute_no = models.CharField(_("dispute number"), max_length=64)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    opened_at = InstantField(_("opened"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    responded_at = InstantField(_("responded"), null=True)
    closed_at = InstantField(_("closed"), null=True)
    liability = models.CharField(_("liability"), max_length=8, choices=Liability.choices, blank=True)
    claimed_usd = ExactDecimalField(_("claimed, USD"), places=4, null=True)
    outcome_usd = ExactDecimalField(_("outcome, USD"), places=4, null=True)
    reopened_at = InstantField(_("re-opened"), null=True)
    # How often the buyer re-opened it: answer and arbitration are numbered by it.
    reopenings = models.PositiveSmallIntegerField(_("re-openings"), default=0)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints: ClassVar = [models.UniqueConstraint(fields=["store", "dispute_no"], name="dispute_no_per_store")]
        indexes: ClassVar = [
            models.Index(
                fields=["store", "opened_at", "id"],
                condition=models.Q(closed_at__isnull=True),
                name="dispute_open",
            ),
            models.Index(
                fields=["store", "-closed_at", "-id"],
                condition=models.Q(closed_at__isnull=False),
                name="dispute_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.dispute_no

    @property
    def clock_starts_at(self) -> datetime:
        """When the windows for the seller's answer begin: the opening, or the last re-opening (DP-10)."""
        return self.reopened_at or self.opened_at

    @property
    def waits_for_answer(self) -> bool:
        """Whether the seller's answer is still outstanding (DP-10)."""
        return self.state == self.State.OPEN and self.responded_at is None and self.closed_at is None


# Those that hold an order (DM-21).
OPEN_STATES = (Dispute.State.OPEN, Dispute.State.RESPONDED, Dispute.State.ARBITRATION)
