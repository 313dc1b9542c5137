"""Evidence of disputes is kept until policy's days after their end (RL-14)."""

from datetime import datetime

from django.db.models import Q

from disputes.models import DisputeEvidence
from evidence.retention import needs_evidence


def needed_by_disputes(before: datetime) -> Q:
    """Of disputes that are open or ended since."""
    return Q(dispute__closed_at=None) | Q(dispute__closed_at__gte=before)


needs_evidence(DisputeEvidence, needed_by_disputes)
