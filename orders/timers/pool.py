"""Into the abnormal pool, and on to a manual re-check (TM-03). The next scan ends the stay: `orders.services.holds`."""

from collections.abc import Sequence

from core.deadlines import on_lapse
from core.events import record_events
from core.models import Deadline
from orders.models import OrderHold
from orders.rules.clocks import FIRST_SCAN, RECHECK, SILENCE
from orders.services.clocks import orders_of
from orders.services.holds import logistics_hold, order_event, record_holds


@on_lapse(FIRST_SCAN, is_recorded=False)
def enter_unscanned(deadlines: Sequence[Deadline]) -> None:
    """Nobody scanned the parcel in time."""
    _enter(deadlines, OrderHold.Reason.UNSCANNED)


@on_lapse(SILENCE, is_recorded=False)
def enter_silent(deadlines: Sequence[Deadline]) -> None:
    """The trace fell silent."""
    _enter(deadlines, OrderHold.Reason.SILENT)


@on_lapse(RECHECK, is_recorded=False)
def ask_for_recheck(deadlines: Sequence[Deadline]) -> None:
    """The trace stayed silent: a person has to ask the carrier."""
    record_events(
        [
            order_event("order.recheck_due", order, deadline.due_at, "TM-03", {})
            for deadline, order in orders_of(deadlines)
        ]
    )


def _enter(deadlines: Sequence[Deadline], reason: str) -> None:
    entering = list(orders_of(deadlines))
    record_holds([logistics_hold(order, reason, deadline.due_at) for deadline, order in entering])
    record_events(
        [
            order_event("order.pool_entered", order, deadline.due_at, "TM-03", {"reason": reason})
            for deadline, order in entering
        ]
    )
