from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("insights", "0001_initial")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="warningmodel",
            name="orders",
            field=models.PositiveIntegerField(verbose_name="orders learned from"),
        ),
    ]
