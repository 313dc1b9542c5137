"""An index for the order list's tab of open disputes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disputes", "0002_initial")]

    operations = [
        migrations.AddIndex(
            model_name="dispute",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["store", "opened_at", "id"],
                name="dispute_open",
            ),
        ),
    ]
