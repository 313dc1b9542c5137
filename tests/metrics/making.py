"""A store with orders for the tests of the night, made row by row."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from core.dirty import mark_orders_dirty
from metrics.models import Fact
from orders.deriving import derive_orders
from orders.models import Order
from stores.models import Company, Feed, Store, StorePeriod

DAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 11, 1, tzinfo=UTC)
PAID = datetime(2026, 3, 7, 2, tzinfo=UTC)


def make_store(store_no: str = "S1") -> Store:
    company, _made = Company.objects.get_or_create(company_no="C", defaults={"name": "C"})
    store = Store.objects.create(company=company, store_no=store_no, name=store_no, primary_category="books")
    StorePeriod.objects.create(
        store=store, effective_from=date(1970, 1, 1), level="basic", primary_category="books", status="active"
    )
    for kind in ("orders", "reviews"):
        Feed.objects.create(store=store, kind=kind, known_until=NOW, supplied_at=NOW)
    return store


def make_orders(store: Store, count: int, *, first: int = 0, shipped_after: timedelta | None = None) -> list[Order]:
    orders = Order.objects.bulk_create(
        Order(
            store=store,
            order_no=f"{store.store_no}-{number}",
            created_at=PAID,
            paid_at=PAID,
            ship_by_given=PAID + timedelta(hours=72),
            shipped_at=None if shipped_after is None else PAID + shipped_after,
            total_amount=Decimal(10),
            currency="USD",
            total_usd=Decimal(10),
        )
        for number in range(first, first + count)
    )
    touch(store, orders)
    return orders


def touch(store: Store, orders: list[Order]) -> None:
    ids = [order.id for order in orders]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE changed (id BIGINT)")
        cursor.executemany("INSERT INTO changed VALUES (%s)", [(order_id,) for order_id in ids])
        derive_orders(table="changed")
        cursor.execute("DROP TABLE changed")
        mark_orders_dirty(order_ids=ids, store_id=store.id)


def facts_of(store: Store) -> dict[date, dict[str, int]]:
    names = ("dispatch_due", "dispatch_late", "shipped", "orders_paid")
    rows = Fact.objects.filter(store=store).order_by("day").values_list("day", *names)
    return {day: {name: count for name, count in zip(names, counts, strict=True) if count} for day, *counts in rows}
