"""A deadline belongs to a store or a company, by a plain id, and is claimed like every row of work. Rows stay."""

from typing import ClassVar

from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("core", "0002_outbox"),
        # Migrations before it look deadlines up by the foreign key to their store.
        ("stores", "0008_foundations_move_to_core"),
    ]
    operations: ClassVar = [
        migrations.RemoveConstraint("deadline", "one_open_deadline_per_subject"),
        migrations.RemoveIndex("deadline", "deadline_due_by_store"),
        # The column stays; what goes is the constraint that leads to another app's table.
        migrations.AlterField(
            "deadline", "store", models.BigIntegerField(verbose_name="store", null=True, db_column="store_id")
        ),
        migrations.RenameField("deadline", "store", "store_id"),
        migrations.AlterField("deadline", "store_id", models.BigIntegerField(verbose_name="store", null=True)),
        migrations.AddField(
            "deadline", "company_id", models.BigIntegerField(verbose_name="company", null=True, db_index=True)
        ),
        migrations.AlterField("deadline", "attempts", models.PositiveIntegerField(verbose_name="attempts", default=0)),
        migrations.AddField(
            "deadline", "lease", models.CharField(blank=True, default="", max_length=80, verbose_name="process")
        ),
        migrations.AddField(
            "deadline", "lease_until", core.fields.InstantField(null=True, verbose_name="leased until")
        ),
        migrations.AddConstraint(
            "deadline",
            models.CheckConstraint(
                condition=models.Q(("company_id__isnull", True), ("store_id__isnull", False))
                | models.Q(("company_id__isnull", False), ("store_id__isnull", True)),
                name="deadline_of_store_or_company",
            ),
        ),
        migrations.AddConstraint(
            "deadline",
            models.UniqueConstraint(
                condition=models.Q(("state", "open"), ("store_id__isnull", False)),
                fields=("store_id", "kind", "subject_kind", "subject_key"),
                name="one_open_deadline_per_subject",
            ),
        ),
        migrations.AddConstraint(
            "deadline",
            models.UniqueConstraint(
                condition=models.Q(("company_id__isnull", False), ("state", "open")),
                fields=("company_id", "kind", "subject_kind", "subject_key"),
                name="one_open_deadline_of_company",
            ),
        ),
        migrations.AddIndex(
            "deadline",
            models.Index(
                condition=models.Q(("state", "open")), fields=["store_id", "due_at"], name="deadline_due_by_store"
            ),
        ),
        migrations.AddIndex(
            "deadline",
            models.Index(fields=["store_id", "subject_kind", "subject_key"], name="deadline_by_subject"),
        ),
    ]
