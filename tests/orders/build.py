"""Orders and related records, with derived columns as after an import."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection, transaction

from orders.deriving import derive_orders
from orders.models import Order, TrackingEvent
from stores.models import Feed, Store
from tests.stores.people import make_store

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_numbers = count(1)


def make_order(store: Store, *, derived: bool = True, **more: Any) -> Order:
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
    if derived:
        derive(order)
    return order


def derive(*orders: Order) -> None:
    """Derive the columns of the orders and read them back."""
    derive_ids([order.pk for order in orders])
    for order in orders:
        order.refresh_from_db()


def derive_ids(ids: list[int]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS to_derive")
        cursor.execute("CREATE TEMPORARY TABLE to_derive (id bigint)")
        cursor.executemany("INSERT INTO to_derive VALUES (%s)", [(pk,) for pk in ids])
        derive_orders(table="to_derive")


def scan(order: Order, at: datetime, kind: str = "transit", **more: Any) -> TrackingEvent:
    return TrackingEvent.objects.create(store_id=order.store_id, order=order, at=at, kind=kind, **more)


def deliver(order: Order, at: datetime, days: int = 3) -> Order:
    """A valid trace that begins some days before the delivery at ``at`` (AF-06): a scan every twelve hours."""
    kinds = ["pickup", *["transit"] * (2 * days - 1), "delivered"]
    for place, kind in enumerate(reversed(kinds)):
        scan(order, at - place * 12 * HOUR, kind)
    derive(order)
    return order


def make_traced_store(number: str = "S1", **more: Any) -> Store:
    """A store whose scans are reported (MX-07)."""
    store = make_store(number, **more)
    Feed.objects.create(store=store, kind=Feed.Kind.TRACKING, known_until=NOW, supplied_at=NOW)
    return store
