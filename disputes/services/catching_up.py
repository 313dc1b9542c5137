"""Brings the clocks of disputes under way in line with their rows: those that an upgrade brought (DM-27)."""

from datetime import datetime

from disputes.models import Dispute
from disputes.services.clocks import derive_dispute_clocks

UNDER_WAY = (Dispute.State.OPEN, Dispute.State.RESPONDED, Dispute.State.ARBITRATION)
AT_ONCE = 1_000


def catch_up_disputes(*, at: datetime) -> int:
    """Derive the clocks and arbitrations of every dispute under way; returns how many there are. Doing so twice changes
    nothing, and nothing is opened whose instant has passed."""
    seen, after = 0, 0
    disputes = Dispute.objects.filter(state__in=UNDER_WAY).order_by("pk").values_list("pk", flat=True)
    while ids := list(disputes.filter(pk__gt=after)[:AT_ONCE]):
        derive_dispute_clocks(dispute_ids=ids, at=at)
        seen, after = seen + len(ids), ids[-1]
    return seen
