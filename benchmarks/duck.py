"""DuckDB's way: load the same CSV files, then work every figure out of all rows at once.

`python -m benchmarks.duck FOLDER DATABASE SCANS` prints JSON. The scan goes from raw rows to the sums of today's
windows, as a night does, for the counters of `COUNTED`; it leaves out what a night does beyond (lines, levels,
published rows).
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

FILES = ("orders", "tracking_events", "reviews", "disputes", "refunds", "messages")
PERFORMANCE_DAY = "CAST(FLOOR((epoch({at}) + 28800) / 86400) AS INTEGER)"

# One row per order with everything that an order's counters need.
FACTS_OF_ORDERS = """
CREATE OR REPLACE TABLE base AS
WITH scans AS (
    SELECT store_no, order_no, "at" AS seen_at,
        LEAD("at") OVER (PARTITION BY store_no, order_no ORDER BY "at") AS next_at
    FROM tracking_events),
marks AS (
    SELECT store_no, order_no, MIN("at") FILTER (kind IN ('returned', 'lost')) AS bad_at
    FROM tracking_events GROUP BY ALL),
review AS (
    SELECT store_no, order_no, MIN(created_at) AS reviewed_at, ANY_VALUE(described) AS described,
        ANY_VALUE(communication) AS communication, ANY_VALUE(text) AS text, ANY_VALUE(has_photo) AS has_photo
    FROM reviews WHERE kind = 'buyer' GROUP BY ALL),
auto AS (SELECT store_no, order_no, MIN(created_at) AS auto_at FROM reviews WHERE kind = 'auto' GROUP BY ALL),
firsts AS (
    SELECT o.store_no, o.sku, MIN(r.reviewed_at) AS first_review FROM orders o JOIN review r USING (store_no, order_no)
    GROUP BY ALL),
dispute AS (
    SELECT store_no, order_no, MIN(opened_at) AS disputed_at,
        MAX(CAST(kind IN ('platform_claim', 'chargeback') AS INTEGER)) AS intervened
    FROM disputes GROUP BY ALL),
refund AS (SELECT store_no, order_no, MIN(completed_at) AS back_at FROM refunds GROUP BY ALL),
silent AS (
    SELECT s.store_no, s.order_no, MIN(s.seen_at + INTERVAL 48 HOUR) AS silent_at
    FROM scans s JOIN orders o USING (store_no, order_no) LEFT JOIN marks m USING (store_no, order_no)
    WHERE (s.next_at IS NULL OR s.next_at > s.seen_at + INTERVAL 48 HOUR)
        AND s.seen_at + INTERVAL 48 HOUR >= o.shipped_at
        AND s.seen_at + INTERVAL 48 HOUR < COALESCE(LEAST(o.delivered_at, m.bad_at, o.cancelled_at, o.refunded_at),
            TIMESTAMP '2200-01-01')
    GROUP BY ALL)
SELECT o.*, r.reviewed_at, r.described, r.communication, r.text, r.has_photo, a.auto_at, d.disputed_at, f.back_at,
    GREATEST(r.reviewed_at, first_review + INTERVAL 72 HOUR) AS counts_at, s.silent_at, m.bad_at,
    CASE WHEN o.delivered_at <= o.shipped_at + INTERVAL 60 DAY THEN o.delivered_at
        WHEN o.shipped_at IS NOT NULL THEN LEAST(m.bad_at, o.shipped_at + INTERVAL 60 DAY) END AS outcome_at,
    LEAST(o.confirmed_at, d.disputed_at) AS settled_at,
    CASE WHEN o.confirmed_at IS NOT NULL AND o.cancelled_at IS NULL AND o.refunded_at IS NULL
        AND o.total_amount >= 2 AND COALESCE(d.intervened, 0) = 0 THEN
        CASE WHEN o.confirmed_by = 'system' THEN GREATEST(o.confirmed_at,
            LEAST(r.reviewed_at, o.confirmed_at + INTERVAL 30 DAY))
        WHEN r.reviewed_at IS NOT NULL THEN GREATEST(o.confirmed_at, r.reviewed_at) END END AS eligible_at
