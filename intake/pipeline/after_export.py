"""Nothing is known after the export (IX-05a): facts that a source dated later are taken, and flagged on their order.

An order has the data issue while any of its rows has a fact later than the row's own export. It can only begin
with rows that come in, so an import looks at those alone, and at orders that have it.
"""

from collections.abc import Iterator, Sequence

from django.db import connection

from intake.canonical import FILES, FileSpec, Parent
from intake.canonical.columns import Column, Kind
from intake.pipeline.batch import Batch
from intake.pipeline.followups import TOUCHED, empty_touched
from intake.pipeline.sql import FOUND
from intake.pipeline.temporary import execute
from orders.data_issues import AFTER_EXPORT

# Seconds by which clocks may differ.
CLOCKS = 600


def flag_facts(batch: Batch, at: int) -> None:
    """Judge the orders of a batch that was written, exported at an instant; the findings must stand."""
    of_orders = batch.spec.name == "orders"
    if not (of_orders or batch.spec.parent is Parent.ORDER) or not facts_of(batch.spec):
        return
    order_id = "target_id" if of_orders else "order_id"
    suspects = "" if any(later_rows(batch, at)) else f"AND doubts & {AFTER_EXPORT} <> 0"
    empty_touched()
    execute(
        f"""INSERT INTO {TOUCHED} (id) SELECT id FROM orders_order
        WHERE id IN (SELECT {order_id} FROM {FOUND} UNION SELECT old_order_id FROM {FOUND}) {suspects}"""
    )
    judge_facts(TOUCHED)


def later_rows(batch: Batch, at: int) -> Iterator[tuple[int, str]]:
    """Position and column of each fact that is later than the export."""
    limit = at + CLOCKS
    for name in facts_of(batch.spec):
        values = batch.values.get(name, ())
        if max(filter(None, values), default=0) > limit:
            yield from ((position, name) for position, value in enumerate(values) if value and value > limit)


def latest_known(batch: Batch, at: int) -> int | None:
    """The latest instant that a batch tells of (MX-07). Nothing is known of the time after its export ``at``: however
    far a plan reaches, and facts that are dated later tell of nothing."""
    facts, latest = set(facts_of(batch.spec)), None
    for column in batch.spec.columns:
        if column.kind is not Kind.INSTANT or column.name not in batch.values:
            continue
        values = batch.values[column.name]
        # None of them is 0: instants begin in 2000.
        found = max(filter(None, values), default=None)
        if found is not None and found > at + CLOCKS and column.name in facts:
            found = max((value for value in values if value and value <= at + CLOCKS), default=None)
        if found is not None:
            latest = max(latest or 0, min(found, at))
    return latest


def judge_facts(table: str) -> None:
    """Give the orders whose ids stand in ``table`` the data issue, or take it from them."""
    later = " OR ".join([_later("orders_order", "o", "orders"), *_rows_later()])
    execute(
        f"""WITH d AS (SELECT o.id, CASE WHEN {later} THEN {AFTER_EXPORT} ELSE 0 END AS bit
            FROM orders_order o WHERE o.id IN (SELECT id FROM {table}))
        UPDATE orders_order SET doubts = doubts - (doubts & {AFTER_EXPORT}) + d.bit
        FROM d WHERE d.id = orders_order.id AND (orders_order.doubts & {AFTER_EXPORT}) <> d.bit"""
    )


def facts_of(spec: FileSpec) -> list[str]:
    """The columns of a file that tell what has happened."""
    return [column.name for column in spec.columns if column.kind is Kind.INSTANT and not column.planned]


def known_by_rows(store_ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    """By store: the latest export of any of its rows, and the latest instant that its rows tell of and that was known
    when they were exported. As an import finds both (MX-07), of everything that stands."""
    selects = [span for spec in FILES.values() if (span := _spans(spec))]
    marks = ", ".join(["%s"] * len(store_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH s AS (SELECT id, source_at FROM stores_store WHERE id IN ({marks}))
            SELECT store_id, MAX(exported), MAX(known) FROM (
                SELECT id AS store_id, source_at AS exported, CAST(NULL AS bigint) AS known FROM s
                UNION ALL {" UNION ALL ".join(selects)}) spans GROUP BY store_id""",
            list(store_ids),
        )
        return {store_id: (exported, known) for store_id, exported, known in cursor if exported is not None}


def _spans(spec: FileSpec) -> str:
    """Of each row of an order's file, its store, its export and each instant that was known by then."""
    if spec.name == "orders":
        rows, store = "orders_order r", "r.store_id"
    elif spec.parent is Parent.ORDER:
        rows, store = f"orders_order o JOIN {spec.table} r ON r.order_id = o.id", "o.store_id"
    else:
        return ""
    facts = facts_of(spec)
    return " UNION ALL ".join(
        f"""SELECT {store} AS store_id, r.source_at AS exported,
            CASE WHEN r.{column.target} <= r.source_at THEN r.{column.target}
                WHEN {_near(column) if column.name in facts else "TRUE"} THEN r.source_at END AS known
        FROM {rows} WHERE {store} IN (SELECT id FROM s) AND r.{column.target} IS NOT NULL"""
        for column in spec.columns
        if column.kind is Kind.INSTANT
    )


def _near(column: Column) -> str:
    return f"r.{column.target} <= r.source_at + {CLOCKS}"


def _rows_later() -> Iterator[str]:
    for spec in FILES.values():
        if spec.parent is Parent.ORDER and (later := _later(spec.table, "c", spec.name)):
            yield f"EXISTS (SELECT 1 FROM {spec.table} c WHERE c.order_id = o.id AND ({later}))"


def _later(table: str, alias: str, name: str) -> str:
    spec = FILES[name]
    return " OR ".join(
        f"{alias}.{spec.by_name[column].target} > {alias}.source_at + {CLOCKS}" for column in facts_of(spec)
    )
