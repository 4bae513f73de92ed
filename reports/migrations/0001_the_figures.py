import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import reports.models.sla
import reports.sla.metrics
import webhooks.database.encryption


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("knowledge", "0001_the_desk"),
        ("webhooks", "0001_the_wire"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DayTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("zone", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("by", models.CharField(max_length=10)),
                ("changes", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("zone", "by", "day"), name="one_tally_a_day")],
            },
        ),
        migrations.CreateModel(
            name="DayChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="HistoricalSLAPolicy",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(db_index=True, max_length=60)),
                ("order", models.PositiveIntegerField(default=100, help_text="If several policies match, the one with the lowest order applies")),
                ("conditions", models.JSONField(blank=True, default=reports.models.sla.no_conditions, help_text='{"inbox_ids": [], "labels": [], "priorities": [], "teams": []}; an empty list means all')),
                ("first_response_s", models.PositiveIntegerField(verbose_name="first response")),
                ("next_response_s", models.PositiveIntegerField(verbose_name="next response")),
                ("resolution_s", models.PositiveIntegerField(verbose_name="resolution")),
                ("at_risk_share", models.FloatField(default=0.8, help_text="Share of the target after which a clock is at risk, for example 0.8")),
                ("valid_from", models.DateTimeField(default=django.utils.timezone.now, help_text="Applies to clocks that start then or later; running clocks keep their version")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("calendar", models.ForeignKey(blank=True, db_constraint=False, help_text="Leave empty to count every hour. With the default calendar, inboxes with their own hours use those", null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="knowledge.businesscalendar")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("history_user", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical SLA policy",
                "verbose_name_plural": "historical SLA policies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="SLAPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("order", models.PositiveIntegerField(default=100, help_text="If several policies match, the one with the lowest order applies")),
                ("conditions", models.JSONField(blank=True, default=reports.models.sla.no_conditions, help_text='{"inbox_ids": [], "labels": [], "priorities": [], "teams": []}; an empty list means all')),
                ("calendar", models.ForeignKey(blank=True, help_text="Leave empty to count every hour. With the default calendar, inboxes with their own hours use those", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="sla_policies", to="knowledge.businesscalendar")),
                ("first_response_s", models.PositiveIntegerField(verbose_name="first response")),
                ("next_response_s", models.PositiveIntegerField(verbose_name="next response")),
                ("resolution_s", models.PositiveIntegerField(verbose_name="resolution")),
                ("at_risk_share", models.FloatField(default=0.8, help_text="Share of the target after which a clock is at risk, for example 0.8")),
                ("valid_from", models.DateTimeField(default=django.utils.timezone.now, help_text="Applies to clocks that start then or later; running clocks keep their version")),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                "verbose_name": "SLA policy",
                "verbose_name_plural": "SLA policies",
                "ordering": ("order", "pk"),
                "constraints": [models.CheckConstraint(condition=models.Q(("at_risk_share__gt", 0), ("at_risk_share__lte", 1)), name="sla_risk_is_a_share"), models.CheckConstraint(condition=models.Q(("first_response_s__gte", 1), ("next_response_s__gte", 1), ("resolution_s__gte", 1)), name="sla_targets_are_some_time")],
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("conversation", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="clocks", to="webhooks.conversation")),
                ("metric", models.CharField(choices=[("first_response", "first_response"), ("next_response", "next_response"), ("resolution", "resolution")], max_length=14)),
                ("number", models.PositiveIntegerField(help_text="Index among the clocks of its metric in this conversation, from 0")),
                ("case", models.PositiveIntegerField()),
                ("state", models.CharField(choices=[("running", "running"), ("paused", "paused"), ("met", "met"), ("missed", "missed"), ("cancelled", "cancelled"), ("not_applicable", "not_applicable")], max_length=14)),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("at_risk_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(help_text="Decides which period it belongs to", null=True)),
                ("business_seconds", models.FloatField()),
                ("wall_seconds", models.FloatField()),
                ("policy", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="clocks", to="reports.slapolicy")),
                ("policy_version", models.PositiveIntegerField(null=True)),
                ("calendar_version", models.PositiveIntegerField(null=True)),
                ("attributed_to", models.CharField(help_text="As they were called then", max_length=255, null=True)),
                ("person", models.CharField(help_text="Who that is: account, type and number", max_length=80, null=True)),
                ("team", models.CharField(max_length=255, null=True)),
                ("team_key", models.CharField(max_length=80, null=True)),
                ("closed_unanswered", models.BooleanField(default=False)),
                ("missed_by_change", models.BooleanField(default=False)),
                ("reopened_at", models.DateTimeField(null=True)),
                ("inbox", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="clocks", to="webhooks.inbox")),
                ("priority", models.CharField(blank=True, max_length=10)),
                ("labels", models.JSONField(default=list)),
                ("first_calculated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now, help_text="When it was first calculated. A policy created later does not change its target")),
            ],
            options={
                "indexes": [models.Index(fields=["decided_at"], name="clock_decided"), models.Index(fields=["stopped_at"], name="clock_stopped"), models.Index(condition=models.Q(("stopped_at__isnull", True)), fields=["due_at"], name="clock_open")],
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "metric", "number"), name="one_row_a_clock"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", [reports.sla.metrics.State["RUNNING"], reports.sla.metrics.State["PAUSED"], reports.sla.metrics.State["MET"], reports.sla.metrics.State["MISSED"], reports.sla.metrics.State["CANCELLED"], reports.sla.metrics.State["NOT_APPLICABLE"]])), name="clock_state_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("metric__in", ("first_response", "next_response", "resolution"))), name="clock_metric_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SLAAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("conversation", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="sla_alerts", to="webhooks.conversation")),
                ("metric", models.CharField(choices=[("first_response", "first_response"), ("next_response", "next_response"), ("resolution", "resolution")], max_length=14)),
                ("number", models.PositiveIntegerField()),
                ("kind", models.CharField(choices=[("at_risk", "at risk"), ("breach", "breached")], max_length=7)),
                ("due_at", models.DateTimeField()),
                ("noticed_at", models.DateTimeField()),
                ("notified_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("notified_at__isnull", True)), fields=["noticed_at"], name="sla_alert_pending"), models.Index(fields=["notified_at"], name="sla_alert_notified")],
                "constraints": [models.UniqueConstraint(fields=("conversation", "metric", "number", "kind"), name="one_sla_alert_a_clock")],
            },
        ),
        migrations.CreateModel(
            name="Recalculation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("calendar", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="recalculations", to="knowledge.businesscalendar")),
                ("calendar_version", models.PositiveIntegerField()),
                ("since", models.DateTimeField(help_text="Applies to clocks that started then or later")),
                ("reason", models.CharField(max_length=500)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("at", models.DateTimeField()),
                ("clocks", models.PositiveIntegerField(help_text="How many clocks it changed")),
                ("transitions", models.JSONField(help_text="[[metric, state before, state after, clocks]]")),
            ],
            options={
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="WeeklyReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week", models.CharField(help_text="2026-W47", max_length=8, unique=True)),
                ("made_at", models.DateTimeField()),
                ("is_complete", models.BooleanField(help_text="All data of the week had arrived")),
                ("content", models.TextField(help_text="JSON as text, because PostgreSQL would reorder the keys")),
            ],
            options={
                "ordering": ("-week",),
            },
        ),
        migrations.CreateModel(
            name="HistoricalWeeklyNote",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("week", models.CharField(db_index=True, help_text="2026-W47", max_length=8)),
                ("text", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("by", models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                ("history_type", models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1)),
                ("history_user", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "historical weekly note",
                "verbose_name_plural": "historical weekly notes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="WeeklyNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week", models.CharField(help_text="2026-W47", max_length=8, unique=True)),
                ("text", models.CharField(max_length=200)),
                ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="WeeklyRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="A name for this recipient", max_length=60, unique=True)),
                ("address", webhooks.database.encryption.EncryptedTextField(help_text="An email address, or the URL of an incoming webhook in Slack or Mattermost")),
                ("active", models.BooleanField(default=True, help_text="Turn off to pause the report for this recipient")),
            ],
            options={
                "verbose_name": "weekly recipient",
                "verbose_name_plural": "weekly recipients",
                "ordering": ("name",),
            },
        ),
    ]
