"""What can be exported (IX-13): for each kind its columns, its rows, and queries where the database can write them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.sql import Composable
from metrics.catalogue import METRICS, Calendar, problem_counters
from metrics.counters import COUNTERS
from metrics.exports.queries import fact_queries, problem_queries
from metrics.exports.selection import Selection
from metrics.models import Fact, Problem, Published, shown_rating
from metrics.rules.rating import tier_of
from metrics.scorecards.batches import scorecards_between
from metrics.scorecards.results import PLACES, result_data
from orders.models import Order
from rulebook.rules import rounded
from stores.models import Store

Row = tuple[object, ...]
ROWS_AT_ONCE = 2_000
NOT_PUBLISHED: dict[str, dict[str, Any]] = {"dsr": {}}
COUNTER_NAMES = tuple(counter.name for counter in COUNTERS)


@dataclass(frozen=True)
class Export:
    """A kind of export. ``queries``: the same rows as the database writes them to CSV, where it can."""

    columns: tuple[str, ...]
    rows: Callable[[Selection], Iterator[Row]]
    queries: Callable[[Selection], Iterator[Composable]] | None = None


def fact_rows(selection: Selection) -> Iterator[Row]:
    """Facts by store and day (MX-01)."""
    for store in selection.stores:
        rows = Fact.objects.filter(store=store, day__gte=selection.first, day__lte=selection.last).order_by("day")
        for day, *counts in rows.values_list("day", *COUNTER_NAMES).iterator(chunk_size=ROWS_AT_ONCE):
            yield (store.store_no, day, *counts)


def scorecard_rows(selection: Selection) -> Iterator[Row]:
    """Computed scorecards by store, day and metric (MX-08)."""
    for store, day, scorecard in scorecards_between(selection.stores, selection.first, selection.last):
        for code, result in scorecard.items():
            data = result_data(result)
            yield (
                store.store_no,
                day.day,
                code,
                data.get("numerator"),
                data.get("denominator"),
                _number(data.get("value")),
                _number(data.get("yellow")),
                _number(data.get("red")),
                data["level"],
                _number(data.get("benchmark")),
                _number(data.get("deviation")),
                result.policy_version,
            )


def _number(text: str | None) -> Decimal | None:
    """A figure as the number that it is: as text a negative one would be taken for a formula (RL-12)."""
    return None if text is None else Decimal(text)


def rating_rows(selection: Selection) -> Iterator[Row]:
    """The computed and the published rating by store and rating day, with tier and parts (SR-01, SR-05). The tier is
    that of the published rating, of the computed one where nothing was published; ``frozen``: whether the published
    one was held back (SR-06)."""
    codes = ("dsr", "described", "communication", "shipping")
    published = {
        (store_id, day): {"dsr": scorecard.get("dsr", {})}
        for store_id, day, scorecard in Published.objects.filter(
            calendar=Calendar.RATING, day__gte=selection.first, day__lte=selection.last
        ).values_list("store_id", "day", "scorecard")
    }
    for store, day, scorecard in scorecards_between(selection.stores, selection.first, selection.last, codes=codes):
        rating = day.rating
        row = published.get((store.id, day.day), NOT_PUBLISHED)
        shown = shown_rating(row)
        policy = day.policy(Calendar.RATING)
        computed = scorecard["dsr"].value.value
        official = computed if shown is None else Fraction(shown)
        yield (
            store.store_no,
            day.day,
            None if computed is None else rounded(computed, PLACES),
            shown,
            row["dsr"].get("frozen", False),
            None if official is None else tier_of(official, policy).code,
            *(_number(result_data(scorecard[code]).get("value")) for code in codes[1:]),
            *(
                None if part is None else rounded(part, PLACES)
                for part in map(rating.parts.get, ("dispatch", "delivery"))
            ),
            rating.marks,
            rating.counts["described"],
            policy.number,
        )


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
