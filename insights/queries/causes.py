"""What a metric's failures have in common (MX-15): its orders of the window, counted by each of their properties."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from core.sql import SQL, Composable, Identifier, Literal, Parameter, execute, literals, parameters
from core.timebase import day_number, window_start
from insights.rules.causes import Cause, find_causes, groups_of
from metrics.anchors import Subject, unit
from metrics.catalogue import METRICS, problem_counters
from metrics.counters import ANCHOR_OF
from metrics.counters import COUNTERS as ALL_COUNTERS
from metrics.models import DisputeContribution, OrderContribution, Problem, WaitContribution
from metrics.reasons.lookup import drop_reasons, make_reasons
from metrics.scorecards.storeday import StoreDay
from stores.models import Carrier, Category, Listing

DIMENSIONS = ("carrier", "prefix", "site", "category", "listing", "weekday", "source")
TABLES = {
    Subject.ORDER: OrderContribution._meta.db_table,
    Subject.WAIT: WaitContribution._meta.db_table,
    Subject.DISPUTE: DisputeContribution._meta.db_table,
}
ROWS_AT_ONCE = 5_000
# Reasons that are told apart by how late: up to so many days.
LATE_CODES = ("shipped_late", "delivered_late", "answered_late")
LATE_DAYS = (1, 3)
COUNTER_OF = {counter.name: counter for counter in ALL_COUNTERS}


@dataclass(frozen=True, slots=True)
class ReasonShare:
    """How many problems of a window have a reason; ``most_days`` bounds those that are told apart by how late they
    are: at most so many days, None for more than any bound, 0 where lateness is not asked for."""

    counter: str
    code: str
    most_days: int | None
    number: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name as the sources give it, and in English where they do."""

    text: str
    english: str = ""


@dataclass(frozen=True, slots=True)
class Causes:
    """The causes found among the failures of a window, and how many orders and failures there were; ``reasons`` are
    what the problems failed by, most of them first; ``names``: those of carriers, categories and listings, by
    dimension and value."""

    first: date
    last: date
    orders: int
    failures: int
    causes: list[Cause]
    reasons: list[ReasonShare]
    names: Mapping[tuple[str, str], Name]


def causes_of(store_day: StoreDay, code: str) -> Causes:
    """Look for causes among the failures of the metric's window as of a day."""
    day, policy = store_day.day, store_day.terms[code].policy
    first = window_start(day, store_day.terms[code].window_days)
    failing = set(
        Problem.objects.filter(
            store_id=store_day.store.id, counter__in=problem_counters(code), day__gte=first, day__lte=day
        )
        .exclude(order_id=0)
        .values_list("order_id", flat=True)
    )
    orders: Counter[tuple[str, str]] = Counter()
    failures: Counter[tuple[str, str]] = Counter()
    seen = 0
    if failing:
        length = policy.judging.cause_prefix_length
        for order_id, *values in _orders(store_day.store.id, code, first, day, length):
            keys = list(zip(DIMENSIONS, map(str, values), strict=True))
            orders.update(keys)
            seen += 1
            if order_id in failing:
                failures.update(keys)
                failing.discard(order_id)
        for _order_id, *values in _failing_elsewhere(store_day.store.id, sorted(failing), length):
            failures.update(zip(DIMENSIONS, map(str, values), strict=True))
    total = sum(count for (name, _value), count in failures.items() if name == "source")
    judging = policy.judging
    # A value that is not known is no cause: nobody could act on it.
    known = [group for group in groups_of(orders, failures) if group.value]
    found = (
        find_causes(
            known, orders=max(seen, total), failures=total, max_p=judging.cause_max_p, min_share=judging.cause_min_share
        )
        if total
        else []
    )
    reasons = reason_shares(store_day.store.id, code, first, day)
    return Causes(first, day, seen, total, found, reasons, _names(store_day.store.id, found))


def _names(store_id: int, causes: Sequence[Cause]) -> dict[tuple[str, str], Name]:
    def of(dimension: str) -> list[str]:
        return [cause.group.value for cause in causes if cause.group.dimension == dimension]

    carriers = Carrier.objects.filter(code__in=of("carrier"))
    categories = Category.objects.filter(code__in=of("category"))
    listings = Listing.objects.filter(store=store_id, sku__in=of("listing"))
    return {
        **{("carrier", row.code): Name(row.name) for row in carriers},
        **{("category", row.code): Name(row.name, row.name_en) for row in categories},
        **{("listing", row.sku): Name(f"{row.sku} {row.title}".strip()) for row in listings},
    }


