"""Orders have risk cases too: those of metrics are named for the rating anomalies that they hold."""

from typing import ClassVar

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OLD, NEW = "riskcase", "ratinganomalycase"


def rename_permissions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Groups and people keep what they were given; the content type follows the model by itself."""
    permissions = apps.get_model("auth", "Permission")._default_manager.using(schema_editor.connection.alias)
    for permission in permissions.filter(content_type__app_label="metrics", codename__endswith=f"_{OLD}"):
        permission.codename = permission.codename.replace(OLD, NEW)
        permission.name = permission.name.replace("risk case", "rating anomaly case")
        permission.save(update_fields=["codename", "name"])


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("metrics", "0009_published_scorecard"),
        ("stores", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations: ClassVar = [
        migrations.RenameModel(old_name="RiskCase", new_name="RatingAnomalyCase"),
        migrations.AlterModelOptions(
            name="ratinganomalycase",
            options={"verbose_name": "rating anomaly case", "verbose_name_plural": "rating anomaly cases"},
        ),
        migrations.AlterField(
            model_name="ratinganomalycase",
            name="store",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rating_anomaly_cases",
                to="stores.store",
            ),
        ),
        migrations.RunPython(rename_permissions, migrations.RunPython.noop, elidable=True),
    ]
