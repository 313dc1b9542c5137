"""Nothing is known after the export (IX-05a): facts that a source dated later are accepted, and flagged on their order.

An order has the data issue while any of its rows has a fact later than the row's own export. It can only begin
with rows that come in, so an import looks at those alone, and at orders that have it.
"""

from collections.abc import Iterator, Sequence

from core.sql import SQL, Composable, Identifier, Literal, parameters
from intake.canonical import FILES, FileSpec, Parent
from intake.canonical.columns import Kind
from intake.pipeline.batch import Batch
from intake.pipeline.followups import DIRTY, empty_dirty
from intake.pipeline.temporary import execute, fetch
from orders.data_issues import AFTER_EXPORT
from orders.updates import UPDATED_AT

# Tolerated difference of clocks, in seconds.
CLOCKS = 600
ISSUE = Literal(AFTER_EXPORT)


def flag_facts(batch: Batch, at: int, *, only_new: bool) -> None:
    """Check the orders of a batch that was written, exported at an instant; needs the table of findings.
    ``only_new``: no row was there before."""
    of_orders = batch.spec.name == "orders"
    if not (of_orders or batch.spec.parent is Parent.ORDER) or not facts_of(batch.spec):
        return
    begins = any(later_rows(batch, at))
    if only_new and not begins:
        return
    bearing = SQL("AND doubts & {issue} <> 0").format(issue=ISSUE)
    empty_dirty()
    execute(
        SQL("""INSERT INTO intake_dirty (id) SELECT id FROM orders_order
        WHERE id IN (SELECT {order_id} FROM intake_found UNION SELECT old_order_id FROM intake_found)
            {suspects}""").format(
            order_id=Identifier("target_id" if of_orders else "order_id"),
            suspects=SQL("") if begins else bearing,
        )
    )
    judge_facts(DIRTY)


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
    """Set or clear the data issue of the orders whose ids are in ``table``."""
    execute(
        SQL("""WITH d AS (SELECT o.id, CASE WHEN {later} THEN {issue} ELSE 0 END AS bit
            FROM orders_order o WHERE o.id IN (SELECT id FROM {table}))
        UPDATE orders_order SET doubts = doubts - (doubts & {issue}) + d.bit, updated_at = {now}
        FROM d WHERE d.id = orders_order.id AND (orders_order.doubts & {issue}) <> d.bit""").format(
            later=SQL(" OR ").join([_later("o", FILES["orders"]), *_rows_later()]),
            issue=ISSUE,
            now=UPDATED_AT,
            table=Identifier(table),
        )
    )


def facts_of(spec: FileSpec) -> list[str]:
    """The columns of a file that tell what has happened."""
    return [column.name for column in spec.columns if column.kind is Kind.INSTANT and not column.planned]


def known_by_rows(store_ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    """By store: the latest export of any of its rows, and the latest instant that its rows tell of and that was known
    when they were exported. As an import finds both (MX-07), for all stored rows."""
    spans = SQL(" UNION ALL ").join(span for spec in FILES.values() for span in _spans(spec))
    rows = fetch(
        SQL("""WITH s AS (SELECT id, source_at FROM stores_store WHERE id IN ({stores}))
            SELECT store_id, MAX(exported), MAX(known) FROM (
                SELECT id AS store_id, source_at AS exported, CAST(NULL AS bigint) AS known FROM s
                UNION ALL {spans}) spans GROUP BY store_id""").format(stores=parameters(store_ids), spans=spans)
    )
    return {store_id: (exported, known) for store_id, exported, known in rows if exported is not None}


def _spans(spec: FileSpec) -> Iterator[Composable]:
    """SELECTs of an order's file: of each row its store, its export and each instant that was known by then."""
    if spec.name == "orders":
        store, rows = Identifier("r", "store_id"), SQL("orders_order r").format()
    elif spec.parent is Parent.ORDER:
        store, rows = (
            Identifier("o", "store_id"),
            SQL("orders_order o JOIN {table} r ON r.order_id = o.id").format(table=Identifier(spec.table)),
        )
    else:
        return
    facts = facts_of(spec)
    for column in spec.columns:
        if column.kind is Kind.INSTANT:
            instant = Identifier("r", str(column.target))
            near = SQL("{instant} <= r.source_at + {clocks}").format(instant=instant, clocks=Literal(CLOCKS))
            yield SQL("""SELECT {store} AS store_id, r.source_at AS exported,
            CASE WHEN {instant} <= r.source_at THEN {instant}
                WHEN {near} THEN r.source_at END AS known
        FROM {rows} WHERE {store} IN (SELECT id FROM s) AND {instant} IS NOT NULL""").format(
                store=store, instant=instant, near=near if column.name in facts else SQL("TRUE"), rows=rows
            )


def _rows_later() -> Iterator[Composable]:
    for spec in FILES.values():
        if spec.parent is Parent.ORDER and facts_of(spec):
            yield SQL("EXISTS (SELECT 1 FROM {table} c WHERE c.order_id = o.id AND ({later}))").format(
                table=Identifier(spec.table), later=_later("c", spec)
            )


def _later(alias: str, spec: FileSpec) -> Composable:
    """Whether a row has a fact later than its export."""
    return SQL(" OR ").join(
        SQL("{fact} > {exported} + {clocks}").format(
            fact=Identifier(alias, str(spec.by_name[name].target)),
            exported=Identifier(alias, "source_at"),
            clocks=Literal(CLOCKS),
        )
        for name in facts_of(spec)
    )
