"""Receipt that the buyer didn't confirm (AF-05)."""

from collections.abc import Sequence
from datetime import datetime

from core.deadlines import on_lapse
from core.events import record_events
from core.models import Deadline
from orders.commands import confirm_receipt
from orders.holds import hold_periods
from orders.models import Order
from orders.rules.clocks import RECEIPT
from orders.rules.holds import KYC, OF_FUNDS
from orders.services.clocks import orders_of
from orders.services.holds import order_event, record_account_hold
from stores.principals import System


@on_lapse(RECEIPT, is_recorded=False)
def confirm_for_the_buyer(deadlines: Sequence[Deadline]) -> None:
    """Confirm receipt as of the deadline, but not of orders that are held (AF-05, AF-10)."""
    due = list(orders_of(deadlines))
    periods = hold_periods([order for _deadline, order in due], max(deadline.due_at for deadline in deadlines))
    for deadline, order in due:
        holding = periods.get(order.pk, {}).items()
        codes = {code for code, some in holding if any(one.lasts_at(deadline.due_at) for one in some)} - OF_FUNDS
        if not codes:
            confirm_receipt(order=order, confirmed_by="system", principal=System(), at=deadline.due_at)
        elif KYC in codes:
            _hold_for_account(order, deadline.due_at)


def _hold_for_account(order: Order, at: datetime) -> None:
    """Keep the order from success until the store has its identity check and its payout account."""
    record_account_hold(order=order, at=at)
    record_events([order_event("order.kyc_blocked", order, at, "AF-10", {})])
