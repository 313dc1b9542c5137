"""Exact means of many stores have hundreds of digits; they are kept as hexadecimal text of any length."""

from django.db import migrations, models


def forget_means(apps, schema_editor):
    """Means are made again from facts when they are needed."""
    apps.get_model("metrics", "Benchmark").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("metrics", "0002_initial")]

    operations = [
        migrations.RunPython(forget_means, forget_means),
        migrations.AlterField(model_name="benchmark", name="denominator", field=models.TextField()),
        migrations.AlterField(model_name="benchmark", name="numerator", field=models.TextField()),
    ]
