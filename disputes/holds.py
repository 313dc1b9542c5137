"""The hold that disputes put on orders (DM-21, AF-04)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from disputes.models import OPEN_STATES, Dispute
from orders.holds import HoldPeriod, Periods, hold
from orders.models import Order
from orders.rules.holds import IN_DISPUTE


@hold(IN_DISPUTE, label=_("in dispute"))
def in_dispute(orders: Sequence[Order], at: datetime) -> Periods:
    """From the opening of a dispute to its closing; one that its source calls open lasts whatever else it says."""
    periods: dict[int, list[HoldPeriod]] = {}
    for dispute in Dispute.objects.filter(order__in=orders).order_by("opened_at"):
        until = None if dispute.state in OPEN_STATES else dispute.closed_at or dispute.opened_at
        periods.setdefault(dispute.order_id, []).append(HoldPeriod(dispute.opened_at, until, dispute.dispute_no))
    return periods
