"""Policy versions are written once, by trigger on both databases, whatever code tries (DM-30)."""

from django.db import migrations

SQLITE = [
    f"""CREATE TRIGGER rulebook_policyversion_no_{verb.lower()} BEFORE {verb} ON rulebook_policyversion
    BEGIN SELECT RAISE(ABORT, 'rulebook_policyversion is written once'); END"""
    for verb in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    """CREATE FUNCTION rulebook_policyversion_written_once() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'rulebook_policyversion is written once'; END $$""",
    """CREATE TRIGGER rulebook_policyversion_written_once BEFORE UPDATE OR DELETE ON rulebook_policyversion
    FOR EACH STATEMENT EXECUTE FUNCTION rulebook_policyversion_written_once()""",
]


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER rulebook_policyversion_no_{verb}")
    else:
        schema_editor.execute("DROP TRIGGER rulebook_policyversion_written_once ON rulebook_policyversion")
        schema_editor.execute("DROP FUNCTION rulebook_policyversion_written_once()")


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
