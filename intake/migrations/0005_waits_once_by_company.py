"""Two companies may wait for one number (RL-19)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0004_waiting_rows_of_companies")]
    operations = [
        migrations.RemoveConstraint("waitingrow", "waits_once"),
        migrations.AddConstraint(
            "waitingrow",
            models.UniqueConstraint(fields=["company", "kind", "store_no", "key"], name="waits_once"),
        ),
        migrations.AddConstraint(
            "waitingrow",
            models.UniqueConstraint(
                fields=["kind", "store_no", "key"], condition=models.Q(company=None), name="waits_once_for_nobody"
            ),
        ),
    ]
