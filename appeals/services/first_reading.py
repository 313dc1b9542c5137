"""The automatic first reading of a dispute in arbitration: both sides checked, a verdict recommended (DP-19)."""

from datetime import datetime
from decimal import Decimal

from appeals.checks.checking import check_dispute
from appeals.checks.findings import Finding, Severity
from disputes.models import Arbitration, Dispute, DisputeAnswer, DisputeEvidence
from disputes.rules.reading import Sides, read_sides
from disputes.services.evidence import has_evidence_in_time
from evidence.models import EvidenceFile
from evidence.services.examining import examine_file
from orders.models import TrackingEvent
from rulebook.queries import policy_at

Side = DisputeEvidence.Side


def read_arbitrations(*, subjects: set[tuple[str, str]], at: datetime) -> None:
    """Read the waiting arbitrations of disputes, by store and dispute number, that were not read yet."""
    rows = Arbitration.objects.filter(
        ended_at=None, first_reading={}, dispute__dispute_no__in={number for _store, number in subjects}
    ).select_related("dispute__order", "dispute__store__company")
    for arbitration in rows:
        if (arbitration.dispute.store.store_no, arbitration.dispute.dispute_no) in subjects:
            read_arbitration(arbitration=arbitration, at=at)


def read_arbitration(*, arbitration: Arbitration, at: datetime) -> None:
    """Keep what the check finds on both sides and what it recommends; the first reading stays (RL-01)."""
    dispute = arbitration.dispute
    _examine(dispute, at)
    gave = set(DisputeEvidence.objects.filter(dispute=dispute).values_list("side", flat=True))
    sides = [side for side in Side if side == Side.SELLER or side in gave]
    found = {side.value: check_dispute(dispute, side, at) for side in sides}
    reading = read_sides(sides_of(dispute, found[Side.SELLER], at))
    kept = {side: [finding.as_json() for finding in findings] for side, findings in found.items()}
    rows = Arbitration.objects.filter(pk=arbitration.pk, first_reading={})
    rows.update(first_reading={**reading.as_json(), "findings": kept, "at": at.isoformat()})


def sides_of(dispute: Dispute, findings: list[Finding], at: datetime) -> Sides:
    """What a dispute's reading is made from; ``findings``: of the seller's side."""
    evidence = list(DisputeEvidence.objects.filter(dispute=dispute))
    scans = set(TrackingEvent.objects.filter(order=dispute.order_id, at__lte=at).values_list("kind", flat=True))
    answers = DisputeAnswer.objects.filter(dispute=dispute, round=dispute.reopenings, submitted_at__isnull=False)
    offered = answers.values_list("amount_usd", flat=True).first()
    total = dispute.order.total_usd
    return Sides(
        kind=dispute.kind,
        claimed_usd=total if dispute.claimed_usd is None else min(dispute.claimed_usd, total),
        has_evidence=has_evidence_in_time(dispute),
        given=frozenset(one.kind for one in evidence if one.side == Side.SELLER),
        needed=policy_at(at).disputes.needed_evidence.get(dispute.kind, ()),
        contradictions=sum(finding.severity == Severity.HIGH for finding in findings),
        delivered=TrackingEvent.Kind.DELIVERED in scans or dispute.order.delivered_at is not None,
        lost=bool(scans & {TrackingEvent.Kind.LOST, TrackingEvent.Kind.RETURNED}),
        buyer_gave=any(one.side == Side.BUYER for one in evidence),
        offered_usd=offered or Decimal(0),
    )


def _examine(dispute: Dispute, at: datetime) -> None:
    for file in EvidenceFile.objects.filter(dispute_evidence__dispute=dispute, examined_at=None).distinct():
        examine_file(file=file, at=at)
