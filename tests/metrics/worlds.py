"""Prepared facts of the reference computation, put in the database as rows."""

from fractions import Fraction

from core.timebase import EPOCH_DAY, from_epoch
from metrics.counters import COUNTERS
from metrics.models import Fact, ImportedBenchmark, SiteFact
from stores.models import Category, Company, Feed, Store, StorePeriod
from tests.oracle.world import World

NAMES = {counter.name for counter in COUNTERS}


def load_world(world: World) -> dict[str, Store]:
    """Stores, categories, feeds, imported benchmarks and facts of a world; returns the stores by number."""
    company = Company.objects.create(company_no="W", name="World")
    Category.objects.all().delete()
    Category.objects.bulk_create(
        Category(code=row["code"], name=row["name"], parent_code=row.get("parent_code", ""), flags=row.get("flags", ""))
        for row in world.tables.get("categories", [])
    )
    stores = {number: _load_store(company, world, number) for number in world.stores}
    ImportedBenchmark.objects.bulk_create(
        ImportedBenchmark(category=category, day=day, metric=metric, value=_decimal(value))
        for (category, metric), rows in world.imported_benchmarks.items()
        for day, value in rows
    )
    rows = []
    for (number, day), counts in world.facts.items():
        known = {name: count for name, count in counts.items() if name in NAMES}
        # The reference subtracts; the product counts deliveries by themselves.
        known["deliveries"] = counts.get("outcomes", 0) - counts.get("undelivered", 0)
        rows.append(Fact(store=stores[number], day=day, **known))
    Fact.objects.bulk_create(rows)
    SiteFact.objects.bulk_create(
        SiteFact(store=stores[number], day=day, site=site, shipped=sites.count(site))
        for (number, day), sites in world.destinations.items()
        for site in set(sites)
    )
    return stores


def _load_store(company: Company, world: World, number: str) -> Store:
    given = world.stores[number]
    store = Store.objects.create(
        company=company,
        store_no=number,
        name=number,
        level=given.level,
        store_type=given.store_type,
        opened_at=None if given.opened is None else from_epoch(given.opened),
        primary_category=given.category,
    )
    changes = world.periods.get(number, [])
    for since in [EPOCH_DAY, *(since for since, _changed in changes)]:
        held = world.store_on(number, since)
        StorePeriod.objects.create(
            store=store, effective_from=since, level=held.level, primary_category=held.category, status=held.status
        )
    for feed in world.feeds:
        until = world.known_until[feed]
        if until is not None:
            Feed.objects.create(store=store, kind=feed, known_until=until, supplied_at=0)
    return store


def _decimal(value: Fraction) -> str:
    scaled = value * 10**10
    assert scaled.denominator == 1
    return f"{scaled.numerator}e-10"
