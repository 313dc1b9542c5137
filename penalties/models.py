"""Penalties and penalty points (PN-42, PN-43)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import DayField, InstantField
from orders.models import RiskCase
from penalties.rules import Ending, PenaltyKind
from stores.claims import ClaimedModel
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
    cause = models.CharField(_("cause"), max_length=200)
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


class PenaltyProposal(ClaimedModel):
    """What one person of operations proposes and another one confirms or refuses (PN-42): a penalty, or the lifting of
    ``penalty`` or of ``entry``.

    ``days``: how long the penalty lasts, None for until lifted; ``points`` of the kind penalty_points. ``reason`` is
    what the seller reads once it is confirmed, ``answer`` what the second person says. ``case``: whose verdict it
    follows from. ``due_at``: until when it is to be answered; it stays open after that."""

    class Action(models.TextChoices):
        APPLY = "apply", pgettext_lazy("proposal", "apply")
        LIFT = "lift", pgettext_lazy("proposal", "lift")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a proposal", "waiting")
        CONFIRMED = "confirmed", pgettext_lazy("state of a proposal", "confirmed")
        REFUSED = "refused", pgettext_lazy("state of a proposal", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("state of a proposal", "withdrawn")

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_index=False)
    action = models.CharField(_("action"), max_length=8, choices=Action.choices)
    kind = models.CharField(_("kind"), max_length=32, choices=KINDS)
    subject = models.CharField(_("listing"), max_length=120, blank=True)
    rule = models.CharField(_("rule"), max_length=16, default="PN-42")
    days = models.PositiveIntegerField(_("days"), null=True)
    points = models.PositiveIntegerField(_("points"), default=0)
    penalty = models.ForeignKey(Penalty, on_delete=models.CASCADE, null=True, related_name="+")
    entry = models.ForeignKey(PointsEntry, on_delete=models.CASCADE, null=True, related_name="+")
    case = models.OneToOneField(RiskCase, on_delete=models.CASCADE, null=True, related_name="proposal")
    reason = models.TextField(_("reason"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = InstantField(_("proposed"))
    due_at = InstantField(_("due"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = InstantField(_("decided"), null=True)
    answer = models.TextField(_("answer"), blank=True)

    class Meta:
        verbose_name = _("proposed penalty")
        verbose_name_plural = _("proposed penalties")
        permissions: ClassVar = [
            ("propose_penalty", _("Can propose penalties and their lifting")),
            ("decide_penaltyproposal", _("Can confirm or refuse what others propose")),
            ("reassign_penaltyproposal", _("Can hand over proposals that others have claimed")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "refused"]) | ~Q(decided_by=F("proposed_by")),
                name="proposal_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=["store", "kind", "subject"],
                condition=Q(state="open", action="apply"),
                name="proposal_open_once_per_kind",
            ),
            models.UniqueConstraint(
                fields=["penalty"], condition=Q(state="open", penalty__isnull=False), name="proposal_open_per_penalty"
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state="open", entry__isnull=False), name="proposal_open_per_entry"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state="open"), name="proposal_open"),
            models.Index(fields=["store", "state"], name="proposal_of_store"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind}"


class LevelDay(models.Model):
    """How bad a published figure was on a day, as far as penalties hang on it (`penalties.figures`): days over a
    threshold, and those after them until what they brought is over.

    ``grade``: 0 within bounds, higher is worse, empty if the result says nothing. ``acts``: published in time (MX-09).
    ``facts``: what was found on the day besides, JSON. A correction restates the days that it reaches (BX-03)."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="level_days", db_index=False)
    figure = models.CharField(_("figure"), max_length=24)
    day = DayField(_("day"))
    grade = models.SmallIntegerField(_("grade"), null=True)
    acts = models.BooleanField(_("published in time"), default=True)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        verbose_name = _("graded day")
        verbose_name_plural = _("graded days")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store", "figure", "day"], name="graded_once_per_store_figure_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.figure} {self.day}"
