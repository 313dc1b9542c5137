"""Imports take the columns that every row of work has."""

from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0009_stores_and_pace"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="retry_at",
            field=core.fields.InstantField(null=True, verbose_name="next attempt"),
        ),
        migrations.AlterField(
            model_name="import",
            name="attempts",
            field=models.PositiveIntegerField(default=0, verbose_name="attempts"),
        ),
        migrations.AlterField(
            model_name="import",
            name="lease",
            field=models.CharField(blank=True, default="", max_length=80, verbose_name="process"),
        ),
        migrations.AlterField(
            model_name="import",
            name="lease_until",
            field=core.fields.InstantField(null=True, verbose_name="leased until"),
        ),
    ]
