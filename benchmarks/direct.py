"""A year of orders straight into PostgreSQL's tables, as an import of the same year's bundle would leave them.

`python -m benchmarks.direct ORDERS STORES SEED TODAY` after stores and carriers were imported: rows are COPYed without
indexes, which come back afterwards; what is derived comes from the statements that imports use. Nothing is put in the
dirty log, so that the first night has to be a rebuild. Prints JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import CharField, Model, TextField

from benchmarks import ready  # noqa: F401
from benchmarks.generate import LARGEST_SHARE, store_no
from benchmarks.lives import Numbers, World, make_world
from benchmarks.rows import Written, rows_of
from core.sql import POSTGRESQL, SQL
from core.timebase import from_epoch
from disputes.models import Dispute
from disputes.services.clocks import derive_dispute_clocks
from intake.pipeline.feeds import feeds_of, supply_feed
from intake.pipeline.statements import default_sql
from orders.deriving import derive_orders, fresh_order_sql
from orders.models import Message, Order, Refund, Review, TrackingEvent
from orders.services.counts import recount_orders
from stores.models import Store

MODELS: tuple[type[Model], ...] = (Order, TrackingEvent, Review, Dispute, Refund, Message)
# The files of such a year, with the column that tells of confirmations.
FILES: dict[str, list[str]] = {
    "orders": ["dispatch_confirmed_at"],
    **{name: [] for name in ("tracking_events", "reviews", "disputes", "refunds", "messages")},
}
# So many orders of the middle and of the end are derived once more by derive_orders, which must find nothing to change.
CHECKED = 20_000
AHEAD = 2


class NotAsSettledError(Exception):
    """Rows that were loaded are not as imports would derive them."""


def made_ahead(world: World, stores: Numbers) -> Iterator[Written]:
    """The rows of all chunks, made in another process while the database takes in those before."""
    with ProcessPoolExecutor(1) as pool:
        chunks = iter(range(world.chunks))
        waiting: list[Future[Any]] = [pool.submit(rows_of, world, chunk, stores) for chunk in islice(chunks, AHEAD)]
        while waiting:
            rows = waiting.pop(0).result()
            waiting += [pool.submit(rows_of, world, chunk, stores) for chunk in islice(chunks, 1)]
            yield rows


# ── Into the tables ────────────────────────────────────────────────────────────────────────────────────────────────


def take_in(cursor: Any, rows: Written) -> dict[str, int]:
    """COPY a chunk; returns rows by table."""
    counts = {}
    for model in MODELS:
        table = model._meta.db_table
        names, text = rows[table]
        if model is Order:
            counts[table] = take_orders(cursor, names, text)
        else:
            counts[table] = copy(cursor, model, table, names, text)
    return counts


def copy(cursor: Any, model: type[Model], table: str, names: list[str], text: bytes) -> int:
    """COPY rows of a model into a table of its columns."""
    texts = {str(f.column) for f in model._meta.concrete_fields if isinstance(f, CharField | TextField)}
    empty = ", ".join(quote(name) for name in names if name in texts)
    columns = ", ".join(map(quote, names))
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({empty}))") as stream:
        stream.write(text)
    return int(cursor.rowcount)


def take_orders(cursor: Any, names: list[str], text: bytes) -> int:
    """Orders go through a staging table, to be derived as imports derive them."""
    cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS bench_stage (LIKE orders_order) ON COMMIT DELETE ROWS")
    for (column,) in nullable(cursor):
        cursor.execute(f"ALTER TABLE bench_stage ALTER COLUMN {quote(column)} DROP NOT NULL")
    taken = copy(cursor, Order, "bench_stage", names, text)
    given = {name: f"s.{quote(name)}" for name in names if name != "first_scan_at"}
    for field in Order._meta.concrete_fields:
        given.setdefault(str(field.column), default_sql(field).text(POSTGRESQL))
    staged = f"SELECT {', '.join(f'{sql} AS {quote(name)}' for name, sql in given.items())} FROM bench_stage s"
    columns, select = fresh_order_sql(list(given), SQL(staged))
    listed = ", ".join("s.first_scan_at" if name == "first_scan_at" else f"f.{quote(name)}" for name in columns)
    into = ", ".join(map(quote, columns))
    derived = f"({select.text(POSTGRESQL)}) AS f({into})"
    cursor.execute(f"""INSERT INTO orders_order ({into})
        SELECT {listed} FROM {derived} JOIN bench_stage s ON s.id = f.id ORDER BY f.id""")
    return taken


def nullable(cursor: Any) -> list[tuple[str]]:
    """The columns of the staging table that still want values."""
    cursor.execute("""SELECT attname FROM pg_attribute
        WHERE attrelid = 'bench_stage'::regclass AND attnum > 0 AND attnotnull""")
    return list(cursor.fetchall())


def quote(name: str) -> str:
    return connection.ops.quote_name(name)


@contextmanager
def with_defaults(cursor: Any) -> Iterator[None]:
    """Let the database know the defaults of columns that the rows do not name."""
    required = [(m._meta.db_table, f) for m in MODELS for f in m._meta.concrete_fields if not (f.null or f.primary_key)]
    for table, field in required:
        value = default_sql(field).text(POSTGRESQL)
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {quote(str(field.column))} SET DEFAULT {value}")
    yield
    for table, field in required:
        cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {quote(str(field.column))} DROP DEFAULT")


@contextmanager
def without_indexes(cursor: Any) -> Iterator[None]:
    """Take constraints and indexes but the primary keys off the tables, and make them again: twice as fast as
    keeping them up."""
    tables = [model._meta.db_table for model in MODELS]
    cursor.execute(
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('u', 'f') ORDER BY contype DESC""",
        [tables],
    )
    constraints = cursor.fetchall()
    cursor.execute(
        """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary
            AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype = 'u')""",
        [tables],
    )
    indexes = cursor.fetchall()
    for table, name, _definition in reversed(constraints):
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {quote(name)}")
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for table, name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {quote(name)} {definition}")
    for _name, definition in indexes:
        cursor.execute(definition)


