"""What a batch of 1,000 orders costs that comes as rows, without a file (IX-21).

    python -m benchmarks.batches                       60 batches on both databases, in throw-away folders
    python -m benchmarks.batches --batches 300 --database postgres

New orders, the same once more, then each of them shipped; first with a connection's temporary tables made once, as they
are, then with tables made anew for each batch. Prints a Markdown table; docs/performance.md has what came out.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.deployment import deployment

ROWS = 1_000
AT = datetime(2026, 6, 1, tzinfo=UTC)
HEADS = ("database", "temporary tables", "batches of", "median ms", "CPU ms", "rows per CPU s", "catalogue kB a batch")
TABLES = ("intake_stage_orders", "intake_found", "intake_dirty")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.batches", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batches", type=int, default=60)
    parser.add_argument("--database", choices=("sqlite", "postgres"))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        sys.stdout.write(json.dumps(list(measured(options.batches))))
        return
    sys.stdout.write(f"| {' | '.join(HEADS)} |\n|{' --- |' * len(HEADS)}\n")
    for kind in [options.database] if options.database else ["sqlite", "postgres"]:
        with deployment(kind) as place:
            ended = place.python("-m", "benchmarks.batches", "--inside", "--batches", str(options.batches))
        for line in ended.json():
            sys.stdout.write(f"| {kind} | {' | '.join(line)} |\n")


def measured(batches: int) -> Iterator[list[str]]:
    """A line of the table for each way of having tables and each kind of batch; needs an installation's environment."""
    from benchmarks import ready  # noqa: F401
    from intake.pipeline.context import IntakeContext
    from intake.pipeline.rows import take_rows

    for way in ("made once", "made anew"):
        store_no = way.replace(" ", "-")
        stores = [{"store_no": store_no, "name": "Store"}]
        take_rows(IntakeContext(at=AT, now=AT), "stores", stores)
        # What a process loads once is not measured.
        take_rows(IntakeContext(at=AT, now=AT), "orders", orders(store_no, batches, None))
        for kind, days in (("new orders", 0), ("the same orders", 0), ("shipped orders", 1)):
            at = AT + timedelta(days=days)
            catalogue, cpu, seconds = catalogue_bytes(), cpu_seconds(), []
            for number in range(batches):
                rows = orders(store_no, number, at if days else None)
                began = time.perf_counter()
                if way == "made anew":
                    drop_tables()
                take_rows(IntakeContext(at=at, now=at), "orders", rows)
                seconds.append(time.perf_counter() - began)
            spent = (cpu_seconds() - cpu) / batches
            grown = (catalogue_bytes() - catalogue) / batches / 1024
            wall = median(seconds) * 1000
            yield [way, kind, f"{wall:.0f}", f"{spent * 1000:.0f}", f"{ROWS / spent:,.0f}", f"{grown:.1f}"]


def orders(store_no: str, batch: int, shipped: datetime | None) -> list[dict[str, Any]]:
    """The orders of a batch, as a program would send them."""
    return [
        {
            "store_no": store_no,
            "order_no": f"{batch:05}{number:05}",
            "sku": f"SKU-{number % 50}",
            "buyer_ref": f"b{number % 700}",
            "site": "ES",
            "created_at": "2026-05-20T08:00:00Z",
            "paid_at": "2026-05-20T09:00:00Z",
            "ship_by": "2026-05-27T09:00:00Z",
            "shipped_at": shipped.isoformat() if shipped else None,
            "carrier": "CAINIAO" if shipped else None,
            "tracking_no": f"LP{batch:05}{number:05}" if shipped else None,
            "total_amount": Decimal("12.50"),
            "currency": "USD",
            "shipping_amount": Decimal("2.50"),
        }
        for number in range(ROWS)
    ]


def drop_tables() -> None:
    """Have the next batch make its temporary tables."""
    from django.db import connection

    from core.sql import drop_temp

    with connection.cursor() as cursor:
        drop_temp(cursor, TABLES)


def cpu_seconds() -> float:
    """CPU time so far of this process and of the database server's process that serves it."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return time.process_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def catalogue_bytes() -> int:
    """The size of the tables in which PostgreSQL describes tables; 0 on SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT SUM(pg_total_relation_size(oid)) FROM pg_class
            WHERE relname IN ('pg_class', 'pg_attribute', 'pg_type', 'pg_index', 'pg_depend', 'pg_statistic')"""
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
