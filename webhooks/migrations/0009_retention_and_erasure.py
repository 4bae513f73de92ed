"""What is removed by age and why a body is gone; whom a person asked to forget, and what was handed out."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0008_reconciling_and_silence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PruneRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "night",
                    models.DateField(help_text="Of a nightly one: one a night", null=True, unique=True),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("counts", models.JSONField(default=dict, help_text="Rule → how many")),
                (
                    "rules",
                    models.JSONField(default=list, help_text="What is still to do, the one at hand first"),
                ),
                (
                    "after",
                    models.PositiveBigIntegerField(
                        default=0, help_text="The last row that was looked at for it"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(editable=False, max_length=40, unique=True)),
                (
                    "days",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: for ever", null=True, verbose_name="days kept"
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="erased_at",
            field=models.DateTimeField(
                help_text="What happened until then is not to be known again (forgotten.py)", null=True
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="returned_at",
            field=models.DateTimeField(help_text="When this person wrote again after that", null=True),
        ),
        migrations.AddField(
            model_name="conversation",
            name="erased_at",
            field=models.DateTimeField(
                help_text="What happened until then is not to be known again", null=True
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="body_sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="delivery",
            name="body_size",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="delivery",
            name="redacted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="delivery",
            name="redacted_for",
            field=models.CharField(
                blank=True,
                choices=[("age", "Age"), ("erasure", "Erasure")],
                db_default="",
                default="",
                max_length=7,
            ),
        ),
        migrations.CreateModel(
            name="HistoricalRetentionRule",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(db_index=True, editable=False, max_length=40)),
                (
                    "days",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: for ever", null=True, verbose_name="days kept"
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical retention rule",
                "verbose_name_plural": "historical retention rules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="PrivacyAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contact_ids",
                    models.JSONField(help_text="The contact's number in Chatwoot, and those merged with it"),
                ),
                (
                    "action",
                    models.CharField(choices=[("exported", "Exported"), ("erased", "Erased")], max_length=8),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("counts", models.JSONField(default=dict, help_text="Table → how many rows")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="privacy_acts",
                        to="webhooks.source",
                    ),
                ),
            ],
        ),
    ]
