"""The field has the name of what it holds; its column keeps the old one, so that no table changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("metrics", "0008_leases")]

    operations = [
        migrations.AlterField("published", "cards", models.JSONField(db_column="cards", verbose_name="scorecards")),
        migrations.RenameField("published", "cards", "scorecard"),
    ]
