"""Suspended settlements as a hold on orders (TM-04, PN-42)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from orders.holds import HoldPeriod, Periods, hold
from orders.models import Order, OrderState
from orders.rules.holds import FUNDS_HOLD
from penalties.models import Penalty
from penalties.rules import PenaltyKind


@hold(FUNDS_HOLD, label=_("settlements suspended"))
def suspended_settlements(orders: Sequence[Order], at: datetime) -> Periods:
    """The penalties that suspend a store's settlements, on its delivered orders. Predicted ones hold nothing."""
    del at
    delivered = [one for one in orders if one.state in (OrderState.DELIVERED, OrderState.SUCCESS)]
    rows = Penalty.objects.filter(
        store__in={one.store_id for one in delivered}, kind=PenaltyKind.FUNDS_HOLD, predicted=False
    )
    periods: dict[int, list[HoldPeriod]] = defaultdict(list)
    for row in rows if delivered else ():
        periods[row.store_id].append(HoldPeriod(row.starts_at, row.ended_at or row.ends_at))
    return {one.pk: periods[one.store_id] for one in delivered if one.store_id in periods}
