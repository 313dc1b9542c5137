"""Disputes with what both sides hand in, and their arbitration; copyright complaints and the pictures of listings
(DP-01, DP-07, DP-19, PN-24)."""

from disputes.models.answers import DisputeAnswer, DisputeEvidence
from disputes.models.arbitrations import Arbitration, ArbitrationDraft
from disputes.models.complaints import CopyrightComplaint
from disputes.models.disputes import OPEN_STATES, Dispute
from disputes.models.images import ImageBand, ImageFlag, ListingImage

__all__ = [
    "OPEN_STATES",
    "Arbitration",
    "ArbitrationDraft",
    "CopyrightComplaint",
    "Dispute",
    "DisputeAnswer",
    "DisputeEvidence",
    "ImageBand",
    "ImageFlag",
    "ListingImage",
]
