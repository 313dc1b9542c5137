"""Rows that are COPYed into the tables are those that an import of the same bundle leaves, and count the same."""

from datetime import date
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from benchmarks.bundles import SEED, make_bundles
from benchmarks.deployment import Deployment, deployment

ORDERS, STORES, TODAY = 3_000, 12, date(2026, 11, 20)
TABLES = {
    "orders_order": "order_no",
    "orders_trackingevent": "order_id, at, kind, tracking_no",
    "orders_review": "order_id, kind, created_at",
    "orders_refund": "refund_no",
    "orders_message": "message_no",
    "disputes_dispute": "dispute_no",
    "stores_feed": "store_id, kind",
    "stores_deadline": "store_id, subject_key, kind",
    "metrics_fact": "store_id, day",
    "metrics_problem": "store_id, counter, day, order_id",
}
# Numbers that rows get as they come in, and when that was.
PASSING = {"id", "subject_id", "supplied_at", "created_at", "opened_at"}


def contents(place: Deployment) -> dict[str, list[dict[str, object]]]:
    """The rows of all tables, without what says only when or in which order they came."""
    found = {}
    with psycopg.connect(place.url, row_factory=psycopg.rows.dict_row) as stored:
        for table, order in TABLES.items():
            passing = PASSING if table.startswith(("stores_", "metrics_")) else {"id"}
            rows = stored.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
            found[table] = [{name: value for name, value in row.items() if name not in passing} for row in rows]
    return found


@pytest.mark.skipif(connection.vendor != "postgresql", reason="COPY is PostgreSQL's")
def test_direct_load_is_what_an_import_leaves(tmp_path: Path) -> None:
    bundles = make_bundles(tmp_path, orders=ORDERS, stores=STORES, today=TODAY)
    found = []
    for parts in ([bundles.only_orders, bundles.rest], []):
        with deployment("postgres") as place:
            for folder in [bundles.reference, *parts]:
                place.manage("import_bundle", str(folder))
            if not parts:
                place.module("benchmarks.direct", str(ORDERS), str(STORES), str(SEED), TODAY.isoformat())
            place.manage("nightly", "--day", TODAY.isoformat(), "--rebuild")
            found.append(contents(place))

    imported, copied = found
    assert imported["metrics_fact"]
    for table, rows in imported.items():
        assert copied[table] == rows, table