FROM orders o
LEFT JOIN review r USING (store_no, order_no) LEFT JOIN auto a USING (store_no, order_no)
LEFT JOIN firsts USING (store_no, sku) LEFT JOIN dispute d USING (store_no, order_no)
LEFT JOIN refund f USING (store_no, order_no) LEFT JOIN silent s USING (store_no, order_no)
LEFT JOIN marks m USING (store_no, order_no)
"""

DUE = (
    "paid_at IS NOT NULL AND ship_by IS NOT NULL AND COALESCE(cancelled_at > ship_by, TRUE)"
    " AND COALESCE(refunded_at > ship_by, TRUE)"
)
DELIVERY_DUE = (
    "shipped_at <= estimated_delivery_at AND COALESCE(cancelled_at > estimated_delivery_at, TRUE)"
    " AND COALESCE(refunded_at > estimated_delivery_at, TRUE)"
)
NOT_DELIVERED = "(delivered_at IS NULL OR delivered_at > outcome_at)"
# Anchor: instant, filter, sums.
ANCHORS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("paid_at", "TRUE", {"orders_paid": "1", "gmv_cents_usd": "ROUND(total_amount * 100)"}),
    ("ship_by", DUE, {"dispatch_due": "1", "dispatch_late": "shipped_at IS NULL OR shipped_at > ship_by"}),
    (
        "shipped_at",
        "paid_at IS NOT NULL",
        {
            "shipped": "1",
            "shipped_over_72h": "shipped_at - paid_at > INTERVAL 72 HOUR",
            "handling_seconds": "epoch(shipped_at) - epoch(paid_at)",
        },
    ),
    ("cancelled_at", "paid_at IS NOT NULL AND cancelled_by = 'seller'", {"cancelled_by_seller": "1"}),
    (
        "estimated_delivery_at",
        DELIVERY_DUE,
        {"delivery_due": "1", "delivery_late": "delivered_at IS NULL OR delivered_at > estimated_delivery_at"},
    ),
    (
        "outcome_at",
        "TRUE",
        {
            "outcomes": "1",
            "undelivered": NOT_DELIVERED,
            "transit_seconds": f"CASE WHEN {NOT_DELIVERED} THEN 0 ELSE epoch(delivered_at) - epoch(shipped_at) END",
        },
    ),
    ("disputed_at", "TRUE", {"disputes_opened_orders": "1"}),
    ("settled_at", "TRUE", {"settled": "1"}),
    ("COALESCE(back_at, refunded_at)", "TRUE", {"refunded_orders": "1"}),
    ("silent_at", "TRUE", {"silences": "1"}),
    (
        "counts_at",
        "TRUE",
        {
            "reviews_positive": "described >= 4",
            "reviews_neutral": "described = 3",
            "reviews_negative": "described <= 2",
            "reviews_text": "text <> ''",
            "reviews_photo": "has_photo",
        },
    ),
    ("auto_at", "TRUE", {"reviews_auto": "1"}),
    ("confirmed_at", "TRUE", {"successes": "1"}),
    (
        "eligible_at",
        "TRUE",
        {
            "r_value_n": "1",
            "r_value_cents_usd": "ROUND(total_amount * 100)",
            "described_sum": "COALESCE(described, 0)",
            "communication_sum": "COALESCE(communication, 0)",
            "r_dispatch_ontime": "shipped_at <= ship_by",
            "r_delivery_ontime": "delivered_at <= estimated_delivery_at",
        },
    ),
)
COUNTED = tuple(name for _at, _where, sums in ANCHORS for name in sums)
# What must agree with our facts to the unit, on these bundles.
COMPARED = (
    *("orders_paid", "gmv_cents_usd", "dispatch_due", "dispatch_late", "shipped", "handling_seconds"),
    *("cancelled_by_seller", "delivery_due", "delivery_late", "outcomes", "undelivered", "settled", "refunded_orders"),
    *("disputes_opened_orders", "reviews_positive", "reviews_negative", "reviews_auto", "successes"),
)


def facts_sql() -> str:
    """Sums per store and day over all anchors."""
    parts = []
    for at, where, sums in ANCHORS:
        columns = ", ".join(
            f"{f'SUM(CAST({sums[name]} AS BIGINT))' if name in sums else '0'} AS {name}" for name in COUNTED
        )
        day = PERFORMANCE_DAY.format(at=at)
        parts.append(
            f"SELECT store_no, {day} AS day, {columns} FROM base WHERE {at} IS NOT NULL AND {where} GROUP BY ALL"
        )
    totals = ", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in COUNTED)
    rows = f"SELECT store_no, day, {totals} FROM ({' UNION ALL '.join(parts)}) GROUP BY ALL"
    return f"CREATE OR REPLACE TABLE facts AS {rows}"


def windows_sql() -> str:
    """Sums of the windows of 30, 90 and 180 days up to the last day of payment."""
    sums = ", ".join(
        f"SUM({name}) FILTER (day > last - {days}) AS {name}_{days}" for name in COUNTED for days in (30, 90, 180)
    )
    last = f"SELECT {PERFORMANCE_DAY.format(at='MAX(paid_at)')} - 1 AS last FROM base"
    return (
        f"CREATE OR REPLACE TABLE cards AS SELECT store_no, {sums} FROM facts, ({last}) WHERE day <= last GROUP BY ALL"
    )


def main(folder: Path, database: Path, scans: int) -> dict[str, Any]:
    """Load, scan so many times, sum up; seconds of the load and of the median scan."""
    with duckdb.connect(str(database)) as duck:
        duck.execute("SET TimeZone = 'UTC'")
        began = time.perf_counter()
        for name in FILES:
            source = f"read_csv('{folder / name}.csv', header = true, sample_size = -1)"
            duck.execute(f"CREATE TABLE {name} AS SELECT * FROM {source}")
        load = time.perf_counter() - began
        times = sorted(_scan(duck) for _ in range(scans))
        totals = duck.execute(f"SELECT {', '.join(f'SUM({name})' for name in COMPARED)} FROM facts").fetchone()
        stores = duck.execute("SELECT COUNT(*) FROM cards").fetchone()
    assert totals is not None
    assert stores is not None
    return {
        "load_seconds": load,
        "scan_seconds": times[scans // 2][0],
        "scan_cpu_seconds": times[scans // 2][1],
        "stores": stores[0],
        "totals": dict(zip(COMPARED, map(int, totals), strict=True)),
    }


def _scan(duck: duckdb.DuckDBPyConnection) -> tuple[float, float]:
    """Wall and CPU seconds of one scan."""
    began, before = time.perf_counter(), time.process_time()
    for statement in (FACTS_OF_ORDERS, facts_sql(), windows_sql()):
        duck.execute(statement)
    return time.perf_counter() - began, time.process_time() - before


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
