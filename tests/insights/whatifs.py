"""A shop with real orders for the tests of what-if: every figure follows from these rows through the facts."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

from django.core.management import call_command

from metrics.facts.updating import apply_dirty
from metrics.models import Fact
from orders.models import Order
from stores.models import Company, Store
from tests.metrics.making import touch
from tests.metrics.pages import TODAY, make_store_with_facts

DAYS, A_DAY, OPEN = 19, 10, 3
# How many of a day's orders were dispatched late, by day of June 2026.
LATE = {15: 3, 16: 3, 17: 2, 18: 2, 19: 2}
DUE, LATE_IN_ALL = DAYS * A_DAY, sum(LATE.values())


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=UTC)


def make_shop(company: Company, store_no: str = "W1") -> Store:
    """A gold store, governed: 190 orders due on the first 19 days of June, 12 of the last five days late; three due on
    the 21st wait for dispatch."""
    store = make_store_with_facts(company, store_no, late=0, due=0).store
    Fact.objects.filter(store=store).delete()
    Store.objects.filter(pk=store.pk).update(mode=Store.Mode.GOVERNED)
    store.refresh_from_db()
    orders = []
    for day in range(1, DAYS + 1):
        for place in range(A_DAY):
            shipped = at(day, 11 if place < LATE.get(day, 0) else 9)
            orders.append(_order(store, f"{store_no}-{day:02}-{place}", at(day, 10), shipped))
    orders += [_order(store, f"{store_no}-open-{place}", at(21, 9), None) for place in range(OPEN)]
    touch(store, Order.objects.bulk_create(orders))
    apply_dirty()
    return store


def _order(store: Store, number: str, ship_by: datetime, shipped: datetime | None) -> Order:
    paid = ship_by - timedelta(days=3)
    return Order(
        store=store, order_no=number, created_at=paid, paid_at=paid, ship_by_given=ship_by, shipped_at=shipped,
        site="ES", carrier="YANWEN", total_amount=Decimal(10), total_usd=Decimal(10), currency="USD",
    )  # fmt: skip


def late_numbers(store: Store, count: int) -> list[str]:
    """Late orders, the newest first."""
    every = [f"{store.store_no}-{day:02}-{place}" for day in sorted(LATE, reverse=True) for place in range(LATE[day])]
    return every[:count]


def close_today(day: date = TODAY) -> None:
    """Run the night of the last day, which issues notices."""
    call_command("nightly", day=day, stdout=StringIO())
