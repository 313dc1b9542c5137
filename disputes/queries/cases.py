"""What the pages of disputes read (DP-01, DP-10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from disputes.models import Dispute
from disputes.rules.windows import AnswerWindow, answer_windows
from orders.models import Order
from rulebook.queries import policies, policy_in


@dataclass(frozen=True)
class DisputeCase:
    """A dispute with its three answer windows."""

    dispute: Dispute
    windows: Sequence[AnswerWindow]


def cases_of(order: Order, at: datetime) -> list[DisputeCase]:
    """The disputes of an order, the latest first."""
    periods = policies()
    cases = []
    for dispute in Dispute.objects.filter(order=order).order_by("-opened_at", "-pk"):
        terms = policy_in(periods, dispute.opened_at).disputes
        spans: list[tuple[str, timedelta, Decimal | None]] = [
            ("golden", timedelta(hours=terms.golden_hours), terms.golden_success),
            ("late", timedelta(hours=terms.late_hours), terms.late_success),
            ("default", timedelta(days=terms.answer_days), None),
        ]
        ended = dispute.responded_at or dispute.closed_at
        cases.append(DisputeCase(dispute, answer_windows(dispute.clock_starts_at, spans, ended, at)))
    return cases
