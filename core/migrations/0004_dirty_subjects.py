"""The log of changed subjects is called by the field's name for it; its table stays."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("core", "0003_deadlines_of_companies")]
    operations: ClassVar = [
        migrations.RenameModel("Touched", "DirtySubject"),
        migrations.AlterModelOptions(
            "dirtysubject", {"verbose_name": "dirty subject", "verbose_name_plural": "dirty subjects"}
        ),
    ]
