"""What came in before IX-05a: facts that are dated after their export are doubted, no row is of an export of the future,
and feeds know nothing that lies ahead of every export."""

import time

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BIT, CLOCKS = 8192, 600
ORDERS = (
    "created_at", "paid_at", "dispatch_confirmed_at", "shipped_at", "delivered_given", "confirmed_at", "cancelled_at",
    "refunded_given", "closed_at",
)  # fmt: skip
HANGING = {
    "orders_trackingevent": ("at",),
    "orders_review": ("created_at", "revised_at"),
    "orders_refund": ("requested_at", "completed_at"),
    "orders_returnparcel": ("shipped_back_at", "received_at", "inspected_at"),
    "orders_settlement": ("released_at",),
    "orders_message": ("sent_at",),
    "disputes_dispute": ("opened_at", "responded_at", "closed_at"),
}
OTHERS = ("orders_orderline", "disputes_copyrightcomplaint", "stores_company", "stores_store", "stores_category",
          "stores_carrier", "stores_listing", "stores_fxrate")  # fmt: skip


def later(alias: str, columns: tuple[str, ...]) -> str:
    return " OR ".join(f"{alias}.{column} > {alias}.source_at + {CLOCKS}" for column in columns)


def doubt() -> str:
    hanging = " ".join(
        f"OR o.id IN (SELECT r.order_id FROM {table} r WHERE {later('r', columns)})"
        for table, columns in HANGING.items()
    )
    return f"UPDATE orders_order AS o SET doubts = doubts + {BIT} WHERE doubts & {BIT} = 0 AND ({later('o', ORDERS)} {hanging})"


def known() -> str:
    """By store of a feed that reaches into the future: the latest instant that a row told of when it was exported."""
    spans = [
        f"SELECT store_id, {column} AS at FROM orders_order WHERE {column} <= source_at AND store_id IN (SELECT id FROM s)"
        for column in ORDERS
    ] + [
        f"SELECT o.store_id, r.{column} AS at FROM orders_order o JOIN {table} r ON r.order_id = o.id"
        f" WHERE r.{column} <= r.source_at AND o.store_id IN (SELECT id FROM s)"
        for table, columns in HANGING.items()
        for column in columns
    ]
    return f"""WITH s AS (SELECT DISTINCT store_id AS id FROM stores_feed WHERE known_until > supplied_at + {CLOCKS})
        SELECT MAX(at), store_id FROM ({" UNION ALL ".join(spans)}) spans GROUP BY store_id"""


def bring_up_to_date(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    now = int(time.time())
    with editor.connection.cursor() as cursor:
        for table in ("orders_order", *HANGING, *OTHERS):
            cursor.execute(f"UPDATE {table} SET source_at = %s WHERE source_at > %s", [now, now + CLOCKS])
        cursor.execute(doubt())
        cursor.execute(known())
        for at, store_id in cursor.fetchall():
            cursor.execute(
                f"""UPDATE stores_feed SET known_until = %s
                WHERE store_id = %s AND known_until > %s AND known_until > supplied_at + {CLOCKS}""",
                [at, store_id, at],
            )


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0002_answers"),
        ("disputes", "0003_page_indexes"),
        ("orders", "0005_whole_refunds_and_found_parcels"),
    ]

    operations = [migrations.RunPython(bring_up_to_date, migrations.RunPython.noop, elidable=True)]
