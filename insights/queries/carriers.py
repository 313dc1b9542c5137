"""A store's carriers compared with each other and with those of all stores (DP-18).

The counts are those of the metrics: contribution rows whose day lies in the window, joined to their orders for the
carrier. The orders are one range of the index by store and creation; those created more than a window and the longest
wait for an outcome before the window are left out. So a store pays for the orders of about eight months, whatever its
history: a store that took half a million orders in them reads half a million rows of each table, a second or two, which
is why pages load this block by itself. All stores together are counted once a day in the background.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.cache import cache
from django.db import connection

from core.sql import SQL, Composable, Identifier, Literal, Parameter, comma, execute
from core.timebase import day_number, performance_day_end, performance_day_start, to_epoch, window_start
from insights.rules.carriers import NOTHING, Cell, Cells, added, shareable
from metrics.anchors import unit
from metrics.catalogue import METRICS, Calendar
from metrics.counters import ANCHOR_OF, COUNTERS
from metrics.models import OrderContribution
from metrics.scorecards.spans import StoreSpan
from rulebook.policy import Policy
from rulebook.queries import policy_at
from stores.models import Carrier, Feed

COMPARED = ("sla_dispute_rate", "delivered", "delivery_late", "logistics_abnormal", "avg_transit_days")
SHIPPED = "shipped"
NAMES = tuple(sorted({SHIPPED}.union(*(METRICS[code].counters for code in COMPARED))))
COUNTER_OF = {counter.name: counter for counter in COUNTERS}
ROWS_AT_ONCE = 5_000
# The count of all stores is of a day that is over; corrections since then may wait a day.
KEPT_SECONDS = 86_400
CLAIM_SECONDS = 900


@dataclass(frozen=True, slots=True)
class CarrierLine:
    """One carrier's cells by metric; `SHIPPED` holds the orders shipped."""

    code: str
    name: str
    cells: Cells


@dataclass(frozen=True, slots=True)
class CarrierGroup:
    """The official carriers or the others, added up, with each of them, the most used first."""

    official: bool
    cells: Cells
    lines: list[CarrierLine]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Carriers over the window from ``first`` to ``last``."""

    first: date
    last: date
    policy: Policy
    groups: list[CarrierGroup]


def store_carriers(store_span: StoreSpan, day: date, site: str = "") -> Comparison:
    """The carriers of one store as of a day; with a site, on the lane to it alone."""
    policy = store_span.policy(day, Calendar.PERFORMANCE)
    known = {code for code in COMPARED if store_span.has_feeds(METRICS[code])}
    cells = {
        carrier: _cells(counts, known)
        for _store, carrier, counts in _counted(policy, day, store_id=store_span.store.id, site=site)
    }
    return _comparison(policy, day, cells)


def all_carriers(day: date) -> Comparison | None:
    """The carriers of all stores as of a day, as far as no store can be recognised; None until they are counted."""
    kept = cache.get(_key(day))
    if kept is None:
        return None
    policy = policy_at(performance_day_end(day) - timedelta(seconds=1))
    by_carrier = {carrier: {code: Cell(*cell) for code, cell in cells.items()} for carrier, cells in kept.items()}
    return _comparison(policy, day, shareable(by_carrier, policy.judging.benchmark_min_stores))


def claim_count(day: date) -> bool:
    """Whether the caller is to have all stores counted: once, however many pages ask."""
    return bool(cache.add(f"{_key(day)}:claimed", 1, CLAIM_SECONDS))


def count_all_carriers(day: date) -> int:
    """Count the carriers of all stores and keep the sums for the pages; returns the number of carriers."""
    policy = policy_at(performance_day_end(day) - timedelta(seconds=1))
    feeds: dict[int, set[str]] = defaultdict(set)
    for store_id, kind in Feed.objects.values_list("store_id", "kind"):
        feeds[store_id].add(kind)
    total: dict[str, dict[str, Cell]] = {}
    for store_id, carrier, counts in _counted(policy, day):
        known = {code for code in COMPARED if feeds[store_id].issuperset(METRICS[code].feeds)}
        total[carrier] = added([total.get(carrier, {}), _cells(counts, known)])
    kept = {
        carrier: {code: (cell.upper, cell.lower, cell.stores) for code, cell in cells.items()}
        for carrier, cells in total.items()
    }
    cache.set(_key(day), kept, KEPT_SECONDS)
    return len(kept)


def _key(day: date) -> str:
    return f"carriers:{day.isoformat()}"


def _cells(counts: Mapping[str, int], known: set[str]) -> dict[str, Cell]:
    """The cells of one store's carrier; a store contributes where it has something to divide by."""
    cells = {SHIPPED: Cell(counts[SHIPPED], counts[SHIPPED], int(counts[SHIPPED] > 0))}
    for code in COMPARED:
        if code in known:
            upper = sum(counts[name] for name in METRICS[code].upper)
            lower = sum(counts[name] for name in METRICS[code].lower)
            cells[code] = Cell(upper, lower, int(lower > 0))
    return cells


