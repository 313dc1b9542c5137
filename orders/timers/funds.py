"""Risk review, release of funds, closing of orders (TM-04, DM-21)."""

from collections.abc import Collection, Iterator, Sequence

from core.deadlines import on_lapse
from core.models import Deadline
from orders.commands import close_order
from orders.commands.funds import hold_funds, release_funds
from orders.holds import hold_periods
from orders.models import Order, Refund
from orders.rules.clocks import CLOSING, FUNDS_RELEASE, FUNDS_REVIEW
from orders.rules.holds import IN_DISPUTE, KYC, RISK_REVIEW
from orders.rules.refunds import OPEN_REFUNDS
from orders.services.clocks import orders_of
from orders.services.holds import record_account_hold
from stores.principals import System

Held = tuple[Deadline, Order, Collection[str]]


@on_lapse(FUNDS_REVIEW, is_recorded=False)
def review_funds(deadlines: Sequence[Deadline]) -> None:
    """The review finds what keeps the funds: it is told now, not on the day of their release."""
    for deadline, order, codes in _with_holds(deadlines):
        if codes:
            hold_funds(order=order, codes=codes, at=deadline.due_at)


@on_lapse(FUNDS_RELEASE, is_recorded=False)
def release_or_hold(deadlines: Sequence[Deadline]) -> None:
    """Release funds that nothing holds; the end of the last hold brings the others here again."""
    for deadline, order, codes in _with_holds(deadlines):
        if not codes:
            release_funds(order=order, at=deadline.due_at)
            continue
        hold_funds(order=order, codes=codes, at=deadline.due_at)
        if KYC in codes:
            # Its end is on record then, and the order goes on (AF-10).
            record_account_hold(order=order, at=deadline.due_at)


@on_lapse(CLOSING, is_recorded=False)
def close_settled(deadlines: Sequence[Deadline]) -> None:
    """Close orders with which all is settled."""
    for deadline, order, codes in _with_holds(deadlines):
        refunding = Refund.objects.filter(order=order, completed_at=None, state__in=OPEN_REFUNDS)
        if IN_DISPUTE not in codes and not refunding.exists():
            close_order(order=order, principal=System(), at=deadline.due_at)


def _with_holds(deadlines: Sequence[Deadline]) -> Iterator[Held]:
    """Each deadline's order and the holds that keep its funds at that instant."""
    due = list(orders_of(deadlines))
    periods = hold_periods([order for _deadline, order in due], max(deadline.due_at for deadline in deadlines))
    for deadline, order in due:
        holding = periods.get(order.pk, {}).items()
        codes = {code for code, some in holding if any(one.lasts_at(deadline.due_at) for one in some)}
        yield deadline, order, codes - {RISK_REVIEW}
