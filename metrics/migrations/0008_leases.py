"""Runs take the columns that every row of work has."""

from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [("metrics", "0007_rerun_night")]

    operations = [
        migrations.RenameField(model_name="run", old_name="holder", new_name="lease"),
        migrations.RenameField(model_name="run", old_name="leased_until", new_name="lease_until"),
        migrations.AddField(
            model_name="run", name="retry_at", field=core.fields.InstantField(null=True, verbose_name="next attempt")
        ),
        migrations.AlterField(
            model_name="run", name="attempts", field=models.PositiveIntegerField(default=0, verbose_name="attempts")
        ),
        migrations.AlterField(
            model_name="run",
            name="lease",
            field=models.CharField(blank=True, default="", max_length=80, verbose_name="process"),
        ),
    ]
