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
    disputes = Dispute.objects.filter(order=order).order_by("-opened_at", "-pk")
    return [DisputeCase(dispute, windows_of(dispute, at)) for dispute in disputes]


def windows_of(dispute: Dispute, at: datetime) -> list[AnswerWindow]:
    """The windows of the seller's answer, since the opening or the last re-opening."""
    terms = policy_in(policies(), dispute.opened_at).disputes
    spans: list[tuple[str, timedelta, Decimal | None]] = [
        ("golden", timedelta(hours=terms.golden_hours), terms.golden_success),
        ("late", timedelta(hours=terms.late_hours), terms.late_success),
        ("default", timedelta(days=terms.answer_days), None),
    ]
    return answer_windows(dispute.clock_starts_at, spans, dispute.responded_at or dispute.closed_at, at)
