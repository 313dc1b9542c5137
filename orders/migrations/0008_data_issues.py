"""What was called doubts is called data issues. The column keeps its name, so that the database has nothing to do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_fulfilled_by")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="order", name="order_in_doubt"),
                migrations.RenameField(model_name="order", old_name="doubts", new_name="data_issues"),
                migrations.AlterField(
                    model_name="order",
                    name="data_issues",
                    field=models.IntegerField(db_column="doubts", default=0, verbose_name="data issues"),
                ),
                migrations.AddIndex(
                    model_name="order",
                    index=models.Index(
                        condition=models.Q(("data_issues__gt", 0)),
                        fields=["store", "created_at", "id"],
                        name="order_in_doubt",
                    ),
                ),
            ]
        )
    ]
