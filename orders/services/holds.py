"""Records holds of governed stores' orders and their ends (DM-21, TM-03, AF-06, AF-10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.events import SYSTEM, record_events
from core.models import Event
from orders.models import Order, OrderHold
from orders.queries.holds import ABNORMAL
from orders.rules.clocks import OrderFacts
from orders.rules.pool import PoolPeriod

POOL = (OrderHold.Reason.UNSCANNED, OrderHold.Reason.SILENT)


def record_holds(holds: Sequence[OrderHold]) -> None:
    """Record holds; those that are recorded already, ended or not, stay as they are."""
    OrderHold.objects.bulk_create(holds, batch_size=1000, ignore_conflicts=True)


def end_pool_holds(*, orders: Sequence[Order], facts: Mapping[int, OrderFacts], at: datetime) -> None:
    """End the recorded stays in the abnormal pool that another scan, a delivery or the order's end has ended; the rows
    stay (TM-03)."""
    by_id = {order.pk: order for order in orders}
    lasting = OrderHold.objects.filter(order__in=list(by_id), code=ABNORMAL, reason__in=POOL, until=None)
    ended: list[Event] = []
    for row in lasting.order_by("pk"):
        until = _left_at(row.since, facts[row.order_id].stays, at)
        if until is not None and OrderHold.objects.filter(pk=row.pk, until=None).update(until=until):
            after = {"reason": row.reason, "since": row.since.isoformat(), "until": until.isoformat()}
            ended.append(order_event("order.pool_left", by_id[row.order_id], at, "TM-03", after))
    record_events(ended)


def _left_at(since: datetime, stays: Sequence[PoolPeriod], at: datetime) -> datetime | None:
    """When a recorded stay ended; a scan that became known late may show that there was none."""
    for stay in stays:
        if stay.entered == since:
            return stay.left
    return at


def order_event(kind: str, order: Order, at: datetime, cause: str, after: dict[str, Any]) -> Event:
    """An event of the system about an order, not yet recorded."""
    return Event(
        kind=kind,
        subject_kind="order",
        subject_key=order.order_no,
        store_no=order.store.store_no,
        actor=SYSTEM,
        at=at,
        cause=cause,
        after=after,
    )
