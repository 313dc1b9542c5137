"""What judging needs besides facts: stores, categories, feeds, known_until, benchmarks, destinations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .bundle import Row, Tables, columns, manifest_of, tables_of
from .catalogue import METRICS, Metric, metric_under
from .facts import Exclusion, Facts, compute_facts
from .instants import instant, performance_day, performance_day_end, rating_day, rating_day_end
from .parse import category_flags, category_path
from .policy import SHIPPED, Policy, PolicyHistory, policy_at
from .subjects import counting_orders

# MX-07: which file turns which feed on (IX-02).
FEED_FILES = {
    "orders": "orders",
    "tracking": "tracking_events",
    "reviews": "reviews",
    "disputes": "disputes",
    "refunds": "refunds",
    "messages": "messages",
    "copyright": "copyright_complaints",
    "settlements": "settlements",
}


@dataclass(frozen=True)
class Store:
    """A store as it holds on a day."""

    store_no: str
    level: str
    store_type: str
    opened: int | None
    category: str
    flags: frozenset[str]
    path: tuple[str, ...]
    status: str = "active"

    @property
    def first_level(self) -> str:
        """The first-level category, empty when there is none."""
        return self.path[-1] if self.path else ""

    def age(self, day: date, calendar: str) -> int | None:
        """Age in days: D − opening day, both in the calendar of the metric (DM-11)."""
        if self.opened is None:
            return None
        opening = rating_day(self.opened) if calendar == "rating" else performance_day(self.opened)
        return (day - opening).days


class World:
    """Facts of a bundle with everything that the scores are computed from.

    `facts` may be given (to judge prepared facts); else they are computed. `feeds` and `known_until` are read from the
    bundle: one source supplied it in one import.
    """

    def __init__(
        self,
        bundle: dict[str, list[Row]],
        *,
        policy: PolicyHistory = SHIPPED,
        exclusions: Iterable[Exclusion] = (),
        facts: Facts | None = None,
        periods: dict[str, list[tuple[date, Row]]] | None = None,
    ) -> None:
        """`periods`: what level, primary_category and status of a store change to, from which days on (DM-11)."""
        self.periods = periods or {}
        self.tables: Tables = tables_of(bundle)
        self.policy_history = policy
        self.facts = facts if facts is not None else compute_facts(bundle, policy=policy, exclusions=exclusions)
        self.stores = {row["store_no"]: read_store(row, self.tables) for row in self.tables.get("stores", [])}
        self.feeds = read_feeds(bundle)
        self.known_until = read_known_until(bundle, self.feeds)
        self.imported_benchmarks = read_benchmarks(self.tables)
        self.destinations = read_destinations(self.tables, policy)

    def store_on(self, store_no: str, day: date) -> Store:
        """The store with the level, category and status that held at the end of a day (DM-11)."""
        changes: Row = {}
        for since, changed in sorted(self.periods.get(store_no, []), key=lambda period: period[0]):
            if since <= day:
                changes = {**changes, **changed}
        if not changes:
            return self.stores[store_no]
        row = next(row for row in self.tables["stores"] if row["store_no"] == store_no)
        return read_store({**row, **changes}, self.tables)

    def metric(self, code: str, day: date) -> Metric:
        """The row of the table as the version that judges the day has it (DM-30)."""
        return metric_under(self.policy(day, METRICS[code].calendar), code)

    def policy(self, day: date, calendar: str) -> Policy:
        """Judging parameters: the version in force at the end of the day (DM-30)."""
        # reading: the last second of the day in the metric's calendar; a version of 24:00 is the next day's.
        return policy_at(self.policy_history, self.day_end(day, calendar) - 1)

    @staticmethod
    def day_end(day: date, calendar: str) -> int:
        """The first second after the day."""
        return rating_day_end(day) if calendar == "rating" else performance_day_end(day)

    def total(self, store_no: str, counter: str, days: Iterable[date]) -> int:
        """Sum of a counter over days."""
        return sum(self.facts.get((store_no, day), {}).get(counter, 0) for day in days)


def read_store(row: Row, tables: Tables) -> Store:
    """A row of stores.csv."""
    category = row.get("primary_category", "")
    return Store(
        store_no=row["store_no"],
        # reading: an absent level is basic.
        level=row.get("level") or "basic",
        store_type=row.get("store_type", ""),
        opened=instant(row.get("opened_at")),
        category=category,
        flags=frozenset(category_flags(tables, category)),
        path=tuple(category_path(tables, category)),
        status=row.get("status") or "active",
    )


def read_feeds(bundle: dict[str, list[Row]]) -> frozenset[str]:
    """Feeds that the bundle turns on, for all its stores (MX-07, IX-02)."""
    feeds = {feed for feed, stem in FEED_FILES.items() if stem in bundle}
    # reading: the feed confirmations is on when orders.csv has the column, filled or not.
    if "orders" in bundle and "dispatch_confirmed_at" in columns(bundle, "orders"):
        feeds.add("confirmations")
    return frozenset(feeds)


def read_known_until(bundle: dict[str, list[Row]], feeds: frozenset[str]) -> dict[str, int | None]:
    """Per feed the instant the manifest declares, else the latest instant in any file of the bundle (MX-07); never
    beyond the export, where the manifest says when that was (IX-05a)."""
    manifest = manifest_of(bundle) or {}
    declared, exported = manifest.get("known_until") or {}, instant(manifest.get("exported_at"))
    latest = max((at for at in told_instants(bundle, exported)), default=exported)
    known = {feed: instant(declared[feed]) if feed in declared else latest for feed in feeds}
    # A bundle that does not say when it was exported is exported when it is imported: long after what it tells of.
    return {feed: at if at is None or exported is None else min(at, exported) for feed, at in known.items()}


def told_instants(bundle: dict[str, list[Row]], exported: int | None) -> Iterator[int]:
    """The instants of all files, without facts that are dated more than ten minutes after the export."""
    for rows in bundle.values():
        for row in rows:
            for name, cell in row.items():
                planned = name in {"ship_by", "estimated_delivery_at"}
                at = instant(cell) if planned or name == "at" or name.endswith("_at") else None
                if at is not None and (planned or exported is None or at <= exported + 600):
                    yield at


def read_benchmarks(tables: Tables) -> dict[tuple[str, str], list[tuple[date, Fraction]]]:
    """Imported benchmarks: (category, metric) → [(day, value)], in order of day."""
    result: dict[tuple[str, str], list[tuple[date, Fraction]]] = {}
    for row in tables.get("benchmarks", []):
        value = date.fromisoformat(row["day"]), Fraction(row["value"])
        result.setdefault((row["category"], row["metric"]), []).append(value)
    return {key: sorted(values) for key, values in result.items()}


def read_destinations(tables: Tables, policy: PolicyHistory) -> dict[tuple[str, date], list[str]]:
    """Sites of the orders of the counter `shipped`, by store and performance day of shipping (DM-31)."""
    result: dict[tuple[str, date], list[str]] = {}
    for order in counting_orders(tables, policy):
        # reading: "orders shipped in the window" are those that the counter `shipped` counts.
        counts = order.source == "platform" and not order.by_platform
        if counts and order.paid is not None and order.shipped is not None:
            result.setdefault((order.store_no, performance_day(order.shipped)), []).append(order.site)
    return result
