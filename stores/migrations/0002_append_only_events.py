"""Events are append-only by trigger on both databases, whatever code tries (RL-15)."""

from django.db import migrations

SQLITE = [
    f"""CREATE TRIGGER stores_event_no_{verb.lower()} BEFORE {verb} ON stores_event
    BEGIN SELECT RAISE(ABORT, 'stores_event is append-only'); END"""
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    """CREATE FUNCTION stores_event_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'stores_event is append-only'; END $$""",
    """CREATE TRIGGER stores_event_append_only BEFORE UPDATE OR DELETE ON stores_event
    FOR EACH STATEMENT EXECUTE FUNCTION stores_event_append_only()""",
]


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER stores_event_no_{verb}")
    else:
        schema_editor.execute("DROP TRIGGER stores_event_append_only ON stores_event")
        schema_editor.execute("DROP FUNCTION stores_event_append_only()")


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
