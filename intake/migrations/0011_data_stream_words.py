"""Only names that people read change; no SQL."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0010_leases"),
    ]

    operations = [
        migrations.AlterField(
            model_name="import",
            name="feeds",
            field=models.JSONField(default=dict, verbose_name="data streams"),
        ),
        migrations.AlterField(
            model_name="import",
            name="remarks",
            field=models.JSONField(default=list, verbose_name="warnings"),
        ),
    ]
