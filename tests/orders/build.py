"""Orders with what hangs on them, settled as an import would leave them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection, transaction

from orders.deriving import derive_orders
from orders.models import Order, TrackingEvent
from stores.models import Store

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_numbers = count(1)


def make_order(store: Store, *, settled: bool = True, **more: Any) -> Order:
    """An order created two days before NOW; everything else as given."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "order_no": f"N{number:06d}",
        "created_at": NOW - 2 * DAY,
        "total_amount": Decimal("20"),
        "currency": "USD",
        "total_usd": Decimal("20"),
        **more,
    }
    order = Order.objects.create(store=store, **values)
    if settled:
        settle(order)
    return order


def settle(*orders: Order) -> None:
    """Derive the columns of the orders and read them back."""
    settle_ids([order.pk for order in orders])
    for order in orders:
        order.refresh_from_db()


def settle_ids(ids: list[int]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS to_settle")
        cursor.execute("CREATE TEMPORARY TABLE to_settle (id bigint)")
        cursor.executemany("INSERT INTO to_settle VALUES (%s)", [(pk,) for pk in ids])
        derive_orders(table="to_settle")


def scan(order: Order, at: datetime, kind: str = "transit", **more: Any) -> TrackingEvent:
    return TrackingEvent.objects.create(store_id=order.store_id, order=order, at=at, kind=kind, **more)
