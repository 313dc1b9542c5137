"""Derived columns of orders, set-based: effective instants, listing, state and data issues (DM-20, DM-21, IX-05)."""

from collections.abc import Sequence

from django.db import connection

from core.sql import SQL, Composable, Identifier, Literal, aliased, columns, comma, execute
from core.timebase import to_epoch
from orders.data_issues import AFTER_EXPORT, DATA_ISSUES, data_issues_sql
from orders.rules.states import STATE_BY_INSTANT
from rulebook.queries import policies


def derive_orders(*, table: str) -> None:
    """Derive the columns of the orders whose ids are in ``table`` (column ``id``) from what sources gave.

    Pure in the stored rows: deriving twice changes nothing, and rows that would not change are not written.
    """
    with connection.cursor() as cursor:
        execute(cursor, deriving_sql(SQL("SELECT id FROM {table}").format(table=Identifier(table))))


def derive_order(order_id: int) -> None:
    """`derive_orders` for one order."""
    with connection.cursor() as cursor:
        execute(cursor, deriving_sql(Literal(order_id)))


def deriving_sql(ids: Composable) -> Composable:
    """An UPDATE that computes the effective columns, then those judged by them, each once, and writes an order at most
    once, and only where a column differs."""
    effective = _effective()
    issues = SQL("{found} + (o.doubts & {kept})").format(found=data_issues_sql("o"), kept=Literal(AFTER_EXPORT))
    judged = {"state": STATE_SQL, "doubts": issues}
    names = [*effective, *judged]
    return SQL("""WITH e AS MATERIALIZED (
            SELECT {given}, {effective} FROM orders_order o WHERE o.id IN ({ids})),
        d AS MATERIALIZED (SELECT {kept}, {judged} FROM e o)
        UPDATE orders_order SET {assign} FROM d WHERE d.id = orders_order.id AND ({differs})""").format(
        given=columns(("id", *_GIVEN), table="o"),
        effective=aliased(effective),
        ids=ids,
        kept=columns(("id", *effective), table="o"),
        judged=aliased(judged),
        assign=comma(SQL("{name} = d.{name}").format(name=Identifier(name)) for name in names),
        differs=SQL(" OR ").join(
            SQL("orders_order.{name} IS DISTINCT FROM d.{name}").format(name=Identifier(name)) for name in names
        ),
    )


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
        "delivered_at": SQL("""COALESCE(o.delivered_given, (SELECT MIN(e.at) FROM orders_trackingevent e
            WHERE e.order_id = o.id AND e.kind = 'delivered'))"""),
        # In full, or in parts that come to the total: cents, half up.
        "refunded_at": SQL("""COALESCE(o.refunded_given, (SELECT MIN(r.completed_at) FROM orders_refund r
            WHERE r.order_id = o.id AND (r."full" OR r.amount_usd IS NOT NULL AND {returned}
                >= (o.total_usd + 500000) / 1000000)))""").format(returned=returned),
    }


# The first that is set, in the order of DM-21.
_STEPS = SQL(" ").join(
    SQL("WHEN {instant} IS NOT NULL THEN {state}").format(instant=Identifier("o", name), state=Literal(str(state)))
    for name, state in STATE_BY_INSTANT
)
STATE_SQL = SQL("CASE {steps} ELSE 'created' END").format(steps=_STEPS)


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
    given = [name for name in names if name not in effective and name not in ("state", "doubts")]
    select = SQL("SELECT {kept}, {state}, {issues} FROM (SELECT {given}, {effective} FROM ({source}) o) o").format(
        kept=columns((*given, *effective), table="o"),
        state=STATE_SQL,
        issues=_own_data_issues_sql(),
        given=columns(given, table="o"),
        effective=aliased(effective),
        source=source,
    )
    return [*given, *effective, "state", "doubts"], select


def _own_data_issues_sql() -> Composable:
    """The data issues of an order's own instants: it has no related records yet."""
    return data_issues_sql("o", [issue for issue in DATA_ISSUES if not issue[1].startswith("EXISTS")])


# The columns of an order that state and data issues speak of beside the effective ones.
_GIVEN = (
    "created_at",
    "paid_at",
    "shipped_at",
    "confirmed_at",
    "cancelled_at",
    "closed_at",
    "end_unclear",
    "total_usd",
    "doubts",
)


def _ship_by() -> Composable:
    return SQL("""COALESCE(o.ship_by_given,
            CASE WHEN NOT o.is_presale THEN o.paid_at + {dispatch_seconds} END)""").format(
        dispatch_seconds=_dispatch_seconds()
    )


def _dispatch_seconds() -> Composable:
    """Seconds to dispatch by the policy in force at the order's creation (counting parameters, MX)."""
    cases = SQL("").join(
        SQL(" WHEN o.created_at >= {start} THEN {seconds}").format(
            start=Literal(to_epoch(period.start)), seconds=Literal(period.policy.counting.dispatch_hours * 3600)
        )
        for period in reversed(policies())
    )
    return SQL("(CASE{cases} END)").format(cases=cases)
