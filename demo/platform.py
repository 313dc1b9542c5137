"""What a marketplace publishes beside a store's data: its rates and notices, benchmarks, exchange rates (IX-08)."""

from collections import Counter
from collections.abc import Iterable

from core.timebase import PERFORMANCE_OFFSET_SECONDS, day_number
from demo.bundle import Tables
from demo.draws import DAY, HOUR, YEAR_DAYS, DemoClock, instant_text
from demo.order_planner import Order, currency_rates

FIGURE_DAYS = 60
WINDOW_DAYS = 30

# Imported benchmarks of categories that too few stores of the demo share: metric, value.
_BENCHMARKS = {
    "phones": {"late_dispatch": "0.0210", "dispute_rate": "0.0172", "odr": "0.0068", "delivered": "0.9790"},
    "jewellery": {"late_dispatch": "0.0165", "dispute_rate": "0.0140", "odr": "0.0059", "delivered": "0.9835"},
    "beauty": {"late_dispatch": "0.0190", "dispute_rate": "0.0155", "odr": "0.0061", "delivered": "0.9810"},
}


def add_rates(tables: Tables, clock: DemoClock) -> None:
    """Exchange rates of every day of the year."""
    for days_ago in range(YEAR_DAYS, -1, -1):
        day = clock.day(days_ago)
        for currency, rate in currency_rates(day.toordinal()).items():
            tables.add("fx_rates", (currency, day.isoformat(), f"{rate:.6f}"))


def add_benchmarks(tables: Tables, clock: DemoClock) -> None:
    """Category benchmarks on the first day of each month of the year."""
    for days_ago in range(YEAR_DAYS - 1, -1, -1):
        day = clock.day(days_ago)
        if day.day == 1:
            for category, values in _BENCHMARKS.items():
                for metric, value in values.items():
                    tables.add("benchmarks", (category, day.isoformat(), metric, value))


def add_platform_view(tables: Tables, store_no: str, orders: Iterable[Order], clock: DemoClock) -> None:
    """The platform's published rates of a store for the last 60 days, and three notices.

    Every third week the platform's window ends a day earlier than ours, so that a difference has a reason to show.
    """
    counts = _count(orders, clock.now)
    for days_ago in range(FIGURE_DAYS, 0, -1):
        day = clock.day(days_ago)
        last = day_number(day) - (1 if day.toordinal() // 7 % 3 == 0 else 0)
        for metric, (failures, base) in {
            "late_dispatch": ("late", "due"),
            "dispute_rate": ("disputed", "settled"),
        }.items():
            window = range(last - WINDOW_DAYS + 1, last + 1)
            below = sum(counts[base, number] for number in window)
            if below:
                above = sum(counts[failures, number] for number in window)
                tables.add("platform_figures", (store_no, day.isoformat(), metric, f"{above / below:.4f}"))
    for sequence, (metric, level, days_ago, state) in enumerate(
        (
            ("late_dispatch", "red", 171, "rectified"),
            ("dispute_rate", "red", 158, "rectified"),
            ("odr", "yellow", 117, "cleared"),
        ),
        start=1,
    ):
        day = clock.day(days_ago)
        number = f"AE{day:%Y%m%d}-{sequence:04d}"
        triggered = instant_text(clock.day_start(days_ago) + 2 * HOUR)
        tables.add("platform_notices", (store_no, number, metric, level, triggered, state))


def _count(orders: Iterable[Order], now: int) -> Counter[tuple[str, int]]:
    """Counts by name and performance day; nothing after now."""
    counts: Counter[tuple[str, int]] = Counter()

    def note(name: str, instant: int | None) -> None:
        if instant is not None and instant <= now:
            counts[name, (instant + PERFORMANCE_OFFSET_SECONDS) // DAY] += 1

    for order in orders:
        ends = [instant for instant in (order.cancelled, order.refunded) if instant is not None]
        if order.ship_by is not None and not any(end <= order.ship_by for end in ends):
            note("due", order.ship_by)
            if order.shipped is None or order.shipped > order.ship_by:
                note("late", order.ship_by)
        note("disputed", order.first_dispute)
        settled = [instant for instant in (order.confirmed, order.first_dispute) if instant is not None]
        note("settled", min(settled, default=None))
    return counts
