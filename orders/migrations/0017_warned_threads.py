"""Which waits a company was warned of (PN-23)."""

from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0016_logistics_claims"),
        ("stores", "0010_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="messagethread",
            name="warned_of",
            field=core.fields.InstantField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="messagethread",
            index=models.Index(
                condition=models.Q(("waiting_since__isnull", False)),
                fields=["waiting_since"],
                name="thread_wait_ending",
            ),
        ),
    ]
