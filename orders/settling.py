"""Derived columns of orders, set-based: effective instants, listing, state and doubts (DM-20, DM-21, IX-05)."""

from collections.abc import Sequence

from django.db import connection

from orders.doubts import DOUBTS, doubts_sql
from orders.rules import STATE_BY_INSTANT
from rulebook.queries import policies
from rulebook.timebase import to_epoch


def settle_orders(*, table: str) -> None:
    """Derive the columns of the orders whose ids stand in ``table`` (column ``id``) from what sources gave.

    Pure in the stored rows: settling twice changes nothing, and rows that would not change are not written.
    """
    with connection.cursor() as cursor:
        for statement in _statements(table):
            cursor.execute(statement)


def _statements(table: str) -> list[str]:
    in_table = f"o.id IN (SELECT id FROM {table})"
    derived = {
        "sku": """CASE WHEN o.sku_given <> '' THEN o.sku_given ELSE COALESCE((
            SELECT l.sku FROM orders_orderline l WHERE l.order_id = o.id
            ORDER BY COALESCE(l.amount, 0) DESC, l.line_no LIMIT 1), '') END""",
        "ship_by": f"""COALESCE(o.ship_by_given,
            CASE WHEN NOT o.is_presale THEN o.paid_at + {_dispatch_seconds()} END)""",
        "first_scan_at": """(SELECT MIN(e.at) FROM orders_trackingevent e
            WHERE e.order_id = o.id AND e.kind <> 'label')""",
        "delivered_at": """COALESCE(o.delivered_given, (SELECT MIN(e.at) FROM orders_trackingevent e
            WHERE e.order_id = o.id AND e.kind = 'delivered'))""",
        "refunded_at": """COALESCE(o.refunded_given, (SELECT MIN(r.completed_at) FROM orders_refund r
            WHERE r.order_id = o.id AND r."full"))""",
    }
    return [_update(derived, in_table), _update({"state": STATE_SQL, "doubts": doubts_sql("o")}, in_table)]


# The first that is set, in the order of DM-21.
_STEPS = " ".join(f"WHEN o.{name} IS NOT NULL THEN '{state}'" for name, state in STATE_BY_INSTANT)
STATE_SQL = f"CASE {_STEPS} ELSE 'created' END"


def fresh_order_sql(columns: Sequence[str], source: str) -> tuple[list[str], str]:
    """Columns and SELECT for orders that nothing hangs on yet, derived as `settle_orders` would derive them.

    ``source`` is a SELECT of ``columns`` (those that sources give, under their names in the table). An insert by it
    saves writing every new order twice more.
    """
    effective = {
        "sku": "o.sku_given",
        "ship_by": f"""COALESCE(o.ship_by_given,
            CASE WHEN NOT o.is_presale THEN o.paid_at + {_dispatch_seconds()} END)""",
        "first_scan_at": "CAST(NULL AS bigint)",
        "delivered_at": "o.delivered_given",
        "refunded_at": "o.refunded_given",
    }
    given = [name for name in columns if name not in effective and name not in ("state", "doubts")]
    inner = ", ".join([*(f"o.{name}" for name in given), *(f"{sql} AS {name}" for name, sql in effective.items())])
    outer = ", ".join([*(f"o.{name}" for name in [*given, *effective]), STATE_SQL, _own_doubts_sql()])
    select = f"SELECT {outer} FROM (SELECT {inner} FROM ({source}) o) o"
    return [*given, *effective, "state", "doubts"], select


def _own_doubts_sql() -> str:
    """The doubts about an order's own instants: those about rows that hang on it can't hold yet."""
    own = [(bit, condition.format(o="o")) for bit, condition, _text in DOUBTS if not condition.startswith("EXISTS")]
    return " + ".join(f"CASE WHEN {condition} THEN {bit} ELSE 0 END" for bit, condition in own)


def _update(derived: dict[str, str], where: str) -> str:
    """An UPDATE that computes all columns once and writes only rows that differ."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in derived.items())
    assign = ", ".join(f"{name} = d.{name}" for name in derived)
    differs = " OR ".join(f"x.{name} IS DISTINCT FROM d.{name}" for name in derived)
    if connection.vendor == "sqlite":
        differs = differs.replace("x.", "orders_order.")
        target = "orders_order"
    else:
        target = "orders_order AS x"
    key = "x.id" if connection.vendor != "sqlite" else "orders_order.id"
    return f"""UPDATE {target} SET {assign}
        FROM (SELECT o.id, {columns} FROM orders_order o WHERE {where}) d
        WHERE d.id = {key} AND ({differs})"""


def _dispatch_seconds() -> str:
    """Seconds to dispatch by the policy in force at the order's creation (counting parameters, MX)."""
    periods = policies()
    cases = "".join(
        f" WHEN o.created_at >= {to_epoch(p.start)} THEN {p.policy.counting.dispatch_hours * 3600}"
        for p in reversed(periods)
    )
    return f"(CASE{cases} END)"
