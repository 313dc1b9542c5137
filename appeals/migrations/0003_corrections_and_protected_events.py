import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("appeals", "0002_reviews"),
        ("stores", "0009_data_stream_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProtectedEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("holiday", "public holiday"),
                            ("flight", "flights stopped"),
                            ("carrier", "carrier's strike or standstill"),
                            ("outage", "platform outage"),
                            ("other", "other"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("reason", models.TextField(max_length=1000, verbose_name="reason")),
                ("starts_at", core.fields.InstantField(verbose_name="begins")),
                ("ends_at", core.fields.InstantField(verbose_name="ends")),
                ("carriers", models.JSONField(blank=True, default=list, verbose_name="carriers")),
                ("sites", models.JSONField(blank=True, default=list, verbose_name="sites")),
                ("categories", models.JSONField(blank=True, default=list, verbose_name="categories")),
                ("extend_hours", models.PositiveIntegerField(default=0, verbose_name="extend deadlines by, hours")),
                ("metrics", models.JSONField(blank=True, default=list, verbose_name="no failure of")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("applied", "in force"), ("withdrawn", "withdrawn")],
                        default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("created_at", core.fields.InstantField(verbose_name="created")),
                ("applied_at", core.fields.InstantField(null=True, verbose_name="applied")),
                ("withdrawn_at", core.fields.InstantField(null=True, verbose_name="withdrawn")),
                ("looked_at", core.fields.InstantField(null=True, verbose_name="last looked for orders")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
            ],
            options={
                "verbose_name": "protected event",
                "verbose_name_plural": "protected events",
                "permissions": [("apply_protectedevent", "Can apply and withdraw protected events")],
            },
        ),
        migrations.CreateModel(
            name="EventShard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("lease", models.CharField(blank=True, default="", max_length=80, verbose_name="process")),
                ("lease_until", core.fields.InstantField(null=True, verbose_name="leased until")),
                ("retry_at", core.fields.InstantField(null=True, verbose_name="next attempt")),
                ("shard", models.IntegerField(verbose_name="shard")),
                ("after", models.BigIntegerField(default=0, verbose_name="stores after")),
                ("last", models.BigIntegerField(null=True, verbose_name="last store")),
                ("position", models.BigIntegerField(default=0, verbose_name="done up to")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("stores", models.PositiveIntegerField(default=0, verbose_name="stores")),
                ("orders", models.PositiveIntegerField(default=0, verbose_name="orders")),
                ("error", models.TextField(blank=True, verbose_name="error")),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shards",
                        to="appeals.protectedevent",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a protected event",
                "verbose_name_plural": "parts of protected events",
            },
        ),
        migrations.CreateModel(
            name="CorrectionReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause_kind",
                    models.CharField(
                        choices=[("appeal", "appeal"), ("event", "protected event")], max_length=8, verbose_name="cause"
                    ),
                ),
                ("cause_no", models.CharField(max_length=24, verbose_name="number of the cause")),
                ("place", models.PositiveIntegerField(default=1, verbose_name="place")),
                ("withdrawn", models.BooleanField(default=False, verbose_name="taken back")),
                ("at", core.fields.InstantField(verbose_name="at")),
                ("orders", models.PositiveIntegerField(verbose_name="orders")),
                ("results", models.JSONField(default=list, verbose_name="results")),
                ("outcomes", models.JSONField(default=list, verbose_name="outcomes")),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="stores.store",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction report",
                "verbose_name_plural": "correction reports",
                "indexes": [
                    models.Index(fields=["cause_no", "store"], name="correction_by_cause"),
                    models.Index(fields=["store", "-at"], name="correction_of_store"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("store", "cause_no", "place"), name="correction_once_per_cause_and_place"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="protectedevent",
            index=models.Index(fields=["state", "ends_at"], name="event_by_state"),
        ),
        migrations.AddConstraint(
            model_name="protectedevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("starts_at__lte", models.F("ends_at"))), name="event_ends_after_it_begins"
            ),
        ),
        migrations.AddConstraint(
            model_name="eventshard",
            constraint=models.UniqueConstraint(fields=("event", "shard"), name="event_shard_once"),
        ),
    ]
