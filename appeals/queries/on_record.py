"""The evidence that needs no file, because the product has it: a reviewer sees it beside the claim (PN-28a, DP-07)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from appeals.queries.suggestions import evidence_on_record
from disputes.models import Dispute
from orders.models import TrackingEvent
from stores.models import Store

FULL_TRACE = "full_trace"
WITHDRAWAL = "withdrawal"


def kinds_on_record(
    *, store: Store, dispute: Dispute | None, order_ids: Sequence[int], at: datetime
) -> Mapping[int, frozenset[str]]:
    """The kinds of evidence that are there, by the orders' ids: of a verdict's dispute those of disputes."""
    if dispute is None:
        return evidence_on_record(store=store, order_ids=order_ids, at=at)
    delivered = TrackingEvent.objects.filter(order__in=order_ids, kind=TrackingEvent.Kind.DELIVERED, at__lte=at)
    kinds = {FULL_TRACE} if delivered.exists() else set()
    if dispute.state == Dispute.State.WITHDRAWN:
        kinds.add(WITHDRAWAL)
    return {order_id: frozenset(kinds) for order_id in order_ids}
