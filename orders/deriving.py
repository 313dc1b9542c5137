"""Derived columns of orders, set-based: effective instants, listing, state and data issues (DM-20, DM-21, IX-05)."""

from collections.abc import Callable, Sequence

from django.db import connection

from core.sql import SQL, Composable, Identifier, Literal, aliased, columns, comma, execute
from core.timebase import to_epoch
from orders.data_issues import AFTER_EXPORT, DATA_ISSUES, data_issues_sql
from orders.rules.pool import BAD_ENDS, BEFORE_PICKUP, DELIVERED
from orders.rules.states import STATE_BY_INSTANT
from orders.updates import UPDATED_AT
from rulebook.policy.core import Counting
from rulebook.queries import policies

HOUR = 3600


def derive_orders(*, table: str, updated: bool = False) -> None:
    """Derive the columns of the orders whose ids are in ``table`` (column ``id``) from what sources gave.

    Pure in the stored rows: deriving twice changes nothing, and rows that would not change are not written. With
    ``updated`` all are, to note that their related records changed (`orders.updates`).
    """
    _derive(SQL("SELECT id FROM {table}").format(table=Identifier(table)), updated=updated)


def derive_order(order_id: int) -> None:
    """`derive_orders` for one order that was changed."""
    _derive(Literal(order_id), updated=True)


def _derive(ids: Composable, *, updated: bool) -> None:
    with connection.cursor() as cursor:
        for statement in (*parcels_sql(ids), deriving_sql(ids, updated=updated)):
            execute(cursor, statement)


def deriving_sql(ids: Composable, *, updated: bool = False) -> Composable:
    """An UPDATE that computes the effective columns, then those judged by them, each once, and writes an order at most
    once; unless all count as updated, only where a column differs."""
    effective = _effective()
    issues = SQL("{found} + (o.doubts & {kept})").format(found=data_issues_sql("o"), kept=Literal(AFTER_EXPORT))
    judged = {"state": STATE_SQL, "doubts": issues, **_trace()}
    names = [*effective, *judged]
    return SQL("""WITH e AS MATERIALIZED (
            SELECT {given}, {effective} FROM orders_order o WHERE o.id IN ({ids})),
        d AS MATERIALIZED (SELECT {kept}, {judged} FROM e o)
        UPDATE orders_order SET {assign}, updated_at = {now} FROM d
        WHERE d.id = orders_order.id AND ({differs})""").format(
        now=UPDATED_AT,
        given=columns(("id", *_GIVEN), table="o"),
        effective=aliased(effective),
        ids=ids,
        kept=columns(("id", *effective), table="o"),
        judged=aliased(judged),
        assign=comma(SQL("{name} = d.{name}").format(name=Identifier(name)) for name in names),
        differs=SQL("TRUE")
        if updated
        else SQL(" OR ").join(
            SQL("orders_order.{name} IS DISTINCT FROM d.{name}").format(name=Identifier(name)) for name in names
        ),
    )


def parcels_sql(ids: Composable) -> tuple[Composable, Composable]:
    """Two UPDATEs that number the parcels of orders that were split, and tell which parcel each of their scans is of.

    Parcels are numbered by dispatch, then by tracking number, so the sequence in which they came does not matter. An
    order without a number of its own has its first further parcel as the first.
    """
    parcels = SQL("""UPDATE orders_shipment SET parcel_no = n.parcel_no FROM (
            SELECT p.id, CASE WHEN p.is_own THEN 1 WHEN p.is_former THEN 0
                    ELSE SUM(CASE WHEN p.is_own OR p.is_former THEN 0 ELSE 1 END) OVER (PARTITION BY p.order_id
                        ORDER BY p.shipped_at, p.tracking_no) + CASE WHEN p.own <> '' THEN 1 ELSE 0 END
                END AS parcel_no
            FROM (SELECT s.id, s.order_id, s.tracking_no, o.tracking_no AS own,
                    COALESCE(s.shipped_at, o.shipped_at, 0) AS shipped_at, s.tracking_no = o.tracking_no AS is_own,
                    EXISTS (SELECT 1 FROM orders_replacedshipment r
                        WHERE r.order_id = s.order_id AND r.tracking_no = s.tracking_no AND r.replaced_by <> ''
                    ) AS is_former
                FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id WHERE s.order_id IN ({ids})) p) n
        WHERE n.id = orders_shipment.id AND n.parcel_no <> orders_shipment.parcel_no""").format(ids=ids)
    scans = SQL("""UPDATE orders_trackingevent SET parcel_no = n.parcel_no FROM (
            SELECT e.id, CASE WHEN COALESCE(present.parcel_no, s.parcel_no) > 1
                THEN COALESCE(present.parcel_no, s.parcel_no) END AS parcel_no
            FROM orders_trackingevent e
            LEFT JOIN orders_shipment s ON s.order_id = e.order_id AND s.tracking_no = e.tracking_no
            LEFT JOIN orders_replacedshipment r ON r.order_id = e.order_id AND r.tracking_no = e.tracking_no
            LEFT JOIN orders_shipment present ON present.order_id = e.order_id
                AND present.tracking_no = r.replaced_by
            WHERE e.order_id IN (SELECT s.order_id FROM orders_shipment s WHERE s.order_id IN ({ids}))) n
        WHERE n.id = orders_trackingevent.id
            AND n.parcel_no IS DISTINCT FROM orders_trackingevent.parcel_no""").format(ids=ids)
    return parcels, scans


