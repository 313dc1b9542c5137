"""Threads of messages, texts of companies, and what was written to buyers (PN-23, AF-09)."""

import django.db.models.deletion
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0010_several_parcels"),
        ("stores", "0010_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="GuideText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(blank=True, max_length=120, verbose_name="SKU")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                (
                    "stage",
                    models.CharField(
                        choices=[("first", "first"), ("second", "second")], max_length=8, verbose_name="contact"
                    ),
                ),
                ("version", models.IntegerField(verbose_name="version")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("created_at", core.fields.InstantField(verbose_name="created")),
                ("actor", models.CharField(max_length=64, verbose_name="by")),
            ],
            options={
                "verbose_name": "after-sales guide",
                "verbose_name_plural": "after-sales guides",
            },
        ),
        migrations.CreateModel(
            name="MessageThread",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="thread",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                ("last_at", core.fields.InstantField(verbose_name="last message")),
                ("waiting_since", core.fields.InstantField(null=True, verbose_name="waiting since")),
                ("low_star_word", models.CharField(blank=True, max_length=64, verbose_name="sign of a low rating")),
            ],
            options={
                "verbose_name": "message thread",
                "verbose_name_plural": "message threads",
            },
        ),
        migrations.CreateModel(
            name="OutgoingMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="text")),
                ("fingerprint", models.CharField(editable=False, max_length=64)),
                ("language", models.CharField(blank=True, max_length=8, verbose_name="language")),
                ("template", models.CharField(blank=True, max_length=120, verbose_name="template")),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[("first", "first"), ("second", "second")],
                        max_length=8,
                        verbose_name="guide",
                    ),
                ),
                ("prepared_at", core.fields.InstantField(verbose_name="written")),
                ("actor", models.CharField(max_length=64, verbose_name="by")),
            ],
            options={
                "verbose_name": "message written here",
                "verbose_name_plural": "messages written here",
            },
        ),
        migrations.CreateModel(
            name="ReplyTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("text", models.TextField(verbose_name="text")),
                ("absence", models.BooleanField(default=False, verbose_name="automatic reply during absence")),
                ("version", models.IntegerField(default=1, verbose_name="version")),
                ("changed_at", core.fields.InstantField(verbose_name="changed")),
                ("actor", models.CharField(max_length=64, verbose_name="by")),
            ],
            options={
                "verbose_name": "reply template",
                "verbose_name_plural": "reply templates",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="examined",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="message",
            name="word",
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name="word found"),
        ),
        migrations.AddField(
            model_name="review",
            name="examined",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("examined", False)), fields=["store", "id"], name="message_unexamined"
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["store", "created_at", "id"], name="review_by_creation"),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("examined", False)), fields=["store", "created_at"], name="review_unexamined"
            ),
        ),
        migrations.AddField(
            model_name="guidetext",
            name="store",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="stores.store"
            ),
        ),
        migrations.AddField(
            model_name="messagethread",
            name="store",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="stores.store",
            ),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="guide",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="orders.guidetext",
            ),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="message",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="outgoing", to="orders.message"
            ),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="outgoing_messages", to="orders.order"
            ),
        ),
        migrations.AddField(
            model_name="outgoingmessage",
            name="store",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="stores.store",
            ),
        ),
        migrations.AddField(
            model_name="replytemplate",
            name="company",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reply_templates", to="stores.company"
            ),
        ),
        migrations.AddConstraint(
            model_name="guidetext",
            constraint=models.UniqueConstraint(
                fields=("store", "sku", "language", "stage", "version"), name="guide_version_once"
            ),
        ),
        migrations.AddIndex(
            model_name="messagethread",
            index=models.Index(fields=["store", "last_at", "order"], name="thread_by_last_message"),
        ),
        migrations.AddIndex(
            model_name="messagethread",
            index=models.Index(
                condition=models.Q(("waiting_since__isnull", False)),
                fields=["store", "waiting_since", "order"],
                name="thread_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="messagethread",
            index=models.Index(
                condition=models.Q(("low_star_word__gt", "")),
                fields=["store", "last_at", "order"],
                name="thread_with_low_star_word",
            ),
        ),
        migrations.AddIndex(
            model_name="outgoingmessage",
            index=models.Index(
                condition=models.Q(("message", None)), fields=["store", "prepared_at"], name="message_to_copy"
            ),
        ),
        migrations.AddConstraint(
            model_name="outgoingmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage__gt", "")), fields=("order", "stage"), name="guide_once_per_order_and_stage"
            ),
        ),
        migrations.AddConstraint(
            model_name="replytemplate",
            constraint=models.UniqueConstraint(fields=("company", "name", "language"), name="reply_template_name_once"),
        ),
    ]
