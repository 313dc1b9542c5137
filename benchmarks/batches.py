"""What a batch of 1,000 orders costs that comes as rows, without a file (IX-21).

    python -m benchmarks.batches                       60 batches on both databases, in throw-away folders
    python -m benchmarks.batches --batches 300 --database postgres

New orders, the same once more, then each of them shipped; with a connection's temporary tables made once, as they are,
and with tables made anew for each batch. Prints a Markdown table; docs/performance.md has what came out.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.deployment import deployment

ROWS = 1_000
AT = datetime(2026, 6, 1, tzinfo=UTC)
HEADS = ("database", "temporary tables", "batches of", "median ms", "CPU ms", "rows per CPU s", "catalogue kB a batch")
ANEW = "made-anew"
WAYS = ("made-once", ANEW)
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
    """A line of the table for each way of having tables and each kind of batch; needs an installation's environment.
    The ways take turns, so that both meet tables of the same size."""
    from benchmarks import ready  # noqa: F401

    for way in WAYS:
        take(way, "stores", [{"store_no": way, "name": way}], AT)
        # What a process loads once is not measured.
        take(way, "orders", orders(way, batches, None), AT)
    for kind, days in (("new orders", 0), ("the same orders", 0), ("shipped orders", 1)):
        at = AT + timedelta(days=days)
        costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
        for number in range(batches):
            for way, measures in costs.items():
                rows = orders(way, number, at if days else None)
                before = now()
                take(way, "orders", rows, at)
                measures.append(now() - before)
        for way, measures in costs.items():
            wall = median(cost.seconds for cost in measures) * 1000
            spent = sum(cost.cpu for cost in measures) / batches
            grown = sum(cost.catalogue for cost in measures) / batches / 1024
            yield [way, kind, f"{wall:.0f}", f"{spent * 1000:.0f}", f"{ROWS / spent:,.0f}", f"{grown:.1f}"]


def take(way: str, name: str, rows: list[dict[str, Any]], at: datetime) -> None:
    """Take a batch in."""
    from intake.pipeline.context import IntakeContext
    from intake.pipeline.rows import take_rows
    from intake.pipeline.temporary import execute

    if way == ANEW:
        execute(*(f"DROP TABLE IF EXISTS {table}" for table in TABLES))
    take_rows(IntakeContext(at=at, now=at), name, rows)


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of CPU time, bytes of the catalogue."""

    seconds: float
    cpu: float
    catalogue: int

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.seconds - other.seconds, self.cpu - other.cpu, self.catalogue - other.catalogue)


def now() -> Cost:
    """What was spent so far."""
    return Cost(time.perf_counter(), cpu_seconds(), catalogue_bytes())


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
