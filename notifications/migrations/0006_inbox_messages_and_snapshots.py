"""Names alone: a notice's ``snapshot``, and messages told apart from those of buyers. Tables and columns stay."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("notifications", "0005_threshold_words")]
    operations: ClassVar = [
        # With its table named first, renaming the model leaves the table alone and takes its content type along.
        migrations.AlterModelTable(name="message", table="notifications_message"),
        migrations.RenameModel(old_name="Message", new_name="InboxMessage"),
        migrations.AlterField(
            model_name="notice",
            name="frozen",
            field=models.JSONField(db_column="frozen", default=dict, verbose_name="arithmetic"),
        ),
        migrations.RenameField(model_name="notice", old_name="frozen", new_name="snapshot"),
    ]
