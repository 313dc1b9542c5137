"""Records holds of governed stores' orders and their ends (DM-21, TM-03, AF-06, AF-10)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.events import SYSTEM, record_events
from core.models import Event
from orders.models import Order, OrderHold, OrderState
from orders.queries.holds import reason_of
from orders.queries.traced import Traced
from orders.rules.holds import ABNORMAL, KYC
from orders.rules.pool import PoolPeriod, in_pool

Reason = OrderHold.Reason


def record_holds(holds: Sequence[OrderHold]) -> None:
    """Record holds; those that are recorded already, ended or not, stay as they are."""
    OrderHold.objects.bulk_create(holds, batch_size=1000, ignore_conflicts=True)


def derive_logistics_holds(*, orders: Sequence[Order], traced: Mapping[int, Traced], at: datetime) -> None:
    """Bring the recorded holds by logistics in line with the traces: stays in the abnormal pool, which another scan, a
    delivery or the order's end ends (TM-03), and traces that were not valid at delivery, until they are, or receipt is
    confirmed (AF-06). A hold that somebody ended stays ended; all rows stay."""
    by_id = {order.pk: order for order in orders}
    rows = OrderHold.objects.filter(order__in=list(by_id), code=ABNORMAL, until=None).order_by("pk")
    ended = [_end(row, by_id[row.order_id], traced[row.order_id], at) for row in rows]
    record_events([event for event in ended if event is not None])
    record_holds([hold for order in orders for hold in _present(order, traced[order.pk], at)])


def _present(order: Order, traced: Traced, at: datetime) -> Iterable[OrderHold]:
    stay = in_pool(traced.stays, at) if order.state == OrderState.SHIPPED else None
    if stay is not None:
        yield logistics_hold(order, reason_of(stay), stay.entered)
    if order.state == OrderState.DELIVERED and order.delivered_at is not None and not traced.is_valid:
        yield logistics_hold(order, Reason.INVALID_TRACE, order.delivered_at)


def logistics_hold(order: Order, reason: str, since: datetime) -> OrderHold:
    """A hold by logistics, not yet recorded."""
    return OrderHold(store_id=order.store_id, order=order, code=ABNORMAL, reason=reason, since=since)


def _end(row: OrderHold, order: Order, traced: Traced, at: datetime) -> Event | None:
    """End a recorded hold that is over; the event of it, for stays in the pool."""
    if row.reason == Reason.INVALID_TRACE:
        until = _repaired_at(row, order, traced, at)
    else:
        until = _left_at(row.since, traced.stays, at)
    if until is None or OrderHold.objects.filter(pk=row.pk, until=None).update(until=until) != 1:
        return None
    if row.reason == Reason.INVALID_TRACE:
        return None
    after: dict[str, Any] = {"reason": row.reason, "since": row.since.isoformat(), "until": until.isoformat()}
    if not any(stay.entered == row.since for stay in traced.stays):
        after["disproved"] = True
    return order_event("order.pool_left", order, at, "TM-03", after)


def _left_at(since: datetime, stays: Sequence[PoolPeriod], at: datetime) -> datetime | None:
    """When a recorded stay ended; a scan that became known late may show that there was none."""
    same = [stay for stay in stays if stay.entered == since]
    if not same:
        return at
    return None if any(stay.left is None for stay in same) else max(stay.left for stay in same if stay.left is not None)


def _repaired_at(row: OrderHold, order: Order, traced: Traced, at: datetime) -> datetime | None:
    if order.confirmed_at is not None:
        return order.confirmed_at
    lasts = order.state == OrderState.DELIVERED and order.delivered_at == row.since and not traced.is_valid
    return None if lasts else at


def record_account_hold(*, order: Order, at: datetime) -> None:
    """Record that an order is held for a missing identity check or payout account, unless it is already (AF-10)."""
    if not OrderHold.objects.filter(order=order, code=KYC, until=None).exists():
        record_holds([OrderHold(store_id=order.store_id, order=order, code=KYC, since=at)])


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
