"""Waiting rows belong to a company (RL-19): that of the import that brought them; of what operations brought for no
company in particular, that of the store it names. What neither tells, as the rows of a company that was removed, is
nobody's until operations name the store."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def find_owners(apps, schema_editor):
    rows = apps.get_model("intake", "WaitingRow").objects.filter(job__isnull=False)
    job = apps.get_model("intake", "Import").objects.filter(pk=OuterRef("job_id"))
    store = apps.get_model("stores", "Store").objects.filter(store_no=OuterRef("store_no"))
    rows.update(company_id=Coalesce(Subquery(job.values("company_id")[:1]), Subquery(store.values("company_id")[:1])))


class Migration(migrations.Migration):
    dependencies = [("intake", "0003_nothing_after_the_export"), ("stores", "0004_touched_stores")]
    operations = [
        migrations.AddField(
            "waitingrow",
            "company",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="waiting_rows",
                to="stores.company",
                verbose_name="company",
            ),
        ),
        migrations.RunPython(find_owners, migrations.RunPython.noop),
    ]
