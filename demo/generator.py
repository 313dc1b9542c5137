"""Writes the demo's bundles: twelve stores, three companies, one year (IX-15). Same seed and now, same bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from core.timebase import SHANGHAI, from_epoch, to_epoch
from demo.behaviour import DemoProfile
from demo.bundle import FULL_FILES, NARROW_FILES, NARROW_LEAVES_OUT, Tables
from demo.cast import COMPANIES, PROFILES
from demo.disputes import trouble
from demo.draws import DAY, HOUR, YEAR_DAYS, DemoClock, flag_text, instant_text, moments, money_text, poisson
from demo.feedback import Conversation, add_reviews
from demo.listing_pictures import listing_picture
from demo.open_cases import CASES, open_case
from demo.order_planner import Order, OrderPlanner, currency_rates
from demo.platform import add_benchmarks, add_platform_view, add_rates
from demo.store_rows import StoreRows
from demo.texts import product
from demo.world import CARRIERS, SUBCATEGORIES, demand

MAIN_BUNDLE = "stores"
NARROW_BUNDLE = "orders-only"
PLATFORM_VIEW_STORE = "130001"


@dataclass(frozen=True, slots=True)
class StoreSummary:
    """A store as written. ``closed_at``: when it closed (the canonical bundle has no column for that), else None."""

    store_no: str
    company_no: str
    name: str
    story: str
    mode: str
    orders: int
    opened_on: date
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was written. ``bundles``: folders to import, in this order; ``rows``: rows by file over all bundles."""

    seed: int
    now: datetime
    bundles: tuple[Path, ...]
    companies: tuple[tuple[str, str], ...]
    stores: tuple[StoreSummary, ...]
    rows: dict[str, int]


def generate(*, seed: int, today: date, folder: Path, scale: float = 1.0, now: datetime | None = None) -> DemoSummary:
    """Write the demo's year, up to ``today`` (Asia/Shanghai), as canonical bundles below ``folder``.

    ``scale`` multiplies the number of orders (about 20,000 at 1). ``now``: aware, on that day; default 09:00
    Asia/Shanghai. Nothing but promises (``ship_by``, ``estimated_delivery_at``) lies after it. Two bundles: the second
    holds the one store whose source has no tracking and no messages (MX-07). Raises ValueError for a ``now`` that
    is naive or on another day.
    """
    instant = now or datetime.combine(today, time(9), SHANGHAI)
    if instant.tzinfo is None or instant.astimezone(SHANGHAI).date() != today:
        raise ValueError(f"now {instant!r} must be an aware instant on {today} in Asia/Shanghai")
    clock = DemoClock(today, to_epoch(instant))
    main = Tables(folder / MAIN_BUNDLE, FULL_FILES)
    narrow = Tables(folder / NARROW_BUNDLE, NARROW_FILES, NARROW_LEAVES_OUT)
    _add_surroundings(main, clock)
    summaries = []
    for profile in PROFILES:
        tables = narrow if profile.second_bundle else main
        summaries.append(_add_store(tables, profile, seed, scale, clock))
    exported_at = instant_text(clock.now)
    main.write(exported_at, None)
    narrow.write(exported_at, "mirrored")
    rows = {name: len(main.rows[name]) + len(narrow.rows.get(name, ())) for name in main.rows}
    companies = tuple((number, name) for number, name, _licence, _controller in COMPANIES)
    return DemoSummary(seed, from_epoch(clock.now), (main.folder, narrow.folder), companies, tuple(summaries), rows)


def _add_surroundings(tables: Tables, clock: DemoClock) -> None:
    for category in SUBCATEGORIES:
        tables.add("categories", category)
    for carrier in CARRIERS.values():
        flags = (flag_text(carrier.approved), flag_text(carrier.official))
        tables.add("carriers", (carrier.code, carrier.name, *flags, str(carrier.scan_interval_hours)))
    for company in COMPANIES:
        tables.add("companies", company)
    add_rates(tables, clock)
    add_benchmarks(tables, clock)


