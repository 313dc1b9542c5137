"""What seller and buyer hand in about a dispute: the answer, and the evidence of both sides (DP-01, DP-07, DP-10)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import ExactDecimalField, InstantField
from disputes.models.disputes import Dispute
from evidence.models import EvidenceFile
from stores.models import Store


class DisputePart(models.Model):
    """A row that belongs to a dispute. ``round``: 0 from its opening on, then one for each re-opening."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="%(class)ss", db_index=False)
    round = models.PositiveSmallIntegerField(_("re-opening"), default=0)

    class Meta:
        abstract = True


class DisputeAnswer(DisputePart):
    """The seller's side of a dispute (DP-10): what is said to the buyer, in which language, and what is offered.

    A draft until ``submitted_at``. ``actor`` is who wrote it last, as events name them; ``template`` the reply template
    that the text began with."""

    class Plan(models.TextChoices):
        EXPLAIN = "explain", pgettext_lazy("after-sales plan", "explain with the trace")
        RESEND = "resend", pgettext_lazy("after-sales plan", "send again")
        RETURN_REFUND = "return_refund", pgettext_lazy("after-sales plan", "refund after return")
        PARTIAL_REFUND = "partial_refund", pgettext_lazy("after-sales plan", "partial refund")
        FULL_REFUND = "full_refund", pgettext_lazy("after-sales plan", "full refund")

    plan = models.CharField(_("after-sales plan"), max_length=16, choices=Plan.choices, default=Plan.EXPLAIN)
    amount_usd = ExactDecimalField(_("offered, USD"), places=4, null=True)
    text = models.TextField(_("text to the buyer"), blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    template = models.CharField(_("reply template"), max_length=64, blank=True)
    actor = models.CharField(_("written by"), max_length=128)
    saved_at = InstantField(_("saved"))
    submitted_at = InstantField(_("handed in"), null=True)

    class Meta:
        verbose_name = _("answer to a dispute")
        verbose_name_plural = _("answers to disputes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dispute", "round"], name="one_answer_per_dispute_and_round")
        ]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.round}"


class DisputeEvidence(DisputePart):
    """A piece of evidence of one side (DP-01, DP-07): a file, the trace of one of the order's parcels as the data have
    it (``tracking_no``), or words such as a quoted message or the address of a video (``text``).

    ``kind`` is one of policy ``disputes.evidence_kinds`` or ``supporting_kinds``."""

    class Side(models.TextChoices):
        SELLER = "seller", pgettext_lazy("side of a dispute", "seller")
        BUYER = "buyer", pgettext_lazy("side of a dispute", "buyer")

    side = models.CharField(_("side"), max_length=8, choices=Side.choices)
    kind = models.CharField(_("kind of evidence"), max_length=32)
    file = models.ForeignKey(
        EvidenceFile, on_delete=models.PROTECT, null=True, related_name="dispute_evidence", verbose_name=_("file")
    )
    name = models.CharField(_("file name"), max_length=255, blank=True)
    tracking_no = models.CharField(_("tracking number"), max_length=64, blank=True)
    text = models.TextField(_("text"), blank=True)
    actor = models.CharField(_("added by"), max_length=128)
    added_at = InstantField(_("added"))

    class Meta:
        verbose_name = _("evidence in a dispute")
        verbose_name_plural = _("evidence in disputes")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dispute", "side", "file"],
                condition=models.Q(file__isnull=False),
                name="file_once_per_dispute_and_side",
            ),
            models.UniqueConstraint(
                fields=["dispute", "side", "tracking_no"],
                condition=models.Q(tracking_no__gt=""),
                name="trace_once_per_dispute_and_side",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["dispute", "added_at"], name="evidence_of_dispute")]

    def __str__(self) -> str:
        return self.name or self.tracking_no or self.kind
