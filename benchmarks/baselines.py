"""The plainest fast way to do what the product does: `python -m benchmarks.baselines ACTION` prints JSON.

- `stage`: the orders' rows into a staging table and `INSERT … ON CONFLICT DO UPDATE` into a copy of the orders table
  with its indexes, in chunks and transactions of the importer's size; no parsing, no checks.
- `naive`: problem orders of the largest store by joins, OFFSET and a count.
- `copy`: the facts as CSV straight from the database, and `export facts` in the same process.
- `copy_cards`: the rows of an export of scorecards, loaded into a table, as CSV straight from there, and the export.
"""

import csv
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management import call_command
from django.db import connection, transaction

from benchmarks import ready  # noqa: F401
from insights import explanation as explaining
from insights.explanation import explanation_text
from intake.pipeline.chunks import rows_per_chunk
from metrics.counters import COUNTERS
from metrics.models import Run
from metrics.queries.problems import PAGE
from stores.models import Store

NAMES = ", ".join(counter.name for counter in COUNTERS)


def seconds(act: Callable[[], Any]) -> float:
    """How long it takes."""
    return measured(act)[0]


def measured(act: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock, and of CPU: of this process and of its PostgreSQL backend on the same machine."""
    began, spent = time.perf_counter(), cpu_seconds()
    act()
    return time.perf_counter() - began, cpu_seconds() - spent


def cpu_seconds() -> float:
    """CPU seconds so far."""
    if connection.vendor != "postgresql":
        return time.process_time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text()
    user, system = stat.rpartition(")")[2].split()[11:13]
    return time.process_time() + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


# ── Orders into a copy of their table ──────────────────────────────────────────────────────────────────────────────


def stage() -> dict[str, Any]:
    """First import, and the same rows again."""
    with connection.cursor() as cursor:
        names = copy_of_orders(cursor)
        chunks = [list(rows) for rows in chunked(cursor, names)]
    load = chunk_loader(names)
    first, first_cpu = measured(lambda: [load(rows) for rows in chunks])
    again, again_cpu = measured(lambda: [load(rows) for rows in chunks])
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM bench_order")
        count = cursor.fetchone()[0]
        cursor.execute("DROP TABLE bench_order")
    return {
        "rows": count,
        "first_seconds": first,
        "first_cpu_seconds": first_cpu,
        "again_seconds": again,
        "again_cpu_seconds": again_cpu,
    }


def copy_of_orders(cursor: Any) -> list[str]:
    """Make an empty table like that of the orders, indexes included; returns its columns but the id."""
    if connection.vendor == "postgresql":
        cursor.execute("CREATE TABLE bench_order (LIKE orders_order INCLUDING ALL)")
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'bench_order'")
        return [name for (name,) in cursor.fetchall() if name != "id"]
    cursor.execute("SELECT sql, type FROM sqlite_master WHERE tbl_name = 'orders_order' AND sql IS NOT NULL")
    for sql, kind in sorted(cursor.fetchall(), key=lambda row: row[1] != "table"):
        renamed = sql.replace('"orders_order"', '"bench_order"')
        cursor.execute(
            renamed if kind == "table" else renamed.replace("INDEX ", "INDEX bench_", 1).replace('bench_"', '"bench_')
        )
    cursor.execute("PRAGMA table_info(bench_order)")
    return [row[1] for row in cursor.fetchall() if row[1] != "id"]


def chunked(cursor: Any, names: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    """The orders' rows, as many at once as the importer takes."""
    cursor.execute(f"SELECT {', '.join(names)} FROM orders_order ORDER BY id")
    while rows := cursor.fetchmany(rows_per_chunk()):
        yield rows


def chunk_loader(names: list[str]) -> Callable[[list[tuple[Any, ...]]], None]:
    """A function that takes one chunk in."""
    columns = ", ".join(names)
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ("store_id", "order_no"))
    upsert = f"""INSERT INTO bench_order ({columns}) SELECT {columns} FROM bench_stage WHERE TRUE
        ON CONFLICT (store_id, order_no) DO UPDATE SET {updates}"""
    postgresql = connection.vendor == "postgresql"
    marks = ", ".join(["%s"] * len(names))

    def load(rows: list[tuple[Any, ...]]) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS bench_stage")
            cursor.execute(f"CREATE TEMPORARY TABLE bench_stage AS SELECT {columns} FROM bench_order LIMIT 0")
            if postgresql:
                with cursor.copy(f"COPY bench_stage ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                cursor.executemany(f"INSERT INTO bench_stage ({columns}) VALUES ({marks})", rows)
            cursor.execute(upsert)

    return load


# ── Problem orders by joins ────────────────────────────────────────────────────────────────────────────────────────

NAIVE_FROM = """FROM orders_order o
    LEFT JOIN orders_trackingevent e ON e.order_id = o.id AND e.kind = 'delivered'
    LEFT JOIN disputes_dispute d ON d.order_id = o.id
    LEFT JOIN orders_review v ON v.order_id = o.id AND v.kind = 'buyer'
    WHERE o.store_id = %s AND o.paid_at IS NOT NULL AND o.ship_by BETWEEN %s AND %s
        AND (o.cancelled_at IS NULL OR o.cancelled_at > o.ship_by)
        AND (o.refunded_at IS NULL OR o.refunded_at > o.ship_by)
        AND (o.shipped_at IS NULL OR o.shipped_at > o.ship_by)"""


def naive() -> dict[str, Any]:
    """A page of late dispatches with what a list shows beside them, and their count, from the raw rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT store_id, COUNT(*) FROM orders_order GROUP BY store_id ORDER BY 2 DESC LIMIT 1")
        store, orders = cursor.fetchone()
        cursor.execute("SELECT MAX(ship_by) FROM orders_order WHERE store_id = %s AND shipped_at IS NOT NULL", [store])
        last = cursor.fetchone()[0]
        bounds = [store, last - 30 * 86_400, last]

        def page() -> None:
            cursor.execute(f"SELECT COUNT(DISTINCT o.id) {NAIVE_FROM}", bounds)
            found = cursor.fetchone()[0]
            offset = max(0, min(20 * PAGE, found - PAGE))
            cursor.execute(
                f"""SELECT o.*, e.at, d.opened_at, v.described {NAIVE_FROM}
                ORDER BY o.ship_by DESC, o.id DESC LIMIT {PAGE} OFFSET {offset}""",
                bounds,
            )
            cursor.fetchall()

        page()
        times = [seconds(page) * 1000 for _ in range(9)]
    return {"median_ms": statistics.median(times), "orders": orders}


# ── Exports ────────────────────────────────────────────────────────────────────────────────────────────────────────


def copy() -> dict[str, Any]:
    """The rows of `export facts`, unformatted, then the export itself, which has started already as they have."""
    query = f"SELECT s.store_no, f.day, {NAMES} FROM metrics_fact f JOIN stores_store s ON s.id = f.store_id"
    query += " ORDER BY f.store_id, f.day"
    with connection.cursor() as cursor, tempfile.TemporaryFile() as out:
        cursor.execute("SELECT COUNT(*) FROM metrics_fact")
        count = cursor.fetchone()[0]

        taken, cpu = measured(lambda: dump(cursor, query, out))
    ours, ours_cpu = measured_export("facts")
    return {
        "rows": count,
        "seconds": taken,
        "cpu_seconds": cpu,
        "export_seconds": ours,
        "export_cpu_seconds": ours_cpu,
    }


def copy_cards(file: str, day: str) -> dict[str, Any]:
    """The rows that an export of a day's scorecards wrote to a file, from a table of them to CSV; and the export."""
    with Path(file).open(newline="") as stream:
        names, *rows = csv.reader(stream)
    columns, marks = ", ".join(names), ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor, tempfile.TemporaryFile() as out:
        cursor.execute(f"CREATE TEMPORARY TABLE bench_cards ({', '.join(f'{name} TEXT' for name in names)})")
        cursor.executemany(f"INSERT INTO bench_cards ({columns}) VALUES ({marks})", rows)
        taken, cpu = measured(lambda: dump(cursor, f"SELECT {columns} FROM bench_cards", out))
    ours, ours_cpu = measured_export("scorecards", "--from", day, "--to", day)
    return {
        "rows": len(rows),
        "seconds": taken,
        "cpu_seconds": cpu,
        "export_seconds": ours,
        "export_cpu_seconds": ours_cpu,
    }


def dump(cursor: Any, query: str, out: BinaryIO) -> None:
    """The rows of a query as CSV: COPY TO STDOUT on PostgreSQL, the cursor and a file on SQLite."""
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)") as stream:
            for part in stream:
                out.write(part)
    else:
        cursor.execute(query)
        for row in cursor:
            out.write((",".join(map(str, row)) + "\n").encode())


