"""Everything that the page of one order shows (PG-06, TM-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from appeals.queries.appealable import Appealable, appealable_of
from appeals.queries.corrections import OrderProtection, protections_of
from disputes.queries.disputed_orders import DisputesOfOrder, disputes_of
from insights.queries.order_counts import Count, order_counts
from orders.queries.names import site_names
from orders.queries.order import Countdown, Holds, OrderFile, countdowns_of, holds_of, order_file, order_of
from orders.queries.pool import recheck_after
from rulebook.queries import policies
from stores.models import Store


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """``cases``: its disputes; ``clocks``: what runs for the seller; ``recheck``: from which silence a person checks a
    parcel; ``sites``: names by code; ``counts``: where the order counts; ``protections``: the events that protect
    it; ``appealable``: its review and verdicts that can be appealed."""

    file: OrderFile
    cases: DisputesOfOrder
    holds: Holds
    clocks: Sequence[Countdown]
    recheck: timedelta
    sites: dict[str, str]
    counts: Sequence[Count]
    protections: Sequence[OrderProtection]
    appealable: Sequence[Appealable]


def order_details(store: Store, order_no: str, at: datetime) -> OrderDetails:
    """Load an order of the store; Http404 as for a store that isn't there (RL-08)."""
    order = order_of(store, order_no)
    file, cases = order_file(store, order), disputes_of(order)
    return OrderDetails(
        file=file,
        cases=cases,
        holds=holds_of(store, file, at, in_dispute=cases.any_open),
        clocks=countdowns_of(order, at, policies()),
        recheck=recheck_after(at),
        sites=site_names(at),
        counts=order_counts(order, at),
        protections=protections_of([order.pk]).get(order.pk, ()),
        appealable=appealable_of(store, order, file.reviews, cases.disputes, at),
    )
