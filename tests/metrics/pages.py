"""Stores with facts and problem orders for the tests of pages: every figure on a page follows from these rows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from core.timebase import performance_day_end
from metrics.models import Fact, Problem
from orders.models import Order
from stores.models import Company, Feed, Store

NOW = datetime(2026, 6, 20, 6, tzinfo=UTC)
TODAY = date(2026, 6, 19)
ALL_FEEDS = tuple(Feed.Kind.values)


@dataclass(frozen=True)
class Made:
    """A store and its late orders, newest first."""

    store: Store
    late: list[Order]


def make_store_with_facts(
    company: Company,
    store_no: str = "S1",
    *,
    late: int = 14,
    due: int = 226,
    feeds: tuple[str, ...] = ALL_FEEDS,
    known_until: datetime = NOW,
) -> Made:
    """A gold store: ``late`` of ``due`` orders of the 30 days up to `TODAY` dispatched late, the late ones one a day,
    five orders sharing a day; 40 reviews of 4.75 stars on average."""
    store = Store.objects.create(
        company=company, store_no=store_no, name=f"Store {store_no}", level="gold", opened_at=NOW - timedelta(days=900)
    )
    Feed.objects.bulk_create(
        Feed(store=store, kind=kind, known_until=known_until, supplied_at=known_until) for kind in feeds
    )
    orders = Order.objects.bulk_create(_late_order(store, place) for place in range(late))
    problems: list[Problem] = []
    counts: dict[date, int] = {}
    for order in orders:
        assert order.ship_by is not None
        day = (order.ship_by + timedelta(hours=8)).date()
        counts[day] = counts.get(day, 0) + 1
        problems.append(Problem(store=store, counter="dispatch_late", day=day, order_id=order.pk, subject_id=order.pk))
    Problem.objects.bulk_create(problems)
    counts.setdefault(TODAY, 0)
    facts = []
    for day, number in counts.items():
        whole = due - sum(count for other, count in counts.items() if other != TODAY) if day == TODAY else number
        reviews = {"described_n": 40, "described_sum": 190, "communication_n": 40, "communication_sum": 190}
        more = reviews if day == TODAY else {}
        facts.append(Fact(store=store, day=day, dispatch_late=number, dispatch_due=whole, **more))
    Fact.objects.bulk_create(facts)
    return Made(store, orders)


def _late_order(store: Store, place: int) -> Order:
    """The first five orders are due on `TODAY`, the others each a day earlier."""
    due = performance_day_end(TODAY) - timedelta(hours=2, days=max(0, place - 4))
    return Order(
        store=store,
        order_no=f"=N{place:03d}",
        site="ES" if place % 2 else "FR",
        carrier="CAINIAO" if place % 3 else "YANWEN",
        category="toys",
        created_at=due - timedelta(days=3),
        paid_at=due - timedelta(days=3),
        ship_by=due,
        shipped_at=due + timedelta(hours=5),
        total_amount=Decimal("12.50"),
        total_usd=Decimal("12.50"),
        currency="USD",
        state="shipped",
    )
