"""Only names that people read change; no SQL."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("stores", "0008_foundations_move_to_core"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="feed",
            options={"verbose_name": "data stream", "verbose_name_plural": "data streams"},
        ),
    ]
