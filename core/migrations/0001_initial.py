"""Takes the event log, the deadlines and the log of changed subjects over from ``stores``; the tables stay as they are."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = [("stores", "0007_numbers_are_checked")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Touched",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("order", "order"), ("complaint", "complaint"), ("store", "store")],
                                max_length=12,
                            ),
                        ),
                        ("store_id", models.BigIntegerField()),
                        ("subject_id", models.BigIntegerField()),
                    ],
                    options={
                        "verbose_name": "touched subject",
                        "verbose_name_plural": "touched subjects",
                        "db_table": "stores_touched",
                    },
                ),
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", core.fields.InstantField(verbose_name="at")),
                        ("kind", models.CharField(max_length=64, verbose_name="kind")),
                        ("company_no", models.CharField(blank=True, max_length=64, verbose_name="company")),
                        ("store_no", models.CharField(blank=True, max_length=64, verbose_name="store")),
                        ("subject_kind", models.CharField(max_length=32, verbose_name="subject")),
                        ("subject_key", models.CharField(max_length=160, verbose_name="key")),
                        ("actor", models.CharField(max_length=254, verbose_name="actor")),
                        ("cause", models.CharField(blank=True, max_length=160, verbose_name="cause")),
                        ("before", models.JSONField(default=dict, verbose_name="before")),
                        ("after", models.JSONField(default=dict, verbose_name="after")),
                        ("request_id", models.CharField(blank=True, max_length=64)),
                    ],
                    options={
                        "verbose_name": "event",
                        "verbose_name_plural": "events",
                        "db_table": "stores_event",
                        "indexes": [
                            models.Index(fields=["store_no", "subject_kind", "subject_key"], name="event_by_subject")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Deadline",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=48, verbose_name="kind")),
                        ("subject_kind", models.CharField(max_length=32, verbose_name="subject")),
                        ("subject_key", models.CharField(max_length=160, verbose_name="key")),
                        ("due_at", core.fields.InstantField(verbose_name="due")),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "open"), ("met", "met"), ("lapsed", "lapsed"), ("void", "void")],
                                default="open",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("opened_at", core.fields.InstantField(verbose_name="opened")),
                        ("settled_at", core.fields.InstantField(null=True, verbose_name="settled")),
                        ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                        ("retry_at", core.fields.InstantField(null=True, verbose_name="next attempt")),
                        (
                            "store",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="deadlines", to="stores.store"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "deadline",
                        "verbose_name_plural": "deadlines",
                        "db_table": "stores_deadline",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")), fields=["due_at", "id"], name="deadline_due"
                            ),
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["store", "due_at"],
                                name="deadline_due_by_store",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")),
                                fields=("store", "kind", "subject_kind", "subject_key"),
                                name="one_open_deadline_per_subject",
                            )
                        ],
                    },
                ),
            ]
        )
    ]
