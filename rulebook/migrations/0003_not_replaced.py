"""Policy versions can't be replaced either: on SQLite INSERT OR REPLACE removes a row without its DELETE triggers (DM-30)."""

from django.db import migrations

SQLITE = """CREATE TRIGGER rulebook_policyversion_no_replace BEFORE INSERT ON rulebook_policyversion
    WHEN EXISTS (SELECT 1 FROM rulebook_policyversion WHERE id = NEW.id OR number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'rulebook_policyversion is written once'); END"""


def create(apps, schema_editor):
    # On PostgreSQL ON CONFLICT DO UPDATE is an UPDATE, which its triggers refuse.
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER rulebook_policyversion_no_replace")


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_written_once")]
    operations = [migrations.RunPython(create, drop)]
