"""What lists and pages of orders say of disputes (PG-06, DM-21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disputes.models import OPEN_STATES, Dispute
from disputes.queries.deadlines import answer_deadlines
from orders.models import Order


@dataclass(frozen=True)
class ListedDisputes:
    """The disputes of a page of orders: ids of the orders in dispute, and due instants of answers by dispute number."""

    order_ids: frozenset[int]
    answers_due: dict[str, datetime]


def disputes_among(orders: Sequence[Any]) -> ListedDisputes:
    """For orders of one store; a tab of disputes names each one's as ``dispute_no``."""
    ids = [order.pk for order in orders]
    disputed = Dispute.objects.filter(order__in=ids, state__in=OPEN_STATES).values_list("order_id", flat=True)
    numbers = [order.dispute_no for order in orders if hasattr(order, "dispute_no")]
    due = answer_deadlines(orders[0].store_id, numbers) if numbers else {}
    return ListedDisputes(frozenset(disputed), due)


@dataclass(frozen=True)
class DisputesOfOrder:
    """An order's disputes in order of time, and when their answers are due, by number."""

    disputes: Sequence[Dispute]
    answers_due: dict[str, datetime]

    @property
    def any_open(self) -> bool:
        """Whether the order is held by one (DM-21)."""
        return any(dispute.state in OPEN_STATES for dispute in self.disputes)

    @property
    def waiting(self) -> list[Dispute]:
        """Those that wait for the seller's answer."""
        return [dispute for dispute in self.disputes if dispute.waits_for_answer]


def disputes_of(order: Order) -> DisputesOfOrder:
    disputes = list(Dispute.objects.filter(order=order).order_by("opened_at", "pk"))
    due = answer_deadlines(order.store_id, [dispute.dispute_no for dispute in disputes]) if disputes else {}
    return DisputesOfOrder(disputes, due)
