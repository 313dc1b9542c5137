"""Orders that came in before: refunds that reach an order's total refund it (DM-20), and parcels that arrived after they
were reported returned or lost were delivered (MX). What changes is computed anew in the next run."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

REFUNDED = """SELECT r.order_id, MIN(r.completed_at) AS at FROM orders_refund r JOIN orders_order o ON o.id = r.order_id
    WHERE o.refunded_given IS NULL AND r.completed_at IS NOT NULL AND (r."full" OR r.amount_usd IS NOT NULL AND (
        SELECT (CAST(SUM(p.amount_usd) AS BIGINT) + 50) / 100 FROM orders_refund p
        WHERE p.order_id = o.id AND p.completed_at <= r.completed_at) >= (o.total_usd + 500000) / 1000000)
    GROUP BY r.order_id"""
OVERPAID = """SELECT r.order_id FROM orders_refund r JOIN orders_order o ON o.id = r.order_id
    WHERE r.completed_at IS NOT NULL GROUP BY r.order_id, o.total_usd
    HAVING (CAST(SUM(r.amount_usd) AS BIGINT) + 50) / 100 > (o.total_usd + 500000) / 1000000"""
TOUCH = "INSERT INTO stores_touched (kind, store_id, subject_id) SELECT 'order', o.store_id, o.id FROM orders_order o"

STATEMENTS = (
    f"{TOUCH} JOIN ({REFUNDED}) d ON d.order_id = o.id WHERE o.refunded_at IS DISTINCT FROM d.at",
    f"""UPDATE orders_order SET refunded_at = d.at, state = 'refunded',
            doubts = doubts - (doubts & 1024) + CASE WHEN d.at < created_at THEN 1024 ELSE 0 END
        FROM ({REFUNDED}) d WHERE d.order_id = orders_order.id AND orders_order.refunded_at IS DISTINCT FROM d.at""",
    f"UPDATE orders_order SET doubts = doubts + 4096 WHERE id IN ({OVERPAID}) AND doubts & 4096 = 0",
    f"""{TOUCH} WHERE o.delivered_at IS NOT NULL AND EXISTS (SELECT 1 FROM orders_trackingevent e
        WHERE e.order_id = o.id AND e.kind IN ('returned', 'lost') AND e.at < o.delivered_at)""",
)


def bring_up_to_date(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    with editor.connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_order_rows_by_key"),
        ("stores", "0004_touched_stores"),
    ]

    operations = [migrations.RunPython(bring_up_to_date, migrations.RunPython.noop, elidable=True)]
