"""Everything that the verdict on a dispute needs to be seen (DP-19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from disputes.models import Arbitration, Dispute, DisputeAnswer, DisputeEvidence
from disputes.queries.guard import guard_of
from disputes.rules.guard import GuardFinding
from disputes.services.evidence import has_evidence_in_time
from orders.models import Message, Review, TrackingEvent
from orders.queries.names import carrier_names, site_names

MOST_SCANS, MOST_MESSAGES = 60, 40


@dataclass(frozen=True, slots=True)
class ArbitrationCase:
    """An arbitration with both sides, in order of time. ``site`` and ``carrier``: the names of the order's;
    ``has_evidence``: the seller gave some in time (DP-16); ``auto_reviewed``: the system reviewed the order before the
    dispute (AF-16); ``earlier``: other disputes and rounds of the order."""

    arbitration: Arbitration
    site: str
    carrier: str
    answer: DisputeAnswer | None
    evidence: Sequence[DisputeEvidence]
    scans: Sequence[TrackingEvent]
    messages: Sequence[Message]
    guard: Sequence[GuardFinding]
    has_evidence: bool
    auto_reviewed: bool
    earlier: Sequence[Dispute]

    @property
    def dispute(self) -> Dispute:
        return self.arbitration.dispute


def arbitration_case(arbitration: Arbitration, at: datetime) -> ArbitrationCase:
    """In a fixed number of queries; the dispute's order and store are loaded."""
    dispute = arbitration.dispute
    order = dispute.order
    answers = DisputeAnswer.objects.filter(dispute=dispute, round=arbitration.round, submitted_at__isnull=False)
    reviewed = Review.objects.filter(order=order, kind=Review.Kind.AUTO, created_at__lte=dispute.opened_at)
    return ArbitrationCase(
        arbitration=arbitration,
        site=site_names(at).get(order.site, order.site),
        carrier=carrier_names().get(order.carrier, order.carrier),
        answer=answers.first(),
        evidence=list(
            DisputeEvidence.objects.filter(dispute=dispute).select_related("file").order_by("-side", "added_at", "pk")
        ),
        scans=list(order.trackingevents.filter(at__lte=at).order_by("-at", "-pk")[:MOST_SCANS]),
        messages=list(order.messages.filter(sent_at__lte=at).order_by("-sent_at", "-pk")[:MOST_MESSAGES]),
        guard=guard_of(order, at),
        has_evidence=has_evidence_in_time(dispute),
        auto_reviewed=reviewed.exists(),
        earlier=list(Dispute.objects.filter(order=order).exclude(pk=dispute.pk).order_by("-opened_at")[:5]),
    )
