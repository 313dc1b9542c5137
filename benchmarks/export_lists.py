"""The order list as a file in each format: time, CPU and peak memory of a process that does nothing else.

    python -m benchmarks.export_lists FOLDER [ROWS]

makes a SQLite database with so many orders (default: 1,000,000) in FOLDER, unless it is there, and writes the list once
per format, each in a process of its own. With DATABASE_URL set it fills that database instead, which has to be empty.
"""

import json
import os
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROWS = 1_000_000
FORMATS = (("csv", False), ("csv", True), ("xlsx", False), ("parquet", True))
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
BATCH = 5_000


def main() -> None:
    folder, rows = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else ROWS
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["DATA_DIR"] = str(folder)
    _child("make", str(rows))
    print("| format | rows | seconds | CPU | peak memory | file |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for suffix, machine in FORMATS:
        measured = json.loads(_child("write", suffix, "machine" if machine else "people", str(folder)))
        print(
            f"| {suffix}, for {'programs' if machine else 'people'} | {measured['rows']:,} "
            f"| {measured['seconds']:.0f} | {measured['cpu']:.0f} s "
            f"| {measured['memory']:.0f} MB (+{measured['more']:.0f}) | {measured['size']:.0f} MB |",
            flush=True,
        )


def _child(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.export_lists", *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def make(rows: int) -> None:
    """The database with one store and its orders."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from orders.models import Order
    from stores.models import Company, Store

    company, _made = Company.objects.get_or_create(company_no="B", defaults={"name": "Benchmark"})
    store, _made = Store.objects.get_or_create(store_no="B1", defaults={"name": "Benchmark", "company": company})
    for start in range(Order.objects.filter(store=store).count(), rows, BATCH):
        Order.objects.bulk_create(_order(store, number) for number in range(start, min(start + BATCH, rows)))


def _order(store: Any, number: int) -> Any:
    from orders.models import Order

    paid = AT - timedelta(seconds=number * 20)
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
    if sys.argv[1] in ("make", "write"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        if sys.argv[1] == "make":
            make(int(sys.argv[2]))
        else:
            write(*sys.argv[2:])
    else:
        main()
