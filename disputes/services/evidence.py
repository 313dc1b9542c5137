"""The evidence of both sides of a dispute (DP-01, DP-07, DP-16)."""

from datetime import datetime

from disputes.models import Dispute, DisputeEvidence
from disputes.rules.liability import gave_evidence
from disputes.services.answering import answer_ends_at, terms_of


def has_evidence_in_time(dispute: Dispute) -> bool:
    """Whether the seller gave evidence of a valid kind before the response clock ended (DP-16)."""
    return gave_evidence(_first_evidence_at(dispute), answer_ends_at(dispute))


def _first_evidence_at(dispute: Dispute) -> datetime | None:
    valid = DisputeEvidence.objects.filter(
        dispute=dispute,
        side=DisputeEvidence.Side.SELLER,
        kind__in=terms_of(dispute).evidence_kinds,
    )
    return valid.order_by("added_at").values_list("added_at", flat=True).first()
