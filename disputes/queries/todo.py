"""Which disputes wait for the seller's answer, soonest first (PG-03, DP-10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.models import Deadline
from disputes.models import Dispute
from disputes.queries.deadlines import ANSWER
from rulebook.queries import PolicyPeriod, policies, policy_in


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """A dispute to answer: its number and order, what it is about, and which of its clocks (``golden``, ``late`` or
    ``default``) ends next, and when."""

    dispute_no: str
    order_no: str
    kind: str
    claimed_usd: Decimal | None
    due_at: datetime
    clock: str


def answers_due(*, store_id: int, most: int) -> tuple[list[AnswerDue], int]:
    """The ``most`` disputes with the earliest deadlines, and how many wait for an answer in all, with a deadline or
    without: as many as the order list shows."""
    clocks = Deadline.objects.filter(store_id=store_id, kind=ANSWER, state=Deadline.State.OPEN)
    due = dict(clocks.order_by("due_at", "id").values_list("subject_key", "due_at")[:most])
    waiting = Dispute.objects.filter(store=store_id, closed_at=None, state=Dispute.State.OPEN, responded_at=None)
    shown = (
        waiting.filter(dispute_no__in=due)
        .select_related("order")
        .only("dispute_no", "kind", "claimed_usd", "opened_at", "reopened_at", "order", "order__order_no")
    )
    periods = policies()
    found = [_answer(dispute, due[dispute.dispute_no], periods) for dispute in shown]
    found.sort(key=lambda answer: (answer.due_at, answer.dispute_no))
    return found, waiting.count()


def _answer(dispute: Dispute, due_at: datetime, periods: Sequence[PolicyPeriod]) -> AnswerDue:
    terms, span = policy_in(periods, dispute.opened_at).disputes, due_at - dispute.clock_starts_at
    clocks = (("golden", timedelta(hours=terms.golden_hours)), ("late", timedelta(hours=terms.late_hours)))
    clock = next((code for code, longest in clocks if span <= longest), "default")
    return AnswerDue(
        dispute_no=dispute.dispute_no,
        order_no=dispute.order.order_no,
        kind=str(dispute.get_kind_display()),
        claimed_usd=dispute.claimed_usd,
        due_at=due_at,
        clock=clock,
    )