def _effective() -> dict[str, Composable]:
    """What holds, by column: what the source gave, else what follows from the order's related records."""
    returned = SQL("""(SELECT (CAST(SUM(p.amount_usd) AS BIGINT) + 50) / 100 FROM orders_refund p
        WHERE p.order_id = o.id AND p.completed_at <= r.completed_at)""")
    return {
        "sku": SQL("""CASE WHEN o.sku_given <> '' THEN o.sku_given ELSE COALESCE((
            SELECT l.sku FROM orders_orderline l WHERE l.order_id = o.id
            ORDER BY COALESCE(l.amount, 0) DESC, l.line_no LIMIT 1), '') END"""),
        "ship_by": _ship_by(),
        "first_scan_at": SQL("""(SELECT MIN(e.at) FROM orders_trackingevent e
            WHERE e.order_id = o.id AND e.kind <> 'label')"""),
        "delivered_at": SQL("COALESCE(o.delivered_given, {delivered})").format(delivered=_DELIVERED),
        # In full, or in parts that come to the total: cents, half up.
        "refunded_at": SQL("""COALESCE(o.refunded_given, (SELECT MIN(r.completed_at) FROM orders_refund r
            WHERE r.order_id = o.id AND (r."full" OR r.amount_usd IS NOT NULL AND {returned}
                >= (o.total_usd + 500000) / 1000000)))""").format(returned=returned),
    }


# The last parcel's delivery, once all were delivered; most orders have one parcel (DM-17).
_DELIVERED = SQL("""CASE WHEN EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id AND s.parcel_no > 1)
            THEN (SELECT CASE WHEN COUNT(*) = (
                        SELECT 1 + COUNT(*) FROM orders_shipment s WHERE s.order_id = o.id AND s.parcel_no > 1)
                    THEN MAX(p.at) END
                FROM (SELECT MIN(e.at) AS at FROM orders_trackingevent e
                    WHERE e.order_id = o.id AND e.kind = 'delivered' GROUP BY e.parcel_no) p)
            ELSE (SELECT MIN(e.at) FROM orders_trackingevent e
                WHERE e.order_id = o.id AND e.kind = 'delivered') END""")

# The first that is set, in the order of DM-21.
_STEPS = SQL(" ").join(
    SQL("WHEN {instant} IS NOT NULL THEN {state}").format(instant=Identifier("o", name), state=Literal(str(state)))
    for name, state in STATE_BY_INSTANT
)
STATE_SQL = SQL("CASE {steps} ELSE 'created' END").format(steps=_STEPS)