def finish(cursor: Any, world: World) -> None:
    """What an import does beside the rows: numbers go on after them, columns of scans, deadlines of disputes, feeds."""
    for model in MODELS:
        table = model._meta.db_table
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))")
    # Orders came before their scans.
    cursor.execute("CREATE TEMPORARY TABLE bench_under_way AS SELECT id FROM orders_order WHERE state = 'shipped'")
    derive_orders(table="bench_under_way")
    waiting = Dispute.objects.filter(closed_at=None).values_list("pk", flat=True)
    derive_dispute_clocks(dispute_ids=list(waiting), at=datetime.now(UTC))
    stores, now = list(Store.objects.values_list("pk", flat=True)), datetime.now(UTC)
    for kind in feeds_of(FILES):
        supply_feed(stores, kind, from_epoch(world.now), now)


def check(cursor: Any, orders: int) -> int:
    """Derive some orders again; raises NotAsSettledError if that changes any. Returns how many."""
    cursor.execute("CREATE TEMPORARY TABLE bench_check (id bigint PRIMARY KEY)")
    cursor.execute(
        """INSERT INTO bench_check SELECT id FROM orders_order
        WHERE id BETWEEN %s AND %s OR id > %s""",
        [orders // 2, orders // 2 + CHECKED, orders - CHECKED],
    )
    found = int(cursor.rowcount)
    written = "SELECT COUNT(*) FROM orders_order o JOIN bench_check c ON c.id = o.id WHERE o.xmin = %s::xid"
    with transaction.atomic():
        cursor.execute("SELECT pg_current_xact_id()::xid::text")
        own = cursor.fetchone()[0]
        derive_orders(table="bench_check")
        cursor.execute(written, [own])
        if changed := cursor.fetchone()[0]:
            raise NotAsSettledError(f"{changed:,} of {found:,} orders")
    return found


def main(orders: int, stores: int, seed: int, today: date) -> dict[str, Any]:
    """Load the year; seconds of the rows and of the indexes, rows by table."""
    world = make_world(orders, stores, seed, LARGEST_SHARE, today)
    ids = dict(Store.objects.values_list("store_no", "pk"))
    chunks = made_ahead(world, np.array([ids[store_no(n)] for n in range(stores)]))
    counts: dict[str, int] = {}
    began = time.perf_counter()
    # The worker process starts before anything is asked of the database, whose connection it must not share.
    connection.close()
    first = next(chunks)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET session_replication_role = replica")
        with without_indexes(cursor), with_defaults(cursor):
            for rows in chain([first], chunks):
                with transaction.atomic():
                    for table, taken in take_in(cursor, rows).items():
                        counts[table] = counts.get(table, 0) + taken
            loaded = time.perf_counter()
        cursor.execute("SET session_replication_role = origin")
        indexed = time.perf_counter()
        finish(cursor, world)
        # Rows came past the triggers that count orders.
        recount_orders()
        cursor.execute("VACUUM ANALYZE")
        checked = check(cursor, orders)
    return {
        "rows": counts,
        "load_seconds": loaded - began,
        "index_seconds": indexed - loaded,
        "finish_seconds": time.perf_counter() - indexed,
        "checked": checked,
    }


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:4]), date.fromisoformat(sys.argv[4]))))