def measured_export(kind: str, *options: str) -> tuple[float, float]:
    """Seconds and CPU seconds of an export in this process."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ("export", kind, *options, "--out", f"{folder}/{kind}.csv")
        return measured(lambda: call_command(*arguments, stdout=StringIO()))


def vacuum() -> dict[str, Any]:
    """What autovacuum does within minutes, before anything else is measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")
    return {}


def totals(*names: str) -> dict[str, int]:
    """Sums of counters over all facts."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'SUM({name})' for name in names)} FROM metrics_fact")
        return dict(zip(names, map(int, cursor.fetchone()), strict=True))


def closed() -> dict[str, list[str]]:
    """The days that any night has closed."""
    return {"days": sorted({day.isoformat() for day in Run.objects.values_list("day", flat=True).distinct()})}


def largest() -> dict[str, str]:
    """The store with the most orders."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT store_id FROM orders_order GROUP BY store_id ORDER BY COUNT(*) DESC LIMIT 1")
        return {"store_no": Store.objects.get(pk=cursor.fetchone()[0]).store_no}


def explain(number: str, day: str) -> dict[str, float]:
    """The explanation of a metric, ready to print, in a process that is warm."""
    store, on = Store.objects.get(store_no=number), date.fromisoformat(day)

    def act() -> list[str]:
        return list(explanation_text(explaining.explain(store=store, code="late_dispatch", day=on)))

    act()
    times = [seconds(act) * 1000 for _ in range(30)]
    return {"median_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[-1]}


ACTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "stage": stage,
    "naive": naive,
    "copy": copy,
    "copy_cards": copy_cards,
    "vacuum": vacuum,
    "totals": totals,
    "closed": closed,
    "largest": largest,
    "explain": explain,
}

if __name__ == "__main__":
    print(json.dumps(ACTIONS[sys.argv[1]](*sys.argv[2:])))