def reason_shares(store_id: int, code: str, first: date, last: date) -> list[ReasonShare]:
    """The problems of a metric on the days by their reasons, grouped by the database."""
    counters = problem_counters(code)
    problems = SQL("""SELECT counter, order_id, subject_id FROM metrics_problem
        WHERE store_id = {store} AND counter IN ({counters}) AND day BETWEEN {first} AND {last}""").format(
        store=Parameter(store_id),
        counters=parameters(counters),
        first=Parameter(day_number(first)),
        last=Parameter(day_number(last)),
    )
    with connection.cursor() as cursor:
        make_reasons(cursor, counters, problems)
        execute(cursor, grouped_reasons())
        rows = cursor.fetchall()
        drop_reasons(cursor)
    return [ReasonShare(*row) for row in rows]


def grouped_reasons() -> Composable:
    """How many of the problems that failed there are of each reason."""
    bounds = SQL(" ").join(
        SQL("WHEN r.until - r.since <= {seconds} THEN {days}").format(
            seconds=Literal(days * 86_400), days=Literal(days)
        )
        for days in LATE_DAYS
    )
    return SQL("""SELECT counter, code, late, COUNT(*) FROM (
                SELECT f.counter, COALESCE(r.code, '') AS code,
                    CASE WHEN r.code IN ({late}) THEN CASE {bounds} END ELSE 0 END AS late
                FROM tmp_failing f LEFT JOIN tmp_reason r
                    ON r.order_id = f.order_id AND r.subject_id = f.subject_id AND r.counter = f.counter) failed
            GROUP BY counter, code, late ORDER BY 4 DESC, counter, code, late""").format(
        late=literals(LATE_CODES), bounds=bounds
    )


def _properties(prefix_length: int) -> Composable:
    """The id of an order and its properties, in the order of `DIMENSIONS`."""
    properties = SQL("""o.id, o.carrier, SUBSTR(o.tracking_no, 1, {prefix_length}), o.site,
        COALESCE(NULLIF(o.category, ''), l.category, ''), o.sku,
        CASE WHEN o.paid_at IS NULL THEN '' ELSE CAST(MOD((o.paid_at + 28800) / 86400 + 3, 7) AS TEXT) END, o.source""")
    return properties.format(prefix_length=Literal(prefix_length))


LISTING = SQL("LEFT JOIN stores_listing l ON l.store_id = o.store_id AND l.sku = o.sku AND o.sku <> ''")


def _orders(store_id: int, code: str, first: date, last: date, prefix_length: int) -> Iterator[tuple[object, ...]]:
    """The orders that make the metric's denominator, each once."""
    anchor = ANCHOR_OF[METRICS[code].lower[0]]
    amounts = [Identifier("c", name) for name in METRICS[code].lower if not unit(COUNTER_OF[name])]
    counted = SQL("AND ({amounts}) > 0").format(amounts=SQL(" + ").join(amounts)) if amounts else SQL("")
    yield from _rows(
        SQL("""SELECT DISTINCT {properties} FROM orders_order o
        JOIN {contributions} c ON c.order_id = o.id {listing}
        WHERE o.store_id = {store} AND {day} BETWEEN {first} AND {last} {counted}""").format(
            properties=_properties(prefix_length),
            contributions=Identifier(TABLES[anchor.subject]),
            listing=LISTING,
            store=Parameter(store_id),
            day=Identifier("c", anchor.day_column),
            first=Parameter(day_number(first)),
            last=Parameter(day_number(last)),
            counted=counted,
        )
    )


def _failing_elsewhere(store_id: int, order_ids: list[int], prefix_length: int) -> Iterator[tuple[object, ...]]:
    """Failing orders outside the denominator's window: a defect of an order that was paid before it."""
    for start in range(0, len(order_ids), ROWS_AT_ONCE):
        yield from _rows(
            SQL("""SELECT {properties} FROM orders_order o {listing}
            WHERE o.store_id = {store} AND o.id IN ({ids})""").format(
                properties=_properties(prefix_length),
                listing=LISTING,
                store=Parameter(store_id),
                ids=parameters(order_ids[start : start + ROWS_AT_ONCE]),
            )
        )


def _rows(statement: Composable) -> Iterator[tuple[object, ...]]:
    with connection.cursor() as cursor:
        execute(cursor, statement)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows
