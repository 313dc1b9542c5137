"""What can be exported (IX-13): for each kind its columns, its rows, and queries where the database can write them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.sql import Composable
from metrics.catalogue import METRICS, problem_counters
from metrics.counters import COUNTERS
from metrics.exports.figures import Row, rating_rows, scorecard_lines, scorecard_rows
from metrics.exports.queries import fact_queries, problem_queries
from metrics.exports.selection import Selection
from metrics.models import Fact, Problem
from orders.models import Order
from stores.models import Store

ROWS_AT_ONCE = 2_000
COUNTER_NAMES = tuple(counter.name for counter in COUNTERS)


@dataclass(frozen=True)
class Export:
    """A kind of export. ``queries``: the same rows as the database writes them to CSV, where it can; ``lines``: the
    same as lines of CSV, pieces of them with the number of their rows, where columns are written so."""

    columns: tuple[str, ...]
    rows: Callable[[Selection], Iterator[Row]]
    queries: Callable[[Selection], Iterator[Composable]] | None = None
    lines: Callable[[Selection], Iterator[tuple[int, str]]] | None = None


def fact_rows(selection: Selection) -> Iterator[Row]:
    """Facts by store and day (MX-01)."""
    for store in selection.stores:
        rows = Fact.objects.filter(store=store, day__gte=selection.first, day__lte=selection.last).order_by("day")
        for day, *counts in rows.values_list("day", *COUNTER_NAMES).iterator(chunk_size=ROWS_AT_ONCE):
            yield (store.store_no, day, *counts)


def problem_rows(selection: Selection) -> Iterator[Row]:
    """The orders that fail a metric's counters, by store, day and order."""
    counters = problem_counters(selection.metric)
    for store in selection.stores:
        rows = Problem.objects.filter(
            store=store, counter__in=counters, day__gte=selection.first, day__lte=selection.last
        ).order_by("day", "order_id", "counter", "subject_id")
        yield from _with_orders(store, selection.metric, rows.iterator(chunk_size=ROWS_AT_ONCE))


def _with_orders(store: Store, metric: str, problems: Iterator[Problem]) -> Iterator[Row]:
    batch: list[Problem] = []
    for problem in problems:
        batch.append(problem)
        if len(batch) == ROWS_AT_ONCE:
            yield from _joined(store, metric, batch)
            batch = []
    yield from _joined(store, metric, batch)


def _joined(store: Store, metric: str, problems: list[Problem]) -> Iterator[Row]:
    orders = Order.objects.in_bulk({problem.order_id for problem in problems})
    for problem in problems:
        order = orders.get(problem.order_id)
        details: Row = ("",) * 6 + (None,) * 6
        if order is not None:
            details = (
                order.order_no, order.sku, order.site, order.carrier, order.tracking_no, order.state,
                order.paid_at, order.ship_by, order.shipped_at, order.estimated_delivery_at, order.delivered_at,
                order.confirmed_at,
            )  # fmt: skip
        yield (store.store_no, metric, problem.counter, problem.day, *details)


EXPORTS: dict[str, Export] = {
    "facts": Export(("store_no", "day", *COUNTER_NAMES), fact_rows, fact_queries),
    "scorecards": Export(
        (
            "store_no", "day", "metric", "numerator", "denominator", "value", "threshold_yellow", "threshold_red",
            "level", "benchmark", "deviation", "policy_version",
        ),
        scorecard_rows,
        lines=scorecard_lines,
    ),
    "ratings": Export(
        (
            "store_no", "day", "rating", "published_rating", "frozen", "tier", "described", "communication", "shipping",
            "dispatch", "delivery", "marks", "reviews", "policy_version",
        ),
        rating_rows,
    ),
    "problem_orders": Export(
        (
            "store_no", "metric", "counter", "day", "order_no", "sku", "site", "carrier", "tracking_no", "state",
            "paid_at", "ship_by", "shipped_at", "estimated_delivery_at", "delivered_at", "confirmed_at",
        ),
        problem_rows,
        problem_queries,
    ),
}  # fmt: skip


def metric_codes_with_problems() -> tuple[str, ...]:
    """The metrics that have problem orders."""
    return tuple(code for code in METRICS if problem_counters(code))
