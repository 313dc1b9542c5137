"""A dispatch that was not confirmed in time (TM-02)."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.events import record_events
from core.models import Deadline
from orders.rules.clocks import DISPATCH
from orders.services.clocks import orders_of
from orders.services.holds import order_event


@on_lapse(DISPATCH, is_recorded=False)
def warn_of_unconfirmed_dispatch(deadlines: Sequence[Deadline]) -> None:
    """Record the warning "not confirmed in time"; the rating counts every third of them (SR-01)."""
    record_events(
        [
            order_event("order.dispatch_unconfirmed", order, deadline.due_at, "TM-02", {})
            for deadline, order in orders_of(deadlines)
        ]
    )