def _add_store(tables: Tables, profile: DemoProfile, seed: int, scale: float, clock: DemoClock) -> StoreSummary:
    rng = Random(f"{seed}:{profile.store_no}")
    if profile.second_bundle:
        for company in COMPANIES:
            if company[0] == profile.company_no:
                tables.add("companies", company)
    opened = clock.day_start(profile.opened_days_ago) + 2 * HOUR
    tables.add("stores", _store_row(profile, opened))
    skus = _add_listings(tables, profile, rng)
    planner = OrderPlanner(profile, skus, rng)
    rows, talk = StoreRows(tables, profile, clock, rng), Conversation(tables, profile.store_no, clock, rng)
    orders = _add_year(profile, scale, clock, planner, rows, talk)
    for case in CASES:
        if case.store_no == profile.store_no:
            order, found = open_case(case, planner, talk, clock, rng)
            rows.add(order, found)
            orders.append(order)
    _add_complaints(tables, profile, skus, clock)
    if profile.store_no == PLATFORM_VIEW_STORE:
        add_platform_view(tables, profile.store_no, orders, clock)
    closed = (
        None if profile.closed_days_ago is None else from_epoch(clock.day_start(profile.closed_days_ago) + 10 * HOUR)
    )
    return StoreSummary(
        profile.store_no,
        profile.company_no,
        profile.name,
        profile.story,
        profile.mode,
        len(orders),
        clock.today - timedelta(days=profile.opened_days_ago),
        closed,
    )


def _add_year(
    profile: DemoProfile, scale: float, clock: DemoClock, planner: OrderPlanner, rows: StoreRows, talk: Conversation
) -> list[Order]:
    """Every order that the store sold from the year's (or its own) first day to now, with what followed."""
    orders = []
    rng = planner.rng
    first = min(YEAR_DAYS - 1, profile.opened_days_ago - 1)
    last = (profile.closed_days_ago or -1) + 1
    for days_ago in range(first, last - 1, -1):
        day = clock.day(days_ago)
        behaviour, rates = profile.behaviour(days_ago), currency_rates(day.toordinal())
        count = poisson(rng, profile.daily * scale * demand(day))
        for created in moments(rng, clock.day_start(days_ago), count):
            if created > clock.now:
                break
            order = planner.plan(created, days_ago, rates)
            found = trouble(order, behaviour, rng)
            add_reviews(rows.tables, order, behaviour, clock, rng)
            talk.add_thread(order, behaviour)
            if rng.random() < profile.data_issues:
                rows.spoil(order)
            rows.add(order, found)
            orders.append(order)
    return orders


def _store_row(profile: DemoProfile, opened: int) -> tuple[str, ...]:
    return (
        profile.store_no,
        profile.name,
        profile.company_no,
        profile.level,
        "standard",
        instant_text(opened),
        profile.category,
        flag_text(True),
        flag_text(profile.payout_account_bound),
        flag_text(profile.tracking_auto_sync),
        profile.mode,
    )


def _add_listings(tables: Tables, profile: DemoProfile, rng: Random) -> list[tuple[str, str, int]]:
    """A store's listings as (sku, category, price in US cents), best sellers first; one more only adds to orders."""
    skus = []
    for number in range(14 if profile.daily > 1 else 5):
        leaf = profile.leaves[number % len(profile.leaves)]
        title, description = product(leaf, number, rng)
        cents = max(95, int(profile.price * 100 * rng.lognormvariate(0, 0.35)))
        sku = f"{profile.store_no}-{number + 1:03d}"
        image = _picture(tables, sku) if number < len(profile.copyright_cases) else ""
        row = (profile.store_no, sku, title, description, leaf, money_text(cents), image)
        tables.add("listings", row)
        skus.append((sku, leaf, cents))
    extra = (
        profile.store_no,
        f"{profile.store_no}-EXTRA",
        "Gift wrapping",
        "Gift wrapping.",
        profile.leaves[0],
        "1.50",
        "",
    )
    tables.add("listings", extra)
    return skus


def _picture(tables: Tables, sku: str) -> str:
    """Adds a listing's picture to the bundle; returns the file's name."""
    name = f"{sku}.jpg"
    tables.pictures[name] = listing_picture(sku)
    return name


def _add_complaints(
    tables: Tables, profile: DemoProfile, skus: Iterable[tuple[str, str, int]], clock: DemoClock
) -> None:
    """Copyright complaints about the store's best sellers."""
    for sequence, ((opened, resolved, upheld), (sku, _leaf, _cents)) in enumerate(
        zip(profile.copyright_cases, skus, strict=False), start=1
    ):
        opened_at = instant_text(clock.day_start(opened) + 5 * HOUR)
        resolved_at = "" if resolved is None else instant_text(clock.day_start(resolved) + DAY // 4)
        verdict = "" if resolved is None else flag_text(upheld)
        number = f"IP{profile.store_no}{sequence:03d}"
        tables.add("copyright_complaints", (profile.store_no, number, sku, opened_at, resolved_at, verdict))
