"""Indexes for the pages of orders: one range per tab, and numbers by their beginning."""

from django.db import migrations, models


def add_number_prefix(apps, schema_editor):
    """On PostgreSQL, LIKE finds a prefix in the unique index of order numbers only where text sorts by bytes."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT datcollate FROM pg_database WHERE datname = current_database()")
        if cursor.fetchone()[0] not in ("C", "POSIX"):
            cursor.execute("CREATE INDEX order_no_prefix ON orders_order (store_id, order_no varchar_pattern_ops)")


def drop_number_prefix(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS order_no_prefix")


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_initial")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("dispatch_confirmed_at__isnull", True), ("state", "paid")),
                fields=["store", "paid_at", "id"],
                name="order_to_confirm",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state", "shipped")), fields=["store", "shipped_at", "id"], name="order_under_way"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("doubts__gt", 0)), fields=["store", "created_at", "id"], name="order_in_doubt"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("tracking_no__gt", "")),
                fields=["store", "tracking_no"],
                name="order_by_tracking_no",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="returnparcel",
            index=models.Index(
                condition=models.Q(("inspected_at__isnull", True)),
                fields=["store", "received_at", "id"],
                name="return_to_inspect",
            ),
        ),
        migrations.RunPython(add_number_prefix, drop_number_prefix),
    ]
