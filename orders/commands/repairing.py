"""What an accepted proof or a proven loss changes about an order (TM-11, TM-03, AF-06)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import pgettext_lazy

from orders.commands.actions import command
from orders.commands.frame import Command, perform
from orders.models import LogisticsClaim, Order, OrderHold, OrderState, TrackingEvent
from orders.queries.logistics import TRACED
from orders.rules.holds import ABNORMAL
from stores.principals import System

RECORD_PICKUP = command(
    "order.pickup_proven",
    pgettext_lazy("action", "record the proven pickup"),
    rule="TM-11",
    by=(System,),
    within=TRACED,
)
RECORD_LOSS = command(
    "order.loss_proven",
    pgettext_lazy("action", "record the proven loss"),
    rule="TM-11",
    by=(System,),
    within=frozenset({OrderState.SHIPPED}),
)


def record_pickup(*, claim: LogisticsClaim, actor: str, at: datetime) -> TrackingEvent | None:
    """Add the pickup that a proof proves, at the stated time; None where the order has ended meanwhile."""
    assert claim.happened_at is not None
    return _record(RECORD_PICKUP, claim, TrackingEvent.Kind.PICKUP, claim.happened_at, actor, at)


def record_loss(*, claim: LogisticsClaim, actor: str, at: datetime) -> TrackingEvent | None:
    """End the trace of a parcel that was proven lost: it leaves the pool, since nothing is to be found out any more."""
    return _record(RECORD_LOSS, claim, TrackingEvent.Kind.LOST, at, actor, at)


def _record(
    what: Command, claim: LogisticsClaim, kind: str, scanned_at: datetime, actor: str, at: datetime
) -> TrackingEvent | None:
    found: list[TrackingEvent] = []

    def add(order: Order) -> Mapping[str, Any]:
        scan, _is_new = TrackingEvent.objects.get_or_create(
            order=order, at=scanned_at, kind=kind, tracking_no=claim.tracking_no, defaults={"store_id": order.store_id}
        )
        found.append(scan)
        _release(order, at)
        return {"tracking_no": claim.tracking_no, "scanned_at": scanned_at.isoformat()}

    perform(what, claim.order, principal=System(actor), at=at, also=add)
    return found[0] if found else None


def _release(order: Order, at: datetime) -> None:
    """End the hold of an order whose trace was not valid at delivery (AF-06); stays in the pool end by the scan."""
    held = OrderHold.objects.filter(order=order, code=ABNORMAL, reason=OrderHold.Reason.INVALID_TRACE, until=None)
    held.update(until=at)
