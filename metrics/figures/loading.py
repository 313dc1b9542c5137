"""Loading figures: a few queries for any number of stores (performance: pages read at most a few hundred rows)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField
from django.db.models.functions import Cast

from metrics.catalogue import METRICS, Kind
from metrics.figures.store import CategoryTraits, Figures, Lines, Period, StoreContext
from metrics.figures.totals import DayTotals, SeriesTotals
from metrics.models import Fact, SiteFact
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policies
from rulebook.timebase import day_number, performance_day_end
from stores.models import Category, Feed, Store, StorePeriod

# The stored number of a day: a page reads thousands, and a date for each would only be turned back.
DAY_NUMBER = Cast("day", BigIntegerField())


def load_figures(
    stores: Sequence[Store],
    first: date,
    last: date,
    *,
    codes: Collection[str] = METRICS.keys(),
    contexts: Sequence[StoreContext] | None = None,
) -> dict[int, Figures]:
    """Figures of the stores for every day from first to last, by store id; ``contexts`` of the same stores where the
    caller has them already."""
    periods = policies()
    codes = with_parts(codes, periods)
    counters = counters_of(codes)
    start = first - timedelta(days=longest_window(codes, periods) - 1)
    ids = [store.id for store in stores]
    facts: dict[int, dict[str, dict[int, int]]] = {store.id: {name: {} for name in counters} for store in stores}
    rows = Fact.objects.filter(store_id__in=ids, day__gte=start, day__lte=last).values_list(
        "store_id", DAY_NUMBER, *counters
    )
    for store_id, number, *counts in rows:
        by_counter = facts[store_id]
        for name, count in zip(counters, counts, strict=True):
            if count:
                by_counter[name][number] = count
    sites: dict[int, dict[str, dict[int, int]]] = {store.id: defaultdict(dict) for store in stores}
    if needs_sites(codes, periods):
        shipped = SiteFact.objects.filter(store_id__in=ids, day__gte=start, day__lte=last)
        for store_id, number, site, count in shipped.values_list("store_id", DAY_NUMBER, "site", "shipped"):
            sites[store_id][site][number] = count
    return {
        context.id: Figures(context, SeriesTotals(start, last, facts[context.id], sites[context.id]))
        for context in (load_contexts(stores) if contexts is None else contexts)
    }


def load_day(stores: Sequence[Store], day: date, *, codes: Collection[str] = METRICS.keys()) -> dict[int, Figures]:
    """Figures of the stores for one day only, windows added up by the database."""
    periods = policies()
    codes = with_parts(codes, periods)
    ids = [store.id for store in stores]
    pairs = sorted({(name, window) for code in codes for name, window in windows_of(code, periods)})
    sums: dict[int, dict[tuple[str, int], int]] = {store_id: {} for store_id in ids}
    sites: dict[int, dict[int, dict[str, int]]] = {store_id: defaultdict(dict) for store_id in ids}
    last, start = day_number(day), day_number(day) - longest_window(codes, periods) + 1
    marks = ", ".join(["%s"] * len(ids))
    columns = ", ".join(f"SUM(CASE WHEN day > {last - window} THEN {name} ELSE 0 END)" for name, window in pairs)
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT store_id, {columns} FROM metrics_fact
            WHERE store_id IN ({marks}) AND day BETWEEN %s AND %s GROUP BY store_id""",
            [*ids, start, last],
        )
        for store_id, *counts in cursor:
            sums[store_id] = dict(zip(pairs, (int(count) for count in counts), strict=True))
        scaled = [code for code in codes if needs_sites([code], periods)]
        for window in sorted({window for code in scaled for _name, window in windows_of(code, periods)}):
            cursor.execute(
                f"""SELECT store_id, site, SUM(shipped) FROM metrics_sitefact
                WHERE store_id IN ({marks}) AND day BETWEEN %s AND %s GROUP BY store_id, site""",
                [*ids, last - window + 1, last],
            )
            for store_id, site, count in cursor:
                if count:
                    sites[store_id][window][site] = int(count)
    return {
        context.id: Figures(context, DayTotals(day, sums[context.id], sites[context.id]))
        for context in load_contexts(stores)
    }


def load_contexts(stores: Iterable[Store]) -> list[StoreContext]:
    """What is known of stores besides their facts: one query per kind."""
    stores = list(stores)
    ids = [store.id for store in stores]
    periods: dict[int, list[Period]] = defaultdict(list)
    for row in StorePeriod.objects.filter(store_id__in=ids).order_by("store_id", "effective_from"):
        periods[row.store_id].append(Period(row.effective_from, row.level, row.primary_category, row.status))
    feeds: dict[int, dict[str, datetime]] = defaultdict(dict)
    for store_id, kind, known_until in Feed.objects.filter(store_id__in=ids).values_list(
        "store_id", "kind", "known_until"
    ):
        feeds[store_id][kind] = known_until
    categories, in_force = load_categories(), policies()
    made_lines: dict[Any, Lines] = {}
    return [
        StoreContext(
            id=store.id,
            store_no=store.store_no,
            store_type=store.store_type,
            opened_at=store.opened_at,
            periods=periods[store.id] or [Period(date(1970, 1, 1), store.level, store.primary_category, store.status)],
            feeds=feeds[store.id],
            categories=categories,
            policies=in_force,
            made_lines=made_lines,
        )
        for store in stores
    ]


def load_categories() -> dict[str, CategoryTraits]:
    """Traits of every category, flags and first-level category resolved along the parents (DM-12)."""
    rows = {row.code: row for row in Category.objects.all()}
    traits = {}
    for code, row in rows.items():
        path = [code]
        while (parent := rows[path[-1]].parent_code) and parent in rows and parent not in path:
            path.append(parent)
        traits[code] = CategoryTraits(row.root_code or path[-1], row.flag_set, tuple(path))
    return traits


def with_parts(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> frozenset[str]:
    """The metrics with the parts of composite scores among them."""
    wanted = set(codes)
    for period in periods:
        if "shs" in codes:
            wanted |= set(period.policy.shs.weights)
        if "sla" in codes:
            wanted |= set(period.policy.sla.weights)
    return frozenset(wanted)


def counters_of(codes: Collection[str]) -> tuple[str, ...]:
    """The counters that the metrics are made of."""
    return tuple(sorted(frozenset().union(*(METRICS[code].counters for code in codes))))


def windows_of(code: str, periods: Sequence[PolicyPeriod]) -> set[tuple[str, int]]:
    """Each counter of a metric with the windows that policies give it."""
    metric = METRICS[code]
    if not metric.counters:
        return set()
    return {(name, window) for name in metric.counters for window in _window_days([code], periods)}


def _window_days(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> set[int]:
    def days(policy: Policy, code: str) -> int:
        return policy.rating.window_days if METRICS[code].kind == Kind.STARS else policy.metrics[code].window_days

    return {days(period.policy, code) for period in periods for code in codes}


def longest_window(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> int:
    """Days of the longest window of the metrics, at least 1."""
    return max(_window_days(codes, periods), default=1)


def needs_sites(codes: Collection[str], periods: Sequence[PolicyPeriod]) -> bool:
    """Whether a metric's lines depend on destinations (DM-31)."""
    return any("site" in period.policy.metrics[code].scaled for period in periods for code in codes)


def known_day(context: StoreContext) -> date | None:
    """The last performance day that every feed of the store covers to its end (MX-07); None without feeds."""
    if not context.feeds:
        return None
    until = min(context.feeds.values())
    day = (until + timedelta(hours=8)).date()
    return day if performance_day_end(day) <= until else day - timedelta(days=1)
