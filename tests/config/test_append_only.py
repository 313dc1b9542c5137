"""What is written once can't be replaced either, on both databases (RL-15, DM-30)."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from core.events import record_event
from core.models import Event
from rulebook.models import PolicyVersion

AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
TABLES = {"stores_event": Event, "rulebook_policyversion": PolicyVersion}
# Triggers that count orders (PG-06) refuse nothing.
COUNTING = "orders_order_count_"


def replacing(table: str) -> list[str]:
    """The statements that would put another row in a row's place, or change it there."""
    columns = ", ".join(field.column for field in TABLES[table]._meta.concrete_fields)
    select = f"SELECT {columns} FROM {table} WHERE id = %s"
    statements = [
        f"INSERT INTO {table} ({columns}) {select} ON CONFLICT (id) DO UPDATE SET id = excluded.id",
        f"UPDATE {table} SET id = id + 1 WHERE id = %s",
    ]
    if connection.vendor == "sqlite":
        statements += [
            f"INSERT OR REPLACE INTO {table} ({columns}) {select}",
            f"REPLACE INTO {table} ({columns}) {select}",
        ]
        statements += [f"UPDATE OR REPLACE {table} SET id = id + 1 WHERE id = %s"]
    return statements


@pytest.mark.django_db
@pytest.mark.rule("RL-15", "DM-30")
@pytest.mark.parametrize("table", TABLES)
def test_rows_that_are_written_once_can_not_be_replaced(table: str) -> None:
    record_event(kind="store.closed", subject_kind="store", subject_key="S1", actor="system", at=AT)
    before = list(TABLES[table].objects.values())
    for statement in replacing(table):
        with pytest.raises(DatabaseError, match=r"append-only|written once"), transaction.atomic():
            connection.cursor().execute(statement, [before[0]["id"]])
    assert list(TABLES[table].objects.values()) == before


@pytest.mark.django_db
@pytest.mark.sqlite_only
@pytest.mark.rule("DM-30")
def test_a_policy_version_can_not_be_replaced_by_its_number() -> None:
    number = PolicyVersion.objects.get().number
    columns = "number, data, digest, effective_from, author, note, created_at"
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        connection.cursor().execute(
            f"""INSERT OR REPLACE INTO rulebook_policyversion ({columns})
            SELECT {columns} FROM rulebook_policyversion WHERE number = %s""",
            [number],
        )


@pytest.mark.django_db
@pytest.mark.rule("RL-15")
def test_every_table_that_triggers_keep_is_tried_here() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT DISTINCT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT DISTINCT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
        kept = {table for table, trigger in cursor.fetchall() if not trigger.startswith(COUNTING)}
        assert kept == set(TABLES)
