"""A stage of a night over a great many stores: `python -m benchmarks.crowd_stage STAGE STORES`; JSON."""

import json
import random
import sys
import time
from collections.abc import Mapping
from datetime import date, timedelta

from django.db import connection, models

from benchmarks import ready  # noqa: F401
from core.sql import SQL, Composable, Identifier, Literal, Parameter, comma, execute
from core.timebase import performance_day_end, rating_day_end
from metrics.catalogue import Calendar
from metrics.counters import COUNTERS
from metrics.models import BenchmarkPool, Fact
from metrics.scorecards.pools import AVERAGED, POOLED, Pool
from metrics.services import night
from rulebook.rules import Ratio
from stores.models import Category, Company, Feed, Store
from stores.shards import Shard

DAY = date(2026, 5, 10)
KNOWN = max(performance_day_end(DAY), rating_day_end(DAY))
FEEDS = ("orders", "reviews", "disputes", "tracking_events", "messages", "refunds")
# Days with facts, first-level categories, rows of pools that differ, the largest count of a store.
DAYS, CATEGORIES, DIFFERENT, MOST = 10, 20, 8, 2_000
SEED = 7


def fill(stores: int) -> int:
    """Stores, and feeds and facts of those of the first shard."""
    company = Company.objects.create(company_no="C", name="C")
    Category.objects.bulk_create(Category(code=f"c{place}", name=f"c{place}") for place in range(CATEGORIES))
    first = Store.objects.create(company=company, store_no="N", name="N", primary_category="c0")
    Feed.objects.bulk_create(Feed(store=first, kind=kind, known_until=KNOWN, supplied_at=KNOWN) for kind in FEEDS)
    Fact.objects.create(store=first, day=DAY)
    end, end_of_shard = first.pk + stores - 1, first.pk - 1 - -stores // night.MOST_SHARDS
    counts: dict[str, Composable] = {
        counter.name: SQL("ABS(HASHINT8(n * {days} + d + {place})) % 40").format(
            days=Literal(DAYS), place=Literal(place)
        )
        for place, counter in enumerate(COUNTERS)
    }
    category = SQL("'c' || n % {categories}").format(categories=Literal(CATEGORIES))
    named: dict[str, Composable] = {"id": SQL("n"), "store_no": SQL("'N' || n"), "primary_category": category}
    copy_rows(Store, named, first.pk + 1, end)
    copy_rows(Feed, {"store_id": SQL("n")}, first.pk + 1, end_of_shard)
    copy_rows(Fact, {"store_id": SQL("n"), "day": SQL("r.day - d"), **counts}, first.pk + 1, end_of_shard, DAYS)
    with connection.cursor() as cursor:
        execute(cursor, SQL("ANALYZE"))
    return stores


def copy_rows(
    model: type[models.Model], values: Mapping[str, Composable], first: int, last: int, days: int = 1
) -> None:
    """Copies of a table's rows for the numbers n and days d, with other values in some columns."""
    names = [str(field.column) for field in model._meta.concrete_fields]
    names = [name for name in names if name != "id" or name in values]
    statement = SQL("""INSERT INTO {table} ({names}) SELECT {values} FROM {table} r
        CROSS JOIN GENERATE_SERIES({first}, {last}) n CROSS JOIN GENERATE_SERIES(0, {days}) d""").format(
        table=Identifier(model._meta.db_table),
        names=comma(map(Identifier, names)),
        values=comma(values.get(name, Identifier("r", name)) for name in names),
        first=Parameter(first),
        last=Parameter(last),
        days=Parameter(days - 1),
    )
    with connection.cursor() as cursor:
        execute(cursor, statement)


def fill_pools(stores: int) -> int:
    """Rows of the other shards, of random counts; a few that differ, as exact sums cost what is different in them."""
    draw = random.Random(SEED)
    of_category = stores // night.MOST_SHARDS // CATEGORIES
    different = [
        {f"c{root}": random_pool(draw, of_category).data() for root in range(CATEGORIES)} for _place in range(DIFFERENT)
    ]
    _first, *others = shards()
    for place, shard in enumerate(others):
        pools = different[place % DIFFERENT]
        BenchmarkPool.objects.create(day=DAY, after=shard.after, last=shard.last, pools=pools)
    return len(others)


def random_pool(draw: random.Random, stores: int) -> Pool:
    """The pool of so many stores."""
    pool = Pool(stores)
    for code in POOLED:
        pool.uppers[code], pool.lowers[code] = draw.randrange(10**6), draw.randrange(10**6, 10**8)
    for _store in range(stores):
        a, b, c, d = (draw.randrange(1, MOST) for _part in range(4))
        for code in AVERAGED:
            # The rating has the denominators of its four parts, and that of their weights.
            lower = a * b * c * d * 20 if code == "dsr" else a
            pool.values[code].add(Ratio(draw.randrange(lower, 5 * lower), lower))
    return pool


def shards() -> list[Shard]:
    """How the stores are cut."""
    return night._shards_of(night.POOLS)


def run_stage(name: str) -> int:
    """What a worker does of a stage, for the first shard; rows made."""
    if name == "nothing":
        return 0
    first, *others = shards()
    if name == "cut":
        return 1 + len(others)
    calendars = [Calendar.PERFORMANCE] if name in (night.POOLS, night.BENCHMARKS) else list(Calendar)
    at = KNOWN + timedelta(hours=1)
    return sum(night._do(name, calendar, DAY, at, first, lambda _done: None) for calendar in calendars)


def main(name: str, stores: str) -> dict[str, float]:
    began = time.perf_counter()
    preparing = {"fill": fill, "fill_pools": fill_pools}
    rows = preparing[name](int(stores)) if name in preparing else run_stage(name)
    return {"rows": rows, "seconds": time.perf_counter() - began}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
