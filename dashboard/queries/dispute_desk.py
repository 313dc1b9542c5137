"""Everything that the desk shows of one dispute (PG-08)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from appeals.checks.checking import check_dispute
from appeals.checks.findings import Finding
from core.models import Deadline
from disputes.models import OPEN_STATES, Arbitration, Dispute, DisputeAnswer, DisputeEvidence
from disputes.queries.cases import windows_of
from disputes.queries.deadlines import ARBITRATION, SETTLEMENT, SUBJECT
from disputes.queries.guard import guard_of
from disputes.rules.guard import GuardFinding
from disputes.rules.windows import AnswerWindow
from disputes.services.evidence import takes_evidence
from orders.models import Message, TrackingEvent
from orders.queries.names import site_names
from orders.queries.parcels import parcels_of
from orders.rules.parcels import Parcel
from stores.actors import names_of_actors
from stores.models import Carrier

MOST_SCANS, MOST_MESSAGES = 6, 5
Side = DisputeEvidence.Side


@dataclass(frozen=True, slots=True)
class Trace:
    """A parcel with its latest scans, the newest first, of ``count`` in all."""

    parcel: Parcel
    carrier: str
    scans: Sequence[TrackingEvent]
    count: int
    delivered: bool


@dataclass(frozen=True, slots=True)
class DisputeDetails:
    """``findings``: the Smart Check of the seller's files; ``waits_until``: the buyer's or operations' clock;
    ``may_add``: the seller may still give evidence."""

    dispute: Dispute
    answer: DisputeAnswer | None
    evidence: Sequence[DisputeEvidence]
    windows: Sequence[AnswerWindow]
    arbitrations: Sequence[Arbitration]
    traces: Sequence[Trace]
    messages: Sequence[Message]
    guard: Sequence[GuardFinding]
    findings: Sequence[Finding]
    waits_until: datetime | None
    site: str
    actors: dict[str, str]
    may_add: bool

    @property
    def own_evidence(self) -> list[DisputeEvidence]:
        """What the seller gave."""
        return [one for one in self.evidence if one.side == Side.SELLER]

    @property
    def buyers_evidence(self) -> list[DisputeEvidence]:
        return [one for one in self.evidence if one.side == Side.BUYER]


def dispute_details(dispute: Dispute, at: datetime) -> DisputeDetails:
    """In a fixed number of queries; ``dispute`` has its order and its store with company loaded."""
    evidence = list(DisputeEvidence.objects.filter(dispute=dispute).select_related("file").order_by("added_at", "pk"))
    answer = DisputeAnswer.objects.filter(dispute=dispute, round=dispute.reopenings).first()
    by = {one.actor for one in evidence} | ({answer.actor} if answer else set())
    return DisputeDetails(
        dispute=dispute,
        answer=answer,
        evidence=evidence,
        windows=windows_of(dispute, at),
        arbitrations=list(Arbitration.objects.filter(dispute=dispute).order_by("round")),
        traces=traces_of(dispute, at),
        messages=list(
            dispute.order.messages.filter(sender="buyer", sent_at__lte=at).order_by("-sent_at")[:MOST_MESSAGES]
        ),
        guard=guard_of(dispute.order, at) if dispute.state in OPEN_STATES else [],
        findings=check_dispute(dispute, Side.SELLER, at) if any(one.file_id for one in evidence) else [],
        waits_until=_waits_until(dispute),
        site=site_names(at).get(dispute.order.site, dispute.order.site),
        actors=names_of_actors(by),
        may_add=takes_evidence(dispute, at),
    )


def _buyers_messages(dispute: Dispute, at: datetime) -> list[Message]:
    """What the buyer wrote last about the order."""
    written = Message.objects.filter(order=dispute.order_id, sender=Message.Sender.BUYER, sent_at__lte=at)
    return list(written.order_by("-sent_at", "-pk")[:MOST_MESSAGES])


def traces_of(dispute: Dispute, at: datetime) -> list[Trace]:
    """The traces of the order's parcels."""
    order = dispute.order
    parcels = parcels_of([order]).get(order.pk, [])
    scans = list(TrackingEvent.objects.filter(order=order, at__lte=at).order_by("-at", "-pk"))
    names = dict(Carrier.objects.filter(code__in={one.carrier for one in parcels}).values_list("code", "name"))
    found = []
    for parcel in parcels:
        named = {parcel.tracking_no, *parcel.former, *([""] if parcel.number == 1 else [])}
        own = [scan for scan in scans if scan.tracking_no in named]
        delivered = any(scan.kind == TrackingEvent.Kind.DELIVERED for scan in own)
        carrier = names.get(parcel.carrier, parcel.carrier)
        found.append(Trace(parcel, carrier, own[:MOST_SCANS], len(own), delivered))
    return found


def _waits_until(dispute: Dispute) -> datetime | None:
    clocks = Deadline.objects.filter(
        store_id=dispute.store_id,
        kind__in=(SETTLEMENT, ARBITRATION),
        subject_kind=SUBJECT,
        subject_key=dispute.dispute_no,
        state=Deadline.State.OPEN,
    )
    return clocks.values_list("due_at", flat=True).first()
