"""From when an order is in the abnormal pool, of the orders under way too: one statement, whatever their number."""

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import core.fields

FILL = """UPDATE orders_order SET
        last_scan_at = (SELECT MAX(e.at) FROM orders_trackingevent e
            WHERE e.order_id = orders_order.id AND e.kind <> 'label'),
        abnormal_from = (SELECT MIN(CASE WHEN p.ended = 1 THEN NULL
                WHEN p.last_at IS NULL THEN p.left_at + {first_scan}
                WHEN p.last_at + {silence} >= p.left_at THEN p.last_at + {silence} END)
            FROM (SELECT q.left_at, MAX(e.at) AS last_at,
                    MAX(CASE WHEN e.kind IN ('delivered', 'returned', 'lost') THEN 1 ELSE 0 END) AS ended
                FROM (SELECT 1 AS parcel_no, orders_order.shipped_at AS left_at
                    UNION ALL SELECT s.parcel_no, COALESCE(s.shipped_at, orders_order.shipped_at)
                        FROM orders_shipment s WHERE s.order_id = orders_order.id AND s.parcel_no > 1) q
                LEFT JOIN orders_trackingevent e ON e.order_id = orders_order.id
                    AND COALESCE(e.parcel_no, 1) = q.parcel_no AND e.kind <> 'label'
                GROUP BY q.parcel_no, q.left_at) p)
    WHERE state = 'shipped' AND fulfilled_by = 'seller'"""


def fill_orders_under_way(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    versions = apps.get_model("rulebook", "PolicyVersion").objects.order_by("effective_from", "number")
    policies = [(version.effective_from, version.data) for version in versions]
    if not policies:
        return
    statement = FILL.format(
        first_scan=_seconds(policies, "counting.first_scan_hours"), silence=_seconds(policies, "counting.silence_hours")
    )
    with editor.connection.cursor() as cursor:
        cursor.execute(statement)


def _seconds(policies: list[tuple[Any, Any]], key: str) -> str:
    """Hours of a policy in seconds, by the policy in force at the order's creation."""
    first, *later = [(start, int(data[key]["value"]) * 3600) for start, data in policies]
    cases = "".join(
        f" WHEN orders_order.created_at >= {int(start.timestamp())} THEN {seconds}"
        for start, seconds in reversed(later)
    )
    return f"(CASE{cases} ELSE {first[1]} END)" if later else str(first[1])


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0018_replaced_reviews"),
        ("rulebook", "0003_not_replaced"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="last_scan_at",
            field=core.fields.InstantField(editable=False, null=True, verbose_name="last scan"),
        ),
        migrations.AddField(
            model_name="order",
            name="abnormal_from",
            field=core.fields.InstantField(editable=False, null=True, verbose_name="abnormal from"),
        ),
        migrations.RunPython(fill_orders_under_way, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state", "shipped")),
                fields=["store", "abnormal_from", "id"],
                name="order_abnormal",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state", "shipped")),
                fields=["store", "last_scan_at"],
                name="order_by_last_scan",
            ),
        ),
    ]
