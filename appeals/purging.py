"""Evidence of appeals is kept until policy's days after their end (RL-14)."""

from datetime import datetime

from django.db.models import Q

from appeals.models import AppealFile
from appeals.rules import OPEN_STATES
from evidence.retention import needs_evidence


def needed_by_appeals(before: datetime) -> Q:
    """Of appeals that are open or ended since; those that ended without a decision count from their beginning."""
    undecided = Q(appeal__decided_at=None, appeal__created_at__gte=before)
    return Q(appeal__state__in=OPEN_STATES) | Q(appeal__decided_at__gte=before) | undecided


needs_evidence(AppealFile, needed_by_appeals)
