"""Counters that fit into fewer bytes, in tables that a rebuild writes whole: one rewrite per table on PostgreSQL;
SQLite stores integers as small as they are anyway. Room in the pages of facts for the next nights' updates."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

DISPUTE = ["disputes_seller_liable"]

FACT = [
    "cancelled_by_seller",
    "collected_orders",
    "communication_low",
    "communication_n",
    "communication_sum",
    "copyright_upheld",
    "defect_orders",
    "deliveries",
    "delivery_due",
    "delivery_late",
    "described_low",
    "described_n",
    "described_sum",
    "dispatch_due",
    "dispatch_late",
    "disputes_closed",
    "disputes_opened_orders",
    "disputes_seller_liable",
    "logistics_abnormal",
    "messages_due",
    "messages_missed",
    "orders_paid",
    "outcomes",
    "r_delivery_late",
    "r_delivery_n",
    "r_delivery_ontime",
    "r_dispatch_late",
    "r_dispatch_n",
    "r_dispatch_ontime",
    "r_value_n",
    "refunded_orders",
    "reviews_auto",
    "reviews_negative",
    "reviews_neutral",
    "reviews_photo",
    "reviews_positive",
    "reviews_text",
    "settled",
    "shipped",
    "shipped_over_72h",
    "successes",
    "trace_incomplete",
    "u_delivery_due",
    "u_delivery_late",
    "u_negative",
    "u_reviews",
    "unconfirmed",
    "undelivered",
]

ORDER = [
    "communication_low",
    "communication_n",
    "communication_sum",
    "deliveries",
    "delivery_late",
    "described_low",
    "described_sum",
    "dispatch_late",
    "r_delivery_late",
    "r_delivery_n",
    "r_delivery_ontime",
    "r_dispatch_late",
    "r_dispatch_n",
    "r_dispatch_ontime",
    "reviews_negative",
    "reviews_neutral",
    "reviews_photo",
    "reviews_positive",
    "reviews_text",
    "shipped_over_72h",
    "trace_incomplete",
    "u_delivery_late",
    "u_negative",
    "undelivered",
]

WAIT = ["messages_missed"]

NARROWED = {
    "fact": (FACT, "integer"),
    "ordercontribution": (ORDER, "smallint"),
    "waitcontribution": (WAIT, "smallint"),
    "disputecontribution": (DISPUTE, "smallint"),
}


def narrow(_apps: Any, schema_editor: Any) -> None:
    """Change all columns of a table at once."""
    if schema_editor.connection.vendor == "postgresql":
        for model, (names, kind) in NARROWED.items():
            changes = ", ".join(f"ALTER COLUMN {name} TYPE {kind}" for name in names)
            schema_editor.execute(f"ALTER TABLE metrics_{model} {changes}")
        schema_editor.execute("ALTER TABLE metrics_fact SET (fillfactor = 90)")


def widen(_apps: Any, schema_editor: Any) -> None:
    """Undo it."""
    if schema_editor.connection.vendor == "postgresql":
        for model, (names, _kind) in NARROWED.items():
            changes = ", ".join(f"ALTER COLUMN {name} TYPE bigint" for name in names)
            schema_editor.execute(f"ALTER TABLE metrics_{model} {changes}")
        schema_editor.execute("ALTER TABLE metrics_fact RESET (fillfactor)")


def fields_of(model: str) -> list[migrations.AlterField]:
    """The changed fields of a model."""
    names, kind = NARROWED[model]
    return [
        migrations.AlterField(
            model, name, models.IntegerField(default=0) if kind == "integer" else models.SmallIntegerField(null=True)
        )
        for name in names
    ]


def without_constraint(model: str) -> migrations.AlterField:
    """Derived rows need no check that their store is there."""
    store = models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="stores.store",
    )
    return migrations.AlterField(model, "store", store)


class Migration(migrations.Migration):
    dependencies = [("metrics", "0005_shards_of_nights"), ("stores", "0004_touched_stores")]

    operations = [
        without_constraint("fact"),
        without_constraint("sitefact"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(narrow, widen)],
            state_operations=[field for model in NARROWED for field in fields_of(model)],
        ),
    ]
