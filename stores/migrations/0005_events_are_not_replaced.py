"""Events can't be replaced either: on SQLite INSERT OR REPLACE removes a row without its DELETE triggers (RL-15)."""

from django.db import migrations

SQLITE = """CREATE TRIGGER stores_event_no_replace BEFORE INSERT ON stores_event
    WHEN EXISTS (SELECT 1 FROM stores_event WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'stores_event is append-only'); END"""


def create(apps, schema_editor):
    # On PostgreSQL ON CONFLICT DO UPDATE is an UPDATE, which its triggers refuse.
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER stores_event_no_replace")


class Migration(migrations.Migration):
    dependencies = [("stores", "0004_touched_stores")]
    operations = [migrations.RunPython(create, drop)]
