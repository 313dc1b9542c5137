"""Numbers of orders by store, part and day, which triggers keep in the transaction that changes an order.

A migration that has SQLite make the table of orders anew drops its triggers: it has to call `create_triggers` again.
"""

from typing import Any, ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# The condition of each part and the instant by whose day it is counted; 0: by none.
PARTS = {
    "ship": ("{o}.state = 'paid' AND {o}.fulfilled_by = 'seller' AND {o}.ship_by IS NOT NULL", "{o}.ship_by"),
    "undated": ("{o}.state = 'paid' AND {o}.fulfilled_by = 'seller' AND {o}.ship_by IS NULL", "0"),
    "unsynced": (
        "{o}.state = 'paid' AND {o}.fulfilled_by = 'seller' AND {o}.tracking_no = ''"
        " AND {o}.dispatch_confirmed_at IS NOT NULL",
        "{o}.dispatch_confirmed_at",
    ),
    "transit": ("{o}.state = 'shipped'", "0"),
    "abnormal": ("{o}.state = 'shipped' AND {o}.abnormal_from IS NOT NULL", "{o}.abnormal_from"),
    "numberless": (
        "{o}.state = 'shipped' AND {o}.fulfilled_by = 'seller' AND {o}.tracking_no = '' AND {o}.shipped_at IS NOT NULL",
        "{o}.shipped_at",
    ),
    "issues": ("{o}.doubts > 0", "0"),
}
COLUMNS = (
    "store_id",
    "state",
    "fulfilled_by",
    "ship_by",
    "tracking_no",
    "dispatch_confirmed_at",
    "shipped_at",
    "abnormal_from",
    "doubts",
)
# Most orders are over, and of no part.
SOME_PART = "({o}.state IN ('paid', 'shipped') OR {o}.doubts > 0)"
ADD = """INSERT INTO orders_ordercount (store_id, part, day, slot, number) {rows}
    ON CONFLICT (store_id, part, day, slot) DO UPDATE SET number = orders_ordercount.number + EXCLUDED.number"""


def _days(order: str) -> str:
    """Rows (part, day) of an order."""
    return ", ".join(
        f"('{part}', CASE WHEN {condition} THEN {instant} / 86400 END)".format(o=order)
        for part, (condition, instant) in PARTS.items()
    )


def _counted(changed: str, slot: str) -> str:
    return ADD.format(
        rows=f"""SELECT o.store_id, p.part, p.day, {slot}, SUM(o.sign)
    FROM ({changed}) o CROSS JOIN LATERAL (VALUES {_days("o")}) p (part, day)
    WHERE p.day IS NOT NULL GROUP BY o.store_id, p.part, p.day HAVING SUM(o.sign) <> 0"""
    )


def _postgresql() -> list[str]:
    """A statement's rows are counted together, in the transaction's own slot."""
    names = ", ".join(COLUMNS)
    some = SOME_PART.format(o="r")
    new, old = (f"SELECT {names}, {sign} AS sign FROM {rows} r WHERE {some}"  # noqa: S608
                for rows, sign in (("new_rows", 1), ("old_rows", -1)))  # fmt: skip
    slot = "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
    statements = []
    for verb, changed, tables in (
        ("INSERT", new, "NEW TABLE AS new_rows"),
        ("UPDATE", f"{new} UNION ALL {old}", "NEW TABLE AS new_rows OLD TABLE AS old_rows"),
        ("DELETE", old, "OLD TABLE AS old_rows"),
    ):
        name = f"orders_order_count_{verb.lower()}"
        statements += [
            f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN {_counted(changed, slot)}; RETURN NULL; END $$""",
            f"""CREATE TRIGGER {name} AFTER {verb} ON orders_order REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()""",
        ]
    return statements


def _sqlite() -> list[str]:
    """Row by row: SQLite has no other triggers. What is taken away is there, so it needs no row of its own."""
    added, taken = "", ""
    for part, (condition, instant) in PARTS.items():
        new, old = condition.format(o="NEW"), condition.format(o="OLD")
        rows = f"SELECT NEW.store_id, '{part}', {instant.format(o='NEW')} / 86400, 0, 1 WHERE {new}"
        added += f"{ADD.format(rows=rows)};\n"
        taken += f"""UPDATE orders_ordercount SET number = number - 1 WHERE {old} AND store_id = OLD.store_id
    AND part = '{part}' AND day = {instant.format(o="OLD")} / 86400 AND slot = 0;\n"""  # noqa: S608
    before, after = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("OLD", "NEW"))
    changed = f"({SOME_PART.format(o='OLD')} OR {SOME_PART.format(o='NEW')}) AND ({before}) IS NOT ({after})"
    new, old = SOME_PART.format(o="NEW"), SOME_PART.format(o="OLD")
    return [
        f"CREATE TRIGGER orders_order_count_insert AFTER INSERT ON orders_order WHEN {new} BEGIN {added} END",
        f"""CREATE TRIGGER orders_order_count_update AFTER UPDATE OF {", ".join(COLUMNS)} ON orders_order
    WHEN {changed} BEGIN {taken} {added} END""",
        f"CREATE TRIGGER orders_order_count_delete AFTER DELETE ON orders_order WHEN {old} BEGIN {taken} END",
    ]


def create_triggers(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in _sqlite() if editor.connection.vendor == "sqlite" else _postgresql():
        editor.execute(statement)


def drop_triggers(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for verb in ("insert", "update", "delete"):
        if editor.connection.vendor == "sqlite":
            editor.execute(f"DROP TRIGGER orders_order_count_{verb}")
        else:
            editor.execute(f"DROP TRIGGER orders_order_count_{verb} ON orders_order")
            editor.execute(f"DROP FUNCTION orders_order_count_{verb}()")


def fill(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """One range of a partial index for each part, whatever the number of orders that are over."""
    for part, (condition, instant) in PARTS.items():
        editor.execute(
            f"""INSERT INTO orders_ordercount (store_id, part, day, slot, number)
    SELECT o.store_id, '{part}', {instant.format(o="o")} / 86400, 0, COUNT(*) FROM orders_order o
    WHERE {condition.format(o="o")} GROUP BY 1, 2, 3"""  # noqa: S608
        )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("orders", "0023_updated_at"),
        ("stores", "0014_listing_versions"),
    ]
    operations: ClassVar[list[Any]] = [
        migrations.CreateModel(
            name="OrderCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(max_length=12)),
                ("day", models.IntegerField()),
                ("slot", models.BigIntegerField(default=0)),
                ("number", models.BigIntegerField()),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="stores.store",
                    ),
                ),
            ],
            options={"verbose_name": "number of orders", "verbose_name_plural": "numbers of orders"},
        ),
        migrations.AddConstraint(
            model_name="ordercount",
            constraint=models.UniqueConstraint(fields=("store", "part", "day", "slot"), name="order_count_per_part"),
        ),
        migrations.AddIndex(
            model_name="ordercount",
            index=models.Index(condition=models.Q(("slot__gt", 0)), fields=["id"], name="order_count_unsettled"),
        ),
        migrations.AddIndex(
            model_name="ordercount",
            index=models.Index(condition=models.Q(("number", 0)), fields=["id"], name="order_count_of_nothing"),
        ),
        # Triggers first: on PostgreSQL they wait for whoever changes orders, and what comes later is counted by them.
        migrations.RunPython(create_triggers, drop_triggers),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
