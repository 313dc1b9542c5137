"""Companies are told what became of their disputes (DP-01, DP-19, PG-19)."""

from collections.abc import Sequence

from core.models import Event
from disputes.models import Arbitration, Dispute
from disputes.services.answering import answer_ends_at
from notifications.models import InboxMessage
from notifications.rules import MessageGroup
from notifications.services.messages import post_messages

REOPENED, CLOSED = "dispute.reopened", "dispute.closed"
TOLD_KINDS = frozenset({"dispute.escalated", CLOSED, "dispute.settled", "dispute.withdrawn", REOPENED})


def tell_disputes(*, events: Sequence[Event]) -> None:
    """Write the messages about disputes that went to arbitration, ended or were re-opened."""
    rows = Dispute.objects.select_related("store__company", "order").filter(
        store__store_no__in={event.store_no for event in events},
        dispute_no__in={event.subject_key for event in events},
    )
    disputes = {(dispute.store.store_no, dispute.dispute_no): dispute for dispute in rows}
    reasons = dict(
        Arbitration.objects.filter(dispute__in=disputes.values()).order_by("round").values_list("dispute", "reason")
    )
    known = [(event, disputes.get((event.store_no, event.subject_key))) for event in events]
    post_messages([_message(event, one, reasons.get(one.pk, "")) for event, one in known if one is not None])


def _message(event: Event, dispute: Dispute, reason: str) -> InboxMessage:
    outcome = dispute.outcome_usd
    return InboxMessage(
        company=dispute.store.company,
        store=dispute.store,
        kind=event.kind,
        group=MessageGroup.DEADLINE if event.kind == REOPENED else MessageGroup.CASE,
        event=f"{event.kind} {dispute.dispute_no} #{event.pk}",
        parameters={
            "number": dispute.dispute_no,
            "order_no": dispute.order.order_no,
            "liability": dispute.liability,
            "outcome_usd": "" if outcome is None else str(outcome),
            "reason": reason if event.kind == CLOSED else "",
            "due_at": answer_ends_at(dispute).isoformat(),
        },
        at=event.at,
    )
