"""Penalties and penalty points (PN-42, PN-43)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import InstantField
from penalties.rules import Ending, PenaltyKind
from stores.models import Store

KINDS = [
    (PenaltyKind.SEARCH_DEMOTION.value, _("search demotion")),
    (PenaltyKind.PROMOTION_BLOCK.value, _("promotion registration blocked")),
    (PenaltyKind.FLASH_DEALS_BLOCK.value, _("flash deals blocked")),
    (PenaltyKind.FUNDS_HOLD.value, _("settlements suspended")),
    (PenaltyKind.WITHDRAWAL_FREEZE.value, _("withdrawals frozen")),
    (PenaltyKind.NEW_STORE_BLOCK.value, _("no new stores")),
    (PenaltyKind.LISTING_DELISTED.value, _("listing delisted")),
    (PenaltyKind.AD_PREMIUM_CAP.value, _("ad premium capped")),
    (PenaltyKind.COMMISSION_SURCHARGE.value, _("commission surcharge")),
    (PenaltyKind.INSURANCE_SURCHARGE.value, _("insurance surcharge")),
    (PenaltyKind.PENALTY_POINTS.value, _("penalty points")),
    (PenaltyKind.SEARCH_BONUS_SUSPENDED.value, _("search bonus suspended")),
    (PenaltyKind.WARNING.value, _("warning")),
    (PenaltyKind.ACCOUNT_FROZEN.value, _("account frozen")),
    (PenaltyKind.STORE_CLOSED.value, _("store closed")),
]
ENDINGS = [
    (Ending.EXPIRED.value, pgettext_lazy("end of a penalty", "expired")),
    (Ending.MET.value, pgettext_lazy("end of a penalty", "condition met")),
    (Ending.LIFTED.value, pgettext_lazy("end of a penalty", "lifted")),
]


class Penalty(models.Model):
    """A penalty of a store, applied once per cause (PN-42).

    ``source`` and ``cause`` say what for (`penalties.grounds`), ``subject`` is the SKU of a listing or empty.
    ``ends_at``: when it is to end, None for until lifted; ``ended_at``: when it did. ``predicted``: the store mirrors
    another platform, which decides (DM-11a)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="penalties", db_index=False)
    kind = models.CharField(_("kind"), max_length=32, choices=KINDS)
    subject = models.CharField(_("listing"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=24)
    cause = models.CharField(_("cause"), max_length=160)
    rule = models.CharField(_("rule"), max_length=16)
    facts = models.JSONField(_("facts"), default=dict)
    starts_at = InstantField(_("from"))
    ends_at = InstantField(_("until"), null=True)
    ended_at = InstantField(_("ended"), null=True)
    ending = models.CharField(_("end"), max_length=12, choices=ENDINGS, blank=True)
    predicted = models.BooleanField(_("predicted"), default=False)

    class Meta:
        verbose_name = _("penalty")
        verbose_name_plural = _("penalties")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["store", "source", "kind", "subject", "cause"], name="penalty_once_per_cause"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ending="") | models.Q(ended_at__isnull=False) & ~models.Q(ending=""),
                name="penalty_ended_for_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["store", "kind"], condition=models.Q(ended_at=None), name="penalty_in_force"),
            models.Index(fields=["store", "-starts_at"], name="penalty_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"


class PointsEntry(models.Model):
    """Penalty points of a store for one cause (PN-43). ``lifted_at``: they count no more, from the beginning."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="points_entries", db_index=False)
    points = models.PositiveIntegerField(_("points"))
    source = models.CharField(_("source"), max_length=24)
    cause = models.CharField(_("cause"), max_length=160)
    rule = models.CharField(_("rule"), max_length=16)
    facts = models.JSONField(_("facts"), default=dict)
    at = InstantField(_("at"))
    lifted_at = InstantField(_("lifted"), null=True)
    predicted = models.BooleanField(_("predicted"), default=False)

    class Meta:
        verbose_name = _("penalty points")
        verbose_name_plural = _("penalty points")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "source", "cause"], name="points_once_per_cause"),
        ]
        indexes: ClassVar = [models.Index(fields=["store", "at"], name="points_by_time")]

    def __str__(self) -> str:
        return f"{self.points} {self.cause}"
