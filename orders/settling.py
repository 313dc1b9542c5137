"""Derived columns of orders, set-based: effective instants, listing, state and doubts (DM-20, DM-21, IX-05)."""

from collections.abc import Sequence

from django.db import connection

from core.timebase import to_epoch
from orders.doubts import AFTER_EXPORT, DOUBTS, doubts_sql
from orders.rules import STATE_BY_INSTANT
from rulebook.queries import policies


def settle_orders(*, table: str) -> None:
    """Derive the columns of the orders whose ids stand in ``table`` (column ``id``) from what sources gave.

    Pure in the stored rows: settling twice changes nothing, and rows that would not change are not written.
    """
    effective = {
        "sku": """CASE WHEN o.sku_given <> '' THEN o.sku_given ELSE COALESCE((
            SELECT l.sku FROM orders_orderline l WHERE l.order_id = o.id
            ORDER BY COALESCE(l.amount, 0) DESC, l.line_no LIMIT 1), '') END""",
        "ship_by": f"""COALESCE(o.ship_by_given,
            CASE WHEN NOT o.is_presale THEN o.paid_at + {_dispatch_seconds()} END)""",
        "first_scan_at": """(SELECT MIN(e.at) FROM orders_trackingevent e
            WHERE e.order_id = o.id AND e.kind <> 'label')""",
        "delivered_at": """COALESCE(o.delivered_given, (SELECT MIN(e.at) FROM orders_trackingevent e
            WHERE e.order_id = o.id AND e.kind = 'delivered'))""",
        "refunded_at": f"""COALESCE(o.refunded_given, (SELECT MIN(r.completed_at) FROM orders_refund r
            WHERE r.order_id = o.id AND (r."full" OR r.amount_usd IS NOT NULL AND {_returned_by("r.completed_at")}
                >= (o.total_usd + 500000) / 1000000)))""",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _update(
                effective, {"state": STATE_SQL, "doubts": f"{doubts_sql('o')} + (o.doubts & {AFTER_EXPORT})"}, table
            )
        )


def _returned_by(instant: str) -> str:
    """Cents, half up, of all refunds of an order completed up to an instant."""
    return f"""(SELECT (CAST(SUM(p.amount_usd) AS BIGINT) + 50) / 100 FROM orders_refund p
        WHERE p.order_id = o.id AND p.completed_at <= {instant})"""


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


# The columns of an order that state and doubts speak of beside the effective ones.
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


def _update(effective: dict[str, str], judged: dict[str, str], table: str) -> str:
    """An UPDATE that computes the effective columns, then those judged by them, each once, and writes an order at most
    once, and only where a column differs."""
    names = [*effective, *judged]
    given = ", ".join(f"o.{name}" for name in ("id", *_GIVEN))
    inner = ", ".join([given, *(f"{sql} AS {name}" for name, sql in effective.items())])
    kept = ", ".join(f"o.{name}" for name in ("id", *effective))
    outer = ", ".join([kept, *(f"{sql} AS {name}" for name, sql in judged.items())])
    target, key = ("orders_order", "orders_order") if connection.vendor == "sqlite" else ("orders_order AS x", "x")
    assign = ", ".join(f"{name} = d.{name}" for name in names)
    differs = " OR ".join(f"{key}.{name} IS DISTINCT FROM d.{name}" for name in names)
    return f"""WITH e AS MATERIALIZED (
            SELECT {inner} FROM orders_order o WHERE o.id IN (SELECT id FROM {table})),
        d AS MATERIALIZED (SELECT {outer} FROM e o)
        UPDATE {target} SET {assign} FROM d WHERE d.id = {key}.id AND ({differs})"""


def _dispatch_seconds() -> str:
    """Seconds to dispatch by the policy in force at the order's creation (counting parameters, MX)."""
    periods = policies()
    cases = "".join(
        f" WHEN o.created_at >= {to_epoch(p.start)} THEN {p.policy.counting.dispatch_hours * 3600}"
        for p in reversed(periods)
    )
    return f"(CASE{cases} END)"
