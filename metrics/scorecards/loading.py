"""From facts to window sums: a few queries for any number of stores, set-based (performance: pages read at most a few
hundred rows)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.db import connection

from core.sql import SQL, Composable, Identifier, Literal, Parameter, columns, comma, execute, parameters
from core.timebase import day_number
from metrics.catalogue import METRICS
from metrics.scorecards.spans import StoreSpan
from metrics.scorecards.store_profiles import StoreProfile, load_profiles
from metrics.scorecards.storeday import StoreDay
from metrics.scorecards.sums import DaySums, PrefixSums, SpanSums
from metrics.scorecards.terms import SharedTerms
from metrics.scorecards.windows import (
    counters_by_window,
    counters_of,
    longest_window,
    scaled_by_site,
    windows_of,
    with_parts,
)
from stores.models import Store

FIRST, SECOND = itemgetter(0), itemgetter(1)


def load_spans(
    stores: Sequence[Store],
    first: date,
    last: date,
    *,
    codes: Collection[str] = METRICS.keys(),
    profiles: Sequence[StoreProfile] | None = None,
) -> dict[int, StoreSpan]:
    """The stores on every day from first to last, by store id; ``profiles`` of the same stores where the caller has
    them already."""
    profiles = load_profiles(stores) if profiles is None else profiles
    if not profiles:
        return {}
    periods = profiles[0].shared.policies
    codes = with_parts(codes, periods)
    numbers = (day_number(first) - longest_window(codes, periods) + 1, day_number(last))
    ids = [profile.id for profile in profiles]
    counters = counters_of(codes)
    facts = _facts(ids, *numbers, counters)
    sites = _sites(ids, *numbers) if scaled_by_site(codes, periods) else {}
    nothing = PrefixSums(*numbers, (), dict.fromkeys(counters, ()))
    nowhere = PrefixSums(*numbers, (), {})
    return {
        profile.id: StoreSpan(profile, SpanSums(facts.get(profile.id, nothing), sites.get(profile.id, nowhere)))
        for profile in profiles
    }


def _facts(ids: Sequence[int], first: int, last: int, counters: Sequence[str]) -> dict[int, PrefixSums]:
    """The counters of the stores that have facts on the days."""
    with connection.cursor() as cursor:
        execute(cursor, facts_sql(ids, first, last, counters))
        found = {}
        for store_id, rows in groupby(cursor, FIRST):
            _ids, numbers, *sums = zip(*rows, strict=True)
            found[store_id] = PrefixSums(first, last, numbers, dict(zip(counters, sums, strict=True)))
    return found


def _sites(ids: Sequence[int], first: int, last: int) -> dict[int, PrefixSums]:
    """Orders shipped by destination, of the stores that shipped any on the days."""
    with connection.cursor() as cursor:
        execute(cursor, sites_sql(ids, first, last))
        found = {}
        for store_id, rows in groupby(cursor, FIRST):
            by_day = {number: dict(row[2:] for row in of_day) for number, of_day in groupby(rows, SECOND)}
            sites = sorted({site for shipped in by_day.values() for site in shipped})
            by_site = {site: [shipped.get(site, 0) for shipped in by_day.values()] for site in sites}
            found[store_id] = PrefixSums(first, last, list(by_day), by_site)
    return found


def facts_sql(ids: Sequence[int], first: int, last: int, counters: Sequence[str]) -> Composable:
    """SELECT of the counters by store and day."""
    return SQL("""SELECT {columns} FROM metrics_fact
            WHERE {on_days} ORDER BY store_id, day""").format(
        columns=columns(("store_id", "day", *counters)), on_days=_on_days(ids, first, last)
    )


def sites_sql(ids: Sequence[int], first: int, last: int) -> Composable:
    """SELECT of the orders shipped by store, day and destination."""
    return SQL("""SELECT store_id, day, site, shipped FROM metrics_sitefact
            WHERE {on_days} ORDER BY store_id, day""").format(on_days=_on_days(ids, first, last))


def _on_days(ids: Sequence[int], first: int, last: int) -> Composable:
    return SQL("store_id IN ({stores}) AND day BETWEEN {first} AND {last}").format(
        stores=parameters(ids), first=Parameter(first), last=Parameter(last)
    )


def load_days(
    stores: Sequence[Store], day: date, *, codes: Collection[str] = METRICS.keys(), shared: SharedTerms | None = None
) -> dict[int, StoreDay]:
    """The stores on one day, by store id, windows added up by the database; ``shared``: what stores loaded before share
    with these."""
    profiles = load_profiles(stores, shared)
    if not profiles:
        return {}
    periods = profiles[0].shared.policies
    codes = with_parts(codes, periods)
    ids, number = [profile.id for profile in profiles], day_number(day)
    sums = _windows(ids, number, counters_by_window(codes, periods))
    sites = _windows_by_site(ids, number, windows_of(scaled_by_site(codes, periods), periods))
    nothing: dict[int, dict[str, int]] = defaultdict(dict)
    return {
        profile.id: StoreDay(
            profile, day, profile.terms_on(day), DaySums(day, sums.get(profile.id, nothing), sites[profile.id])
        )
        for profile in profiles
    }


def _windows(ids: Sequence[int], day: int, by_length: dict[int, list[str]]) -> dict[int, dict[int, dict[str, int]]]:
    """By store and length of window: the sums of the counters over the window up to a day. Stores without facts in the
    longest one are left out."""
    found: dict[int, dict[int, dict[str, int]]] = {}
    if not by_length:
        return found
    with connection.cursor() as cursor:
        execute(cursor, windows_sql(ids, day, by_length))
        for row in cursor:
            counts = iter(row)
            store_id = next(counts)
            # Each takes as many counts as it has names.
            found[store_id] = {days: dict(zip(names, counts, strict=False)) for days, names in by_length.items()}
    return found


def windows_sql(ids: Sequence[int], day: int, by_length: dict[int, list[str]]) -> Composable:
    """SELECT of the sums of counters by store, of the shorter windows too."""
    # On PostgreSQL sums of 64-bit integers are decimals, which take long to read.
    added = SQL("CAST(COALESCE(SUM({name}) FILTER (WHERE day > {before}), 0) AS BIGINT)")
    sums = (
        added.format(name=Identifier(name), before=Literal(day - days))
        for days, names in by_length.items()
        for name in names
    )
    return SQL("""SELECT store_id, {sums} FROM metrics_fact
            WHERE {on_days} GROUP BY store_id""").format(
        sums=comma(sums), on_days=_on_days(ids, day - max(by_length) + 1, day)
    )


def _windows_by_site(ids: Sequence[int], day: int, lengths: Collection[int]) -> dict[int, dict[int, dict[str, int]]]:
    """By store, length of window and destination: orders shipped (DM-31)."""
    found: dict[int, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    with connection.cursor() as cursor:
        for days in sorted(lengths):
            execute(cursor, site_windows_sql(ids, day - days + 1, day))
            for store_id, site, count in cursor:
                if count:
                    found[store_id][days][site] = count
    return found


def site_windows_sql(ids: Sequence[int], first: int, last: int) -> Composable:
    """SELECT of the orders shipped by store and destination."""
    return SQL("""SELECT store_id, site, CAST(SUM(shipped) AS BIGINT) FROM metrics_sitefact
                WHERE {on_days} GROUP BY store_id, site""").format(on_days=_on_days(ids, first, last))
