"""Arbitration: operations decide what seller and buyer could not settle (DP-19)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import ExactDecimalField, InstantField
from disputes.models.answers import DisputePart
from disputes.models.disputes import Dispute
from stores.claims import ClaimedModel


class Arbitration(DisputePart, ClaimedModel):
    """One arbitration of a dispute, from the escalation to its verdict.

    ``first_reading``: what the automatic first reading recommends and why, as `disputes.rules.reading.Reading` stores
    it. ``liability``, ``outcome_usd`` and ``reason``: the verdict, empty where the dispute ended without one, as a
    withdrawal ends it. ``claimed_by`` works on it until ``claimed_until``; ``version`` rises with every change, so that
    a page tells whether it shows the present state (RL-06)."""

    begun_at = InstantField(_("begun"))
    due_at = InstantField(_("due"))
    is_complex = models.BooleanField(_("complex"), default=False)
    first_reading = models.JSONField(_("first reading"), default=dict)
    liability = models.CharField(_("liability"), max_length=8, choices=Dispute.Liability.choices, blank=True)
    outcome_usd = ExactDecimalField(_("outcome, USD"), places=4, null=True)
    reason = models.TextField(_("reason"), blank=True)
    ended_at = InstantField(_("ended"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    version = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("arbitration")
        verbose_name_plural = _("arbitrations")
        permissions: ClassVar = [
            ("decide_arbitration", _("Can decide disputes in arbitration")),
            ("reassign_arbitration", _("Can hand over disputes in arbitration that others have claimed")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dispute", "round"], name="one_arbitration_per_dispute_and_round")
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], condition=models.Q(ended_at=None), name="arbitration_waiting"),
            models.Index(fields=["ended_at"], name="arbitration_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.round}"


class ArbitrationDraft(models.Model):
    """A verdict that a reviewer has filled in but not sent; it outlives a claim (AP-04)."""

    arbitration = models.ForeignKey(Arbitration, on_delete=models.CASCADE, related_name="drafts", db_index=False)
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    liability = models.CharField(_("liability"), max_length=8, blank=True)
    outcome_usd = ExactDecimalField(_("outcome, USD"), places=4, null=True)
    reason = models.TextField(_("reason"), blank=True)
    saved_at = InstantField(_("saved"))

    class Meta:
        verbose_name = _("draft of a verdict")
        verbose_name_plural = _("drafts of verdicts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["arbitration", "reviewer"], name="one_draft_per_arbitration_and_reviewer")
        ]

    def __str__(self) -> str:
        return f"{self.arbitration_id} {self.reviewer_id}"
