"""Window sums of many stores on some days, a column for each counter and length of window."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain

import numpy as np
import numpy.typing as npt
from django.db import connection

from core.sql import SQL, Composable, Literal, Parameter, columns, comma, execute, parameters
from core.timebase import day_number
from metrics.scorecards.columns.whole import Whole, whole
from metrics.scorecards.loading import windows_sql
from metrics.scorecards.windows import counters_by_window, scaled_by_site, windows_of
from rulebook.queries import PolicyPeriod

Numbers = npt.NDArray[np.int64]
# Of (length of window, counter), or of (length of window, destination).
Key = tuple[int, str]
# No destination has this name.
EVERYWHERE = "*"


class Totals:
    """Sums of windows up to each of some days in a row: stores below each other, the days of one after each other."""

    def __init__(self, stores: int, days: int) -> None:
        self._stores, self._days = stores, days
        self._counters: dict[Key, Whole] = {}
        self._sites: dict[Key, Whole] = {}
        self._nothing = whole(np.zeros(stores * days, dtype=np.int64))

    def of(self, names: Iterable[str], days: int) -> Whole:
        """The sums of several counters together over the windows of a length."""
        total = self._nothing
        for place, name in enumerate(names):
            counted = self._counters.get((days, name), self._nothing)
            total = counted if place == 0 else total + counted
        return total

    def shipped_to(self, site: str, days: int) -> Whole:
        """Orders shipped to a destination, or to `EVERYWHERE`."""
        return self._sites.get((days, site), self._nothing)

    def add_counters(self, columns: Mapping[Key, Numbers]) -> None:
        """Take sums in, of stores by days each."""
        self._counters |= {key: whole(column.reshape(-1)) for key, column in columns.items()}

    def add_sites(self, columns: Mapping[Key, Numbers]) -> None:
        """The same of orders shipped by destination."""
        self._sites |= {key: whole(column.reshape(-1)) for key, column in columns.items()}


def load_totals(
    ids: Sequence[int],
    days: Sequence[date],
    codes: Collection[str],
    periods: Sequence[PolicyPeriod],
    *,
    with_sites: bool = True,
) -> Totals:
    """The sums that the metrics need, parts of composite scores among them, of stores on days that follow each
    other. The windows of the first day are added up by the database; of the others only the days are read that enter
    a window or leave it. ``with_sites``: thresholds are asked for too."""
    totals, place = Totals(len(ids), len(days)), {store_id: place for place, store_id in enumerate(ids)}
    first, last = day_number(days[0]), day_number(days[-1])
    totals.add_counters(_slide(_first_windows(place, first, counters_by_window(codes, periods)), place, first, last))
    lengths = windows_of(scaled_by_site(codes, periods), periods) if with_sites else ()
    if lengths:
        sites = {site for period in periods for site in period.policy.factors.site}
        totals.add_sites(_site_windows(place, first, last, sorted(lengths), sorted(sites)))
    return totals


def _first_windows(place: Mapping[int, int], day: int, by_length: dict[int, list[str]]) -> dict[Key, Numbers]:
    keys = [(days, name) for days, names in by_length.items() for name in names]
    if not keys:
        return {}
    with connection.cursor() as cursor:
        execute(cursor, windows_sql(list(place), day, by_length))
        return _placed(_matrix(cursor, len(keys) + 1), keys, place)


def _placed(rows: Numbers, keys: Sequence[Key], place: Mapping[int, int]) -> dict[Key, Numbers]:
    """Sums behind the id of each store, as columns of all stores."""
    made = np.zeros((len(keys), len(place)), dtype=np.int64)
    made[:, [place[store_id] for store_id in rows[:, 0].tolist()]] = rows[:, 1:].T
    return dict(zip(keys, made, strict=True))


def _slide(windows: dict[Key, Numbers], place: Mapping[int, int], first: int, last: int) -> dict[Key, Numbers]:
    """The windows of the first day carried on to the last."""
    if first == last or not windows:
        return windows
    names = sorted({name for _days, name in windows})
    edges = _edges(first, last, {days for days, _name in windows})
    with connection.cursor() as cursor:
        execute(cursor, _days_sql(names, list(place), edges))
        rows = _matrix(cursor, len(names) + 2)
    return _slid(windows, _ByDay(edges, place, rows, names), first, last)


def _days_sql(names: Sequence[str], ids: Sequence[int], spans: Sequence[tuple[int, int]]) -> Composable:
    return SQL("SELECT {columns} FROM metrics_fact WHERE {within}").format(
        columns=columns(("store_id", "day", *names)), within=_within(ids, spans)
    )


def _site_windows(
    place: Mapping[int, int], first: int, last: int, lengths: Sequence[int], sites: Sequence[str]
) -> dict[Key, Numbers]:
    """Orders shipped to each of the destinations, and to all."""
    names = (EVERYWHERE, *sites)
    keys = [(days, name) for days in lengths for name in names]
    oldest = first - max(lengths) + 1
    with connection.cursor() as cursor:
        sums = [_shipped(site, SQL("day > {day}").format(day=Literal(first - days))) for days, site in keys]
        execute(cursor, _site_sql(sums, list(place), [(oldest, first)], by_day=False))
        windows = _placed(_matrix(cursor, len(keys) + 1), keys, place)
        if first == last:
            return windows
        edges = _edges(first, last, lengths)
        execute(cursor, _site_sql([_shipped(site) for site in names], list(place), edges, by_day=True))
        rows = _matrix(cursor, len(names) + 2)
    return _slid(windows, _ByDay(edges, place, rows, names), first, last)


def _shipped(site: str, condition: Composable | None = None) -> Composable:
    """The sum of the orders shipped to a destination, or to all."""
    conditions = [] if condition is None else [condition]
    if site != EVERYWHERE:
        conditions.append(SQL("site = {site}").format(site=Parameter(site)))
    narrowed = SQL(" FILTER (WHERE {only})").format(only=SQL(" AND ").join(conditions)) if conditions else SQL("")
    return SQL("CAST(COALESCE(SUM(shipped){narrowed}, 0) AS BIGINT)").format(narrowed=narrowed)


def _site_sql(
    sums: Sequence[Composable], ids: Sequence[int], spans: Sequence[tuple[int, int]], *, by_day: bool
) -> Composable:
    return SQL("SELECT {keys}, {sums} FROM metrics_sitefact WHERE {within} GROUP BY {keys}").format(
        keys=columns(("store_id", "day") if by_day else ("store_id",)), sums=comma(sums), within=_within(ids, spans)
    )


class _ByDay:
    """Counts of days, of which some are there, in grids of stores by days."""

    def __init__(
        self, edges: Sequence[tuple[int, int]], place: Mapping[int, int], rows: Numbers, names: Sequence[str]
    ) -> None:
        """``rows``: store, day and the counts of the names."""
        self._days = list(chain.from_iterable(range(start, end + 1) for start, end in edges))
        self._place = {day: place for place, day in enumerate(self._days)}
        self._shape = (len(place), len(self._days))
        self._stores = np.array([place[store_id] for store_id in rows[:, 0].tolist()], dtype=np.intp)
        self._columns = np.searchsorted(np.array(self._days, dtype=np.int64), rows[:, 1])
        self._counts = {name: rows[:, column] for column, name in enumerate(names, start=2)}

    def slid(self, windows: Numbers, name: str, first: int, last: int, days: int) -> Numbers:
        """The windows of a first day, and from there on what has entered less what has left."""
        grid = np.zeros(self._shape, dtype=np.int64)
        grid[self._stores, self._columns] = self._counts[name]
        entered, left = (self._between(grid, first + 1 - back, last - back) for back in (0, days))
        return np.concatenate([windows[:, None], windows[:, None] + np.cumsum(entered - left, axis=1)], axis=1)

    def _between(self, grid: Numbers, first: int, last: int) -> Numbers:
        start = self._place[first]
        return grid[:, start : start + last - first + 1]


def _slid(windows: dict[Key, Numbers], by_day: _ByDay, first: int, last: int) -> dict[Key, Numbers]:
    return {(days, name): by_day.slid(sums, name, first, last, days) for (days, name), sums in windows.items()}


def _edges(first: int, last: int, lengths: Iterable[int]) -> list[tuple[int, int]]:
    """The days that enter windows or leave them between two days, as spans that neither meet nor overlap."""
    spans = sorted([(first + 1, last), *((first + 1 - days, last - days) for days in lengths)])
    joined = [spans[0]]
    for start, end in spans[1:]:
        if start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _within(ids: Sequence[int], spans: Sequence[tuple[int, int]]) -> Composable:
    span = SQL("day BETWEEN {first} AND {last}")
    within = SQL(" OR ").join(span.format(first=Parameter(first), last=Parameter(last)) for first, last in spans)
    return SQL("store_id IN ({stores}) AND ({within})").format(stores=parameters(ids), within=within)


def _matrix(rows: Iterable[Sequence[int]], width: int) -> Numbers:
    """Rows of integers as they come from the database."""
    return np.array(list(rows), dtype=np.int64).reshape(-1, width)
