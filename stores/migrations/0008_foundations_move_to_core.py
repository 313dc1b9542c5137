"""``core`` keeps the event log, the deadlines and the log of changed subjects from here on; the tables stay."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("core", "0001_initial"),
        ("stores", "0007_numbers_are_checked"),
        # It looks these models up where they were.
        ("intake", "0008_canonical_values"),
    ]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="Deadline"),
                migrations.DeleteModel(name="Event"),
                migrations.DeleteModel(name="Touched"),
            ]
        )
    ]
