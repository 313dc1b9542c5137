"""The order list as a file in each format: CPU and peak memory of a process that does nothing else.

    python -m benchmarks.export_lists FOLDER [--rows 1000000] [--database postgres]

makes databases with 10,000 orders and with so many in FOLDER, unless they are there, and writes the list of each once
per format, each in a process of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.services import postgres

FEW, ROWS = 10_000, 1_000_000
FORMATS = (("csv", False), ("csv", True), ("xlsx", False), ("parquet", True))
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
BATCH = 5_000
SECONDS = 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    given = parser.parse_args()
    print("| database | format | rows | seconds | CPU s | peak MB | of it for the file | file MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for rows in (FEW, given.rows):
        folder = given.folder.resolve() / f"{given.database}-{rows}"
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["DATA_DIR"] = str(folder)
        with _database(given.database, folder):
            _child("make", str(rows))
            for suffix, machine in FORMATS:
                _measure(given.database, folder, suffix, machine)


@contextmanager
def _database(name: str, folder: Path) -> Iterator[None]:
    if name == "sqlite":
        os.environ.pop("DATABASE_URL", None)
        yield
        return
    with postgres(kept=folder / "postgres") as url:
        os.environ["DATABASE_URL"] = url
        yield


def _measure(database: str, folder: Path, suffix: str, machine: bool) -> None:
    form = "machine" if machine else "people"
    measured = json.loads(_child("write", suffix, form, str(folder)))
    print(
        f"| {database} | {suffix}, for {'programs' if machine else 'people'} | {measured['rows']:,} "
        f"| {measured['seconds']:.0f} | {measured['cpu']:.0f} | {measured['memory']:.0f} | {measured['more']:.0f} "
        f"| {measured['size']:.0f} |",
        flush=True,
    )


def _child(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.export_lists", *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def make(rows: int) -> None:
    """The database with one store and its orders: the first of them by the models, the others as copies of those."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    from core.sql import execute
    from orders.models import Order
    from stores.models import Company, Store

    if Order.objects.exists():
        return
    company = Company.objects.create(company_no="B", name="Benchmark")
    store = Store.objects.create(store_no="B1", name="Benchmark", company=company)
    Order.objects.bulk_create(_order(store, number) for number in range(min(BATCH, rows)))
    with connection.cursor() as cursor:
        execute(cursor, _copying(rows // BATCH - 1))
        cursor.execute("ANALYZE")


def _copying(copies: int) -> Any:
    """So many copies of every order, each earlier. Generated columns and keys come by themselves."""
    from core.sql import SQL, Identifier, Parameter, comma
    from orders.models import Order

    moved = {"order_no": SQL("order_no || '-' || copy")}
    for name in ("created_at", "paid_at", "shipped_at"):
        moved[name] = SQL("{name} - copy * {step}").format(name=Identifier(name), step=Parameter(BATCH * SECONDS))
    columns = [field.column for field in Order._meta.concrete_fields if not (field.primary_key or field.generated)]
    return SQL("""INSERT INTO orders_order ({columns})
        WITH RECURSIVE copies(copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < {copies})
        SELECT {values} FROM orders_order CROSS JOIN copies WHERE {copies} > 0""").format(
        columns=comma(Identifier(name) for name in columns),
        values=comma(moved.get(name) or Identifier(name) for name in columns),
        copies=Parameter(copies),
    )


def _order(store: Any, number: int) -> Any:
    from orders.models import Order

    paid = AT - timedelta(seconds=number * SECONDS)
    return Order(
        store=store,
        order_no=f"30{number:014d}",
        sku=f"SKU-{number % 997}",
        category="electronics",
        site=("ES", "FR", "US", "BR")[number % 4],
        carrier="cainiao",
        tracking_no=f"LP{number:012d}CN",
        created_at=paid,
        paid_at=paid,
        shipped_at=paid + timedelta(hours=30),
        state="shipped",
        total_amount=10 + number % 90,
        currency="USD",
        total_usd=10 + number % 90,
    )


def write(suffix: str, form: str, folder: str) -> None:
    """One file, with what it took."""
    from django.http import QueryDict

    from core.pages.people_sheets import Reader
    from core.timebase import SHANGHAI
    from exports.declaring import Asked, export_named
    from exports.writing import Shape, write_list
    from stores.models import Store
    from stores.principals import System

    export = export_named("orders")
    assert export is not None
    asked = Asked(System(), QueryDict("tab=all"), AT, Store.objects.select_related("company").get(store_no="B1"))
    file, counted = export.make(asked), [0]

    def count(rows: Any) -> Any:
        for row in rows:
            counted[0] += 1
            yield row

    before = resource.getrusage(resource.RUSAGE_SELF)
    began, path = time.monotonic(), Path(folder) / f"orders-{form}.{suffix}"
    write_list(path, file, Shape(suffix, form == "machine", Reader("zh-hans", SHANGHAI)), count)
    after = resource.getrusage(resource.RUSAGE_SELF)
    measured = {
        "rows": counted[0],
        "seconds": time.monotonic() - began,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory": after.ru_maxrss / 1024,
        "more": (after.ru_maxrss - before.ru_maxrss) / 1024,
        "size": path.stat().st_size / 1e6,
    }
    print(json.dumps(measured))
    path.unlink()


if __name__ == "__main__":
    if sys.argv[1:2] in (["make"], ["write"]):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        if sys.argv[1] == "make":
            make(int(sys.argv[2]))
        else:
            write(*sys.argv[2:])
    else:
        main()