def _comparison(policy: Policy, day: date, by_carrier: Mapping[str, Cells]) -> Comparison:
    carriers = Carrier.objects.in_bulk(list(by_carrier))
    groups = []
    for official in (True, False):
        lines = [
            CarrierLine(code, carriers[code].name if code in carriers else code, cells)
            for code, cells in by_carrier.items()
            if official == (code in carriers and carriers[code].official)
        ]
        lines.sort(key=lambda line: (-line.cells.get(SHIPPED, NOTHING).lower, line.code))
        if lines:
            groups.append(CarrierGroup(official, added(line.cells for line in lines), lines))
    return Comparison(window_start(day, _window(policy)), day, policy, groups)


def _window(policy: Policy) -> int:
    """One window for all of them, that of the service level's dispute rate, so that they speak of the same days."""
    return policy.metrics[COMPARED[0]].window_days


def _counted(
    policy: Policy, day: date, store_id: int | None = None, site: str = ""
) -> Iterator[tuple[int, str, dict[str, int]]]:
    """Store, carrier and the counts of the window, of one store or of all."""
    with connection.cursor() as cursor:
        execute(cursor, counts_by_carrier(policy, day, store_id, site))
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for store, carrier, *counts in rows:
                counted = {name: int(count or 0) for name, count in zip(NAMES, counts, strict=True)}
                if any(counted.values()):
                    yield store, carrier, counted


def counts_by_carrier(policy: Policy, day: date, store_id: int | None, site: str = "") -> Composable:
    """SELECT of the counts of the window by store and carrier, with a site of the orders to it."""
    first = window_start(day, _window(policy))
    reach = performance_day_start(first - timedelta(days=_window(policy) + policy.counting.outcome_days))
    of_store = SQL("o.store_id = {store} AND").format(store=Parameter(store_id)) if store_id is not None else SQL("")
    to_site = SQL("AND o.site = {site}").format(site=Parameter(site)) if site else SQL("")
    return SQL("""SELECT o.store_id, o.carrier, {sums} FROM orders_order o
        JOIN {contributions} c ON c.order_id = o.id
        WHERE {of_store} o.created_at >= {reach} AND o.created_at < {end} AND o.carrier <> '' {to_site}
        GROUP BY o.store_id, o.carrier""").format(
        sums=comma(_sum(name, first, day) for name in NAMES),
        contributions=Identifier(OrderContribution._meta.db_table),
        of_store=of_store,
        to_site=to_site,
        reach=Parameter(to_epoch(reach)),
        end=Parameter(to_epoch(performance_day_end(day))),
    )


def _sum(name: str, first: date, last: date) -> Composable:
    amount = SQL("1") if unit(COUNTER_OF[name]) else SQL("COALESCE({counter}, 0)").format(counter=Identifier("c", name))
    return SQL("SUM(CASE WHEN {day} BETWEEN {first} AND {last} THEN {amount} ELSE 0 END)").format(
        day=Identifier("c", ANCHOR_OF[name].day_column),
        first=Literal(day_number(first)),
        last=Literal(day_number(last)),
        amount=amount,
    )
