"""Loading figures: a few queries for any number of stores (performance: pages read at most a few hundred rows)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.db import connection

from core.timebase import day_number, performance_day_end
from metrics.catalogue import METRICS, Kind
from metrics.figures.common import CategoryTraits, Common
from metrics.figures.context import Period, StoreContext
from metrics.figures.store import Figures
from metrics.figures.totals import DayTotals, Series, SeriesTotals
from rulebook.policy import Policy
from rulebook.queries import PolicyPeriod, policies
from stores.models import Category, Feed, Store, StorePeriod

FIRST, SECOND = itemgetter(0), itemgetter(1)


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
    contexts = load_contexts(stores) if contexts is None else contexts
    if not contexts:
        return {}
    periods = contexts[0].common.policies
    codes = with_parts(codes, periods)
    span = (day_number(first) - longest_window(codes, periods) + 1, day_number(last))
    ids = [context.id for context in contexts]
    facts = _facts(ids, *span, counters_of(codes))
    sites = _sites(ids, *span) if needs_sites(codes, periods) else {}
    nothing = Series(*span, (), dict.fromkeys(counters_of(codes), ()))
    nowhere = Series(*span, (), {})
    return {
        context.id: Figures(context, SeriesTotals(facts.get(context.id, nothing), sites.get(context.id, nowhere)))
        for context in contexts
    }


def _facts(ids: Sequence[int], first: int, last: int, counters: Sequence[str]) -> dict[int, Series]:
    """The counters' series of the stores that have facts on the days."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {", ".join(("store_id", "day", *counters))} FROM metrics_fact
            WHERE store_id IN ({_marks(ids)}) AND day BETWEEN %s AND %s ORDER BY store_id, day""",
            [*ids, first, last],
        )
        found = {}
        for store_id, rows in groupby(cursor, FIRST):
            _ids, numbers, *columns = zip(*rows, strict=True)
            found[store_id] = Series(first, last, numbers, dict(zip(counters, columns, strict=True)))
    return found


def _sites(ids: Sequence[int], first: int, last: int) -> dict[int, Series]:
    """Orders shipped by destination, of the stores that shipped any on the days."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT store_id, day, site, shipped FROM metrics_sitefact
            WHERE store_id IN ({_marks(ids)}) AND day BETWEEN %s AND %s ORDER BY store_id, day""",
            [*ids, first, last],
        )
        found = {}
        for store_id, rows in groupby(cursor, FIRST):
            by_day = {number: dict(row[2:] for row in of_day) for number, of_day in groupby(rows, SECOND)}
            sites = sorted({site for shipped in by_day.values() for site in shipped})
            columns = {site: [shipped.get(site, 0) for shipped in by_day.values()] for site in sites}
            found[store_id] = Series(first, last, list(by_day), columns)
    return found


def _marks(ids: Sequence[int]) -> str:
    return ", ".join(["%s"] * len(ids))


def load_day(
    stores: Sequence[Store], day: date, *, codes: Collection[str] = METRICS.keys(), common: Common | None = None
) -> dict[int, Figures]:
    """Figures of the stores for one day only, windows added up by the database; ``common``: what stores loaded before
    share with these."""
    contexts = load_contexts(stores, common)
    if not contexts:
        return {}
    periods = contexts[0].common.policies
    codes = with_parts(codes, periods)
    ids = [context.id for context in contexts]
    sums, sites = _windows(ids, day_number(day), codes, periods), _windows_by_site(ids, day_number(day), codes, periods)
    nothing: dict[int, dict[str, int]] = defaultdict(dict)
    return {
        context.id: Figures(context, DayTotals(day, sums.get(context.id, nothing), sites[context.id]))
        for context in contexts
    }


def _windows(
    ids: Sequence[int], day: int, codes: Collection[str], periods: Sequence[PolicyPeriod]
) -> dict[int, dict[int, dict[str, int]]]:
    """By store and length of window: the sums of the counters over the window up to a day. Stores without facts in the
    longest one are left out."""
    by_length: dict[int, list[str]] = defaultdict(list)
    for days, name in sorted({(days, name) for code in codes for name, days in windows_of(code, periods)}):
        by_length[days].append(name)
    longest = max(by_length, default=0)
    columns = ", ".join(
        # On PostgreSQL sums of 64-bit integers are decimals, which take long to read.
        f"CAST(COALESCE(SUM({name}) FILTER (WHERE day > {day - days}), 0) AS BIGINT)"
        for days, names in by_length.items()
        for name in names
    )
    found: dict[int, dict[int, dict[str, int]]] = {}
    if not columns:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT store_id, {columns} FROM metrics_fact
            WHERE store_id IN ({_marks(ids)}) AND day BETWEEN %s AND %s GROUP BY store_id""",
            [*ids, day - longest + 1, day],
        )
        for row in cursor:
            counts = iter(row)
            store_id = next(counts)
            # Each takes as many counts as it has names.
            found[store_id] = {days: dict(zip(names, counts, strict=False)) for days, names in by_length.items()}
    return found


def _windows_by_site(
    ids: Sequence[int], day: int, codes: Collection[str], periods: Sequence[PolicyPeriod]
) -> dict[int, dict[int, dict[str, int]]]:
    """By store, length of window and destination: orders shipped in the windows of the metrics whose lines depend on
    destinations (DM-31)."""
    found: dict[int, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    scaled = [code for code in codes if needs_sites([code], periods)]
    with connection.cursor() as cursor:
        for days in sorted(_window_days(scaled, periods)):
            cursor.execute(
                f"""SELECT store_id, site, CAST(SUM(shipped) AS BIGINT) FROM metrics_sitefact
                WHERE store_id IN ({_marks(ids)}) AND day BETWEEN %s AND %s GROUP BY store_id, site""",
                [*ids, day - days + 1, day],
            )
            for store_id, site, count in cursor:
                if count:
                    found[store_id][days][site] = count
    return found


def load_common() -> Common:
    """What all stores share: policies and categories."""
    return Common(policies(), load_categories())


def load_contexts(stores: Iterable[Store], common: Common | None = None) -> list[StoreContext]:
    """What is known of stores besides their facts: one query per kind."""
    stores = list(stores)
    ids = [store.id for store in stores]
    periods: dict[int, list[Period]] = defaultdict(list)
    rows = StorePeriod.objects.filter(store_id__in=ids).order_by("store_id", "effective_from")
    for store_id, start, level, category, status in rows.values_list(
        "store_id", "effective_from", "level", "primary_category", "status"
    ):
        periods[store_id].append(Period(start, level, category, status))
    feeds: dict[int, dict[str, datetime]] = defaultdict(dict)
    for store_id, kind, known_until in Feed.objects.filter(store_id__in=ids).values_list(
        "store_id", "kind", "known_until"
    ):
        feeds[store_id][kind] = known_until
    common = common or load_common()
    return [
        StoreContext(
            id=store.id,
            store_no=store.store_no,
            store_type=store.store_type,
            opened_at=store.opened_at,
            periods=periods[store.id] or [Period(date(1970, 1, 1), store.level, store.primary_category, store.status)],
            feeds=feeds[store.id],
            common=common,
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
