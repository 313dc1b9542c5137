"""Disputes with what both sides hand in, and their arbitration; copyright complaints (DP-01, DP-07, DP-19, PN-24)."""

from disputes.models.answers import DisputeAnswer, DisputeEvidence
from disputes.models.arbitrations import Arbitration, ArbitrationDraft
from disputes.models.complaints import CopyrightComplaint
from disputes.models.disputes import OPEN_STATES, Dispute

__all__ = [
    "OPEN_STATES",
    "Arbitration",
    "ArbitrationDraft",
    "CopyrightComplaint",
    "Dispute",
    "DisputeAnswer",
    "DisputeEvidence",
]