def _trace() -> dict[str, Composable]:
    """The latest scan of an order under way and the instant from which it is abnormal, of the parcel that is so first
    (TM-03, DM-17): without a further scan, as `orders.rules.pool.pool_periods` has it."""
    last = SQL("""(SELECT MAX(e.at) FROM orders_trackingevent e
        WHERE e.order_id = o.id AND e.kind <> {label})""").format(label=Literal(BEFORE_PICKUP))
    ended = SQL("MAX(CASE WHEN e.kind IN ({ends}) THEN 1 ELSE 0 END)").format(
        ends=comma(Literal(kind) for kind in (DELIVERED, *BAD_ENDS))
    )
    # Most orders have one parcel, whose trace is read several times as fast without telling parcels apart.
    entered = SQL("""CASE WHEN EXISTS (SELECT 1 FROM orders_shipment s WHERE s.order_id = o.id AND s.parcel_no > 1)
            THEN (SELECT MIN({entry}) FROM (SELECT q.left_at, MAX(e.at) AS last_at, {ended} AS ended
                FROM (SELECT 1 AS parcel_no, o.shipped_at AS left_at
                    UNION ALL SELECT s.parcel_no, COALESCE(s.shipped_at, o.shipped_at) FROM orders_shipment s
                        WHERE s.order_id = o.id AND s.parcel_no > 1) q
                LEFT JOIN orders_trackingevent e ON e.order_id = o.id AND COALESCE(e.parcel_no, 1) = q.parcel_no
                    AND e.kind <> {label}
                GROUP BY q.parcel_no, q.left_at) p)
            ELSE (SELECT {entry} FROM (SELECT o.shipped_at AS left_at, MAX(e.at) AS last_at, {ended} AS ended
                FROM orders_trackingevent e WHERE e.order_id = o.id AND e.kind <> {label}) p) END""").format(
        entry=SQL("""CASE WHEN p.ended = 1 THEN NULL WHEN p.last_at IS NULL THEN p.left_at + {first_scan}
            WHEN p.last_at + {silence} >= p.left_at THEN p.last_at + {silence} END""").format(
            first_scan=_first_scan_seconds(), silence=_seconds(lambda counting: counting.silence_hours)
        ),
        ended=ended,
        label=Literal(BEFORE_PICKUP),
    )
    return {"last_scan_at": _if_traced(last), "abnormal_from": _if_traced(entered)}


def _if_traced(value: Composable) -> Composable:
    return SQL("CASE WHEN {state} = 'shipped' AND o.fulfilled_by = 'seller' THEN {value} END").format(
        state=STATE_SQL, value=value
    )


def fresh_order_sql(names: Sequence[str], source: Composable) -> tuple[list[str], Composable]:
    """Columns and SELECT for orders without related records yet, derived as by `derive_orders`.

    ``source`` is a SELECT of the columns ``names`` (those that sources give, under their names in the table). An insert
    by it saves writing every new order twice more.
    """
    effective: dict[str, Composable] = {
        "sku": SQL("o.sku_given"),
        "ship_by": _ship_by(),
        "first_scan_at": SQL("CAST(NULL AS bigint)"),
        "delivered_at": SQL("o.delivered_given"),
        "refunded_at": SQL("o.refunded_given"),
    }
    judged: dict[str, Composable] = {
        "state": STATE_SQL,
        "doubts": _own_data_issues_sql(),
        "last_scan_at": SQL("CAST(NULL AS bigint)"),
        "abnormal_from": _if_traced(SQL("o.shipped_at + {within}").format(within=_first_scan_seconds())),
    }
    given = [name for name in names if name not in effective and name not in judged]
    select = SQL("SELECT {kept}, {judged} FROM (SELECT {given}, {effective} FROM ({source}) o) o").format(
        kept=columns((*given, *effective), table="o"),
        judged=comma(judged.values()),
        given=columns(given, table="o"),
        effective=aliased(effective),
        source=source,
    )
    return [*given, *effective, *judged], select


def _own_data_issues_sql() -> Composable:
    """The data issues of an order's own instants: it has no related records yet."""
    return data_issues_sql("o", [issue for issue in DATA_ISSUES if not issue[1].startswith("EXISTS")])


# The columns of an order that those judged by them speak of beside the effective ones.
_GIVEN = (
    "created_at",
    "paid_at",
    "shipped_at",
    "confirmed_at",
    "cancelled_at",
    "closed_at",
    "end_unclear",
    "total_usd",
    "fulfilled_by",
    "doubts",
)


def _ship_by() -> Composable:
    return SQL("""COALESCE(o.ship_by_given,
            CASE WHEN NOT o.is_presale THEN o.paid_at + {dispatch_seconds} END)""").format(
        dispatch_seconds=_seconds(lambda counting: counting.dispatch_hours)
    )


def _first_scan_seconds() -> Composable:
    return _seconds(lambda counting: counting.first_scan_hours)


def _seconds(hours: Callable[[Counting], int]) -> Composable:
    """A counting parameter in seconds by the policy in force at the order's creation (MX)."""
    first, *later = [(period.start, hours(period.policy.counting) * HOUR) for period in policies()]
    cases = SQL("").join(
        SQL(" WHEN o.created_at >= {start} THEN {seconds}").format(
            start=Literal(to_epoch(start)), seconds=Literal(seconds)
        )
        for start, seconds in reversed(later)
    )
    at_first = Literal(first[1])
    return SQL("(CASE{cases} ELSE {first} END)").format(cases=cases, first=at_first) if later else at_first
