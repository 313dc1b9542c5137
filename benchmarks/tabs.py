"""The order desk of the largest store, measured in this process; see `benchmarks.desk`."""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from benchmarks import ready  # noqa: F401
from dashboard.queries.order_tabs import PARTS, TABS
from orders.models import Order
from orders.queries import EVERY, Filters, Question, Tab, page_of, tab_counts
from orders.queries.counts import Span
from stores.models import Store

TIMES = 7
MIDDLE = 2


def median_ms(work: Callable[[], object]) -> float:
    """The median of several runs after a first one that warms caches."""
    work()
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def rows_of_tabs(store: Store, at: datetime) -> list[list[Any]]:
    """A row for each tab: rows counted, count and first page."""
    rows = []
    for tab in (*TABS, *PARTS):
        count = tab_counts([tab], store, at)[tab.code] if tab.counted else "–"
        counting = f"{median_ms(lambda tab=tab: tab_counts([tab], store, at)):.1f}" if tab.counted else "–"
        page = median_ms(lambda tab=tab: page_of(Question(store, tab, at, descending=tab.descending)))
        rows.append([tab.code, count, counting, f"{page:.1f}"])
    return rows


def rows_of_searches(store: Store, at: datetime) -> list[list[Any]]:
    """A row for each kind of number that people paste."""
    orders = Order.objects.filter(store=store, tracking_no__gt="").order_by("pk")
    some = list(orders.filter(pk__gt=orders.count() // MIDDLE)[:20])
    texts = {
        "an order number": some[0].order_no,
        "a tracking number": some[0].tracking_no,
        "the beginning of a number": some[0].order_no[:-3],
        "20 order numbers": " ".join(order.order_no for order in some),
        "20 tracking numbers": " ".join(order.tracking_no for order in some),
        "nothing there": "NOSUCHNUMBER1",
    }
    rows: list[list[Any]] = []
    for name, text in texts.items():
        question = Question(store, EVERY, at, Filters(number=text))
        rows.append(
            [f"search: {name}", len(page_of(question).rows), "–", f"{median_ms(lambda q=question: page_of(q)):.1f}"]
        )
    return rows


def plan_of(tab: Tab, store: Store, at: datetime) -> str:
    """How the database counts a tab."""
    held = tab.counted_by(store, at)
    if isinstance(held, Span):
        return "a sum of kept numbers"
    counted = held.order_by()
    options = {"analyze": True} if connection.vendor == "postgresql" else {}
    return counted.values("pk").explain(**options)


def main() -> None:
    """Print the table, then the plans if they are asked for."""
    store = Store.objects.annotate(n=Count("orders")).order_by("-n")[0]
    at = timezone.now()
    sys.stdout.write("| what | rows | count, ms | page, ms |\n| --- | --- | --- | --- |\n")
    for row in (*rows_of_tabs(store, at), *rows_of_searches(store, at)):
        sys.stdout.write(f"| {' | '.join(map(str, row))} |\n")
        sys.stdout.flush()
    if "--explain" in sys.argv:
        for tab in (*TABS, *PARTS):
            if tab.counted:
                sys.stdout.write(f"\n{tab.code}\n{plan_of(tab, store, at)}\n")


if __name__ == "__main__":
    main()
