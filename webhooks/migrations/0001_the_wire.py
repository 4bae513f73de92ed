import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import webhooks.database.encryption
import webhooks.models.second_factor


def keep_bodies_out_of_line(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL: bodies stay out of the row even when small, so that a claim's UPDATE does not copy them."""
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE webhooks_delivery SET (toast_tuple_target = 256)")


class Migration(migrations.Migration):
    replaces = [
        ("webhooks", "0001_initial"),
        ("webhooks", "0002_body_out_of_line"),
        ("webhooks", "0003_the_wire_in_depth"),
        ("webhooks", "0004_size_and_canceller_of_a_replay"),
        ("webhooks", "0005_semantic_keys_are_found_on_sqlite"),
        ("webhooks", "0006_what_clocks_are_reckoned_from"),
        ("webhooks", "0007_modes_of_a_source"),
        ("webhooks", "0008_reconciling_and_silence"),
        ("webhooks", "0009_retention_and_erasure"),
        ("webhooks", "0010_alert_rules_and_rest"),
        ("webhooks", "0011_surveys_by_time"),
        ("webhooks", "0012_backlog_by_age"),
        ("webhooks", "0013_signing_in"),
        ("webhooks", "0014_second_factors"),
        ("webhooks", "0015_second_factors_encrypted"),
        ("webhooks", "0016_lists_of_many_rows"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkerHost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("host", models.CharField(max_length=200, unique=True)),
                ("pid", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
                ("clusters", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("digest", models.CharField(max_length=128, primary_key=True, serialize=False)),
                ("token_key", models.CharField(db_index=True, max_length=25)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("expiry", models.DateTimeField(blank=True, null=True)),
                ("service", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="auth_token_set",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("last_used_at", models.DateTimeField(blank=True, help_text="To the minute", null=True)),
            ],
            options={
                "abstract": False,
                "swappable": "KNOX_TOKEN_MODEL",
            },
        ),
        migrations.CreateModel(
            name="HistoricalRetryPolicy",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(db_index=True, max_length=60, verbose_name="name")),
                ("is_default", models.BooleanField(default=False)),
                (
                    "event_pattern",
                    models.CharField(
                        default="*",
                        help_text="An event, with * for any part: message_*, reply.send@email",
                        max_length=100,
                        verbose_name="event pattern",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("", "both"), ("IN", "in"), ("OUT", "out")],
                        default="",
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                (
                    "delays",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Seconds after each failed attempt: [10, 30, 120]",
                        verbose_name="delays",
                    ),
                ),
                (
                    "base",
                    models.FloatField(
                        blank=True,
                        help_text="Instead of a list: seconds after the first failure",
                        null=True,
                        verbose_name="base",
                    ),
                ),
                ("factor", models.FloatField(blank=True, null=True, verbose_name="factor")),
                (
                    "cap",
                    models.FloatField(
                        blank=True, help_text="The longest delay, in seconds", null=True, verbose_name="cap"
                    ),
                ),
                (
                    "jitter",
                    models.FloatField(
                        default=0.2,
                        help_text="Random share added to or taken from each delay: 0.2 is ± 20 %",
                        verbose_name="jitter",
                    ),
                ),
                ("max_attempts", models.PositiveIntegerField(default=9, verbose_name="max attempts")),
                (
                    "max_age",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Seconds since it was due. Empty: no limit.",
                        null=True,
                        verbose_name="max age",
                    ),
                ),
                (
                    "respect_retry_after",
                    models.BooleanField(default=True, verbose_name="respect retry after"),
                ),
                (
                    "retry_after_cap",
                    models.PositiveIntegerField(
                        default=3600, help_text="Seconds", verbose_name="retry after cap"
                    ),
                ),
                (
                    "give_up_on",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='HTTP statuses or error classes: [404, "Permanent"]',
                        verbose_name="give up on",
                    ),
                ),
                ("hold_on", models.JSONField(blank=True, default=list, verbose_name="hold on")),
                ("retry_on", models.JSONField(blank=True, default=list, verbose_name="retry on")),
                (
                    "settle_s",
                    models.PositiveIntegerField(
                        default=120,
                        help_text="Seconds until a message that does not appear counts as not sent",
                        verbose_name="settle s",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
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
                "verbose_name": "historical retry policy",
                "verbose_name_plural": "historical retry policies",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RetryPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("is_default", models.BooleanField(default=False)),
                (
                    "event_pattern",
                    models.CharField(
                        default="*",
                        help_text="An event, with * for any part: message_*, reply.send@email",
                        max_length=100,
                        verbose_name="event pattern",
                    ),
                ),
                (
                    "direction",
                    models.CharField(
                        blank=True,
                        choices=[("", "both"), ("IN", "in"), ("OUT", "out")],
                        default="",
                        max_length=3,
                        verbose_name="direction",
                    ),
                ),
                (
                    "delays",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Seconds after each failed attempt: [10, 30, 120]",
                        verbose_name="delays",
                    ),
                ),
                (
                    "base",
                    models.FloatField(
                        blank=True,
                        help_text="Instead of a list: seconds after the first failure",
                        null=True,
                        verbose_name="base",
                    ),
                ),
                ("factor", models.FloatField(blank=True, null=True, verbose_name="factor")),
                (
                    "cap",
                    models.FloatField(
                        blank=True, help_text="The longest delay, in seconds", null=True, verbose_name="cap"
                    ),
                ),
                (
                    "jitter",
                    models.FloatField(
                        default=0.2,
                        help_text="Random share added to or taken from each delay: 0.2 is ± 20 %",
                        verbose_name="jitter",
                    ),
                ),
                ("max_attempts", models.PositiveIntegerField(default=9, verbose_name="max attempts")),
                (
                    "max_age",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Seconds since it was due. Empty: no limit.",
                        null=True,
                        verbose_name="max age",
                    ),
                ),
                (
                    "respect_retry_after",
                    models.BooleanField(default=True, verbose_name="respect retry after"),
                ),
                (
                    "retry_after_cap",
                    models.PositiveIntegerField(
                        default=3600, help_text="Seconds", verbose_name="retry after cap"
                    ),
                ),
                (
                    "give_up_on",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='HTTP statuses or error classes: [404, "Permanent"]',
                        verbose_name="give up on",
                    ),
                ),
                ("hold_on", models.JSONField(blank=True, default=list, verbose_name="hold on")),
                ("retry_on", models.JSONField(blank=True, default=list, verbose_name="retry on")),
                (
                    "settle_s",
                    models.PositiveIntegerField(
                        default=120,
                        help_text="Seconds until a message that does not appear counts as not sent",
                        verbose_name="settle s",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
            ],
            options={
                "verbose_name": "retry policy",
                "verbose_name_plural": "retry policies",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="one_default_policy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_attempts__gte", 1)), name="policy_tries_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("settle_s__gte", 120)), name="policy_waits_for_a_lost_call"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("jitter__gte", 0), ("jitter__lte", 1)),
                        name="policy_jitter_is_a_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SendingSwitch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stopped", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "most_a_conversation",
                    models.PositiveIntegerField(
                        blank=True,
                        default=20,
                        help_text="Replies per hour to one conversation. Empty: no limit.",
                        null=True,
                    ),
                ),
                (
                    "most_an_hour",
                    models.PositiveIntegerField(
                        blank=True,
                        default=600,
                        help_text="Replies per hour, all sources together. Empty: no limit.",
                        null=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "sending switch",
                "verbose_name_plural": "sending switch",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_sending_switch")
                ],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        help_text="Part of the receiving URL: /webhooks/chatwoot/<slug>/",
                        unique=True,
                        verbose_name="slug",
                    ),
                ),
                (
                    "base_url",
                    models.URLField(
                        help_text="Chatwoot's address, for example https://chat.example.com",
                        verbose_name="base URL",
                    ),
                ),
                (
                    "moved_from",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="The base URL it was bound to before, until a person confirms that the new one is the same Chatwoot",
                        max_length=200,
                    ),
                ),
                (
                    "account_id",
                    models.PositiveBigIntegerField(
                        help_text="The number in /app/accounts/<number>/ of its address bar"
                    ),
                ),
                ("api_token", webhooks.database.encryption.EncryptedTextField(blank=True)),
                (
                    "mode",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("legacy", "Legacy")],
                        default="active",
                        max_length=8,
                    ),
                ),
                ("mode_reason", models.CharField(blank=True, max_length=200)),
                ("chatwoot_version", models.CharField(blank=True, max_length=20)),
                ("version_read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "sender_id",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="The token's user in Chatwoot", null=True
                    ),
                ),
                ("sender_name", models.CharField(blank=True, max_length=200)),
                ("webhook_id", models.PositiveBigIntegerField(blank=True, null=True)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("credentials_refused_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "unsigned_token",
                    webhooks.database.encryption.EncryptedTextField(
                        blank=True,
                        help_text="Chatwoot before 4.11.2 does not sign webhooks: the URL ends in this token instead",
                    ),
                ),
                (
                    "leads",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Who is notified when its mode is switched",
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "legacy_ended_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Replies approved before this are not sent automatically",
                        null=True,
                    ),
                ),
                (
                    "legacy_url",
                    models.URLField(
                        blank=True,
                        help_text="Where the previous handler receives Chatwoot's webhooks, for legacy mode",
                        max_length=500,
                    ),
                ),
                (
                    "silence_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Alert after this many minutes of business hours without a webhook. Empty: no alert.",
                        null=True,
                    ),
                ),
                (
                    "webhook_url",
                    models.URLField(
                        blank=True, help_text="The address that was registered with Chatwoot", max_length=500
                    ),
                ),
                (
                    "internal",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="Connected from the server: the address may be in the installation's own network",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "sources",
                "verbose_name": "source",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mode__in", ["active", "paused", "legacy"])),
                        name="source_mode_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contact_id", models.PositiveBigIntegerField()),
                ("name", models.CharField(blank=True, max_length=255)),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="email")),
                ("phone_number", models.CharField(blank=True, max_length=40, verbose_name="phone number")),
                (
                    "version",
                    models.FloatField(
                        default=0, help_text="updated_at of the conversation that said so: the newest wins"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="webhooks.source",
                    ),
                ),
                (
                    "erased_at",
                    models.DateTimeField(
                        help_text="What happened until then is not to be known again (forgotten.py)",
                        null=True,
                    ),
                ),
                (
                    "returned_at",
                    models.DateTimeField(help_text="When this person wrote again after that", null=True),
                ),
            ],
            options={
                "verbose_name_plural": "contacts",
                "verbose_name": "contact",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "contact_id"), name="one_row_a_contact")
                ],
            },
        ),
        migrations.CreateModel(
            name="Inbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("inbox_id", models.PositiveBigIntegerField()),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("channel", models.CharField(blank=True, max_length=60)),
                (
                    "version",
                    models.FloatField(
                        default=0, help_text="When its name was reported, in unix seconds: the newest wins"
                    ),
                ),
                (
                    "email",
                    models.CharField(
                        blank=True,
                        help_text="Our own addresses, separated by commas: left out of reply-all",
                        max_length=500,
                        verbose_name="email",
                    ),
                ),
                (
                    "drafting",
                    models.BooleanField(
                        default=True,
                        help_text="Draft replies for this inbox and show it in the queue",
                        verbose_name="drafting",
                    ),
                ),
                (
                    "agents_may_approve",
                    models.BooleanField(
                        default=False,
                        help_text="Agents may approve unflagged machine drafts",
                        verbose_name="agents may approve",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inboxes",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "human_agent",
                    models.BooleanField(
                        default=False,
                        help_text="Messenger and Instagram take replies for seven days there: Chatwoot's can_reply showed it",
                    ),
                ),
                (
                    "silence_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="An alert after so many minutes of its business time in which nothing happens; empty: none",
                        null=True,
                        verbose_name="silence minutes",
                    ),
                ),
            ],
            options={
                "verbose_name": "inbox",
                "verbose_name_plural": "inboxes",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "inbox_id"), name="one_row_an_inbox")
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("direction", models.CharField(choices=[("IN", "In"), ("OUT", "Out")], max_length=3)),
                (
                    "lane",
                    models.CharField(
                        choices=[("in", "In"), ("send", "Send"), ("slow", "Slow")], max_length=4
                    ),
                ),
                ("event", models.CharField(max_length=100, verbose_name="event")),
                (
                    "variant",
                    models.CharField(
                        blank=True, help_text="Narrows the policy: reply.send@email", max_length=20
                    ),
                ),
                ("delivery_key", models.CharField(max_length=200)),
                ("semantic_key", models.CharField(blank=True, max_length=200)),
                ("body", models.BinaryField()),
                ("headers", models.JSONField(default=dict)),
                ("conversation_id", models.PositiveBigIntegerField(blank=True, null=True)),
                ("message_id", models.PositiveBigIntegerField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PENDING", "Pending"),
                            ("DONE", "Done"),
                            ("DEAD", "Failed"),
                            ("HELD", "Held"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PENDING",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                (
                    "held_for",
                    models.CharField(
                        blank=True,
                        choices=[("paused", "Paused"), ("credentials", "Credentials"), ("rule", "Rule")],
                        max_length=11,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("budget_from", models.PositiveIntegerField(default=0)),
                ("due_since", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("running_since", models.DateTimeField(blank=True, null=True)),
                ("origin", models.CharField(default="webhook", max_length=10)),
                ("spooled", models.BooleanField(default=False)),
                ("received_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.TextField(blank=True)),
                ("error_fingerprint", models.CharField(blank=True, max_length=16)),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="duplicates",
                        to="webhooks.delivery",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "running_on",
                    models.CharField(
                        blank=True, help_text="host:pid of the worker that runs it", max_length=200
                    ),
                ),
                ("body_sha256", models.CharField(blank=True, db_default="", default="", max_length=64)),
                ("body_size", models.PositiveIntegerField(blank=True, null=True)),
                ("redacted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "redacted_for",
                    models.CharField(
                        blank=True,
                        choices=[("age", "Age"), ("erasure", "Erasure")],
                        db_default="",
                        default="",
                        max_length=7,
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "indexes": [
                    models.Index(fields=["lane", "next_attempt_at", "id"], name="delivery_claim"),
                    models.Index(fields=["direction", "-id"], name="delivery_list"),
                    models.Index(fields=["status", "-id"], name="delivery_by_status"),
                    models.Index(fields=["source", "-received_at"], name="delivery_by_source"),
                    models.Index(fields=["source", "conversation_id"], name="delivery_by_conversation"),
                    models.Index(
                        condition=models.Q(("error_fingerprint", ""), _negated=True),
                        fields=["error_fingerprint"],
                        name="delivery_failures",
                    ),
                    models.Index(fields=["semantic_key", "source", "status"], name="delivery_semantic"),
                    models.Index(fields=["direction", "status", "-id"], name="delivery_states"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "direction", "delivery_key"), name="one_row_a_delivery"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("next_attempt_at__isnull", False), ("status", "PENDING")),
                            models.Q(
                                models.Q(("status", "PENDING"), _negated=True),
                                ("next_attempt_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="next_attempt_exactly_while_pending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "HELD"), models.Q(("held_for", ""), _negated=True)),
                            models.Q(models.Q(("status", "HELD"), _negated=True), ("held_for", "")),
                            _connector="OR",
                        ),
                        name="held_for_exactly_while_held",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Incoming",
            fields=[],
            options={
                "verbose_name": "incoming delivery",
                "verbose_name_plural": "incoming deliveries",
                "proxy": True,
            },
            bases=("webhooks.delivery",),
        ),
        migrations.CreateModel(
            name="Outgoing",
            fields=[],
            options={
                "verbose_name": "outgoing delivery",
                "verbose_name_plural": "outgoing deliveries",
                "proxy": True,
            },
            bases=("webhooks.delivery",),
        ),
        migrations.CreateModel(
            name="DeliveryAudit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("action", models.CharField(max_length=20)),
                ("reason", models.CharField(max_length=500)),
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
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audit",
                        to="webhooks.delivery",
                    ),
                ),
            ],
            options={"verbose_name": "delivery audit", "verbose_name_plural": "delivery audits"},
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(blank=True, help_text="Empty: the site's own", max_length=64),
                ),
                (
                    "chat_url",
                    webhooks.database.encryption.EncryptedTextField(
                        blank=True, help_text="Of an incoming webhook; empty: no chat messages"
                    ),
                ),
                (
                    "muted",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='Kinds and channels switched off: ["outage:email"]',
                    ),
                ),
                (
                    "quiet_minutes",
                    models.PositiveSmallIntegerField(
                        default=10, help_text="At most one digest within this time"
                    ),
                ),
                (
                    "digest_at",
                    models.DateTimeField(blank=True, help_text="When the last digest was queued", null=True),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "profile", "verbose_name_plural": "profiles"},
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "all_inboxes",
                    models.BooleanField(
                        default=False,
                        help_text="All inboxes, including ones created later",
                        verbose_name="all inboxes",
                    ),
                ),
                (
                    "inboxes",
                    models.ManyToManyField(
                        blank=True, related_name="memberships", to="webhooks.inbox", verbose_name="inboxes"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="membership",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "inbox memberships",
                "verbose_name": "inbox membership",
            },
        ),
        migrations.CreateModel(
            name="SourceSecret",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("secret", webhooks.database.encryption.EncryptedTextField()),
                ("label", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="secrets",
                        to="webhooks.source",
                    ),
                ),
                ("last_matched_at", models.DateTimeField(blank=True, help_text="To the minute", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ok", "Ok"),
                            ("retryable", "Retryable"),
                            ("permanent", "Permanent"),
                            ("unknown", "Unknown"),
                            ("crashed", "Crashed"),
                        ],
                        max_length=9,
                    ),
                ),
                ("http_status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("error_class", models.CharField(blank=True, max_length=100)),
                ("message", models.CharField(blank=True, max_length=2000)),
                ("duration_ms", models.PositiveIntegerField(blank=True, null=True)),
                ("policy_version", models.CharField(blank=True, max_length=60)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempt_log",
                        to="webhooks.delivery",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "attempts",
                "verbose_name": "attempt",
                "constraints": [
                    models.UniqueConstraint(fields=("delivery", "number"), name="one_row_an_attempt")
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                (
                    "key",
                    models.CharField(help_text="What it is about: one open alert per key", max_length=200),
                ),
                ("text", models.CharField(max_length=500)),
                ("opened_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=1, verbose_name="count")),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "alerts",
                "verbose_name": "alert",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("key",),
                        name="one_open_alert_a_trouble",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FailureNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=16, unique=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("muted_at", models.DateTimeField(blank=True, null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "failure note", "verbose_name_plural": "failure notes"},
        ),
        migrations.CreateModel(
            name="Rejection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("code", models.CharField(max_length=40)),
                ("detail", models.CharField(max_length=300)),
                (
                    "clock_difference_s",
                    models.FloatField(blank=True, help_text="The sender's clock minus ours", null=True),
                ),
                ("delivery_key", models.CharField(blank=True, max_length=200)),
                ("remote", models.CharField(blank=True, max_length=64, verbose_name="remote")),
                ("headers", models.JSONField(default=dict)),
                ("body_size", models.PositiveIntegerField(default=0)),
                ("body", models.BinaryField(blank=True, null=True)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="webhooks.delivery",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejections",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "rejections",
                "verbose_name": "rejection",
                "indexes": [models.Index(fields=["source", "code", "-id"], name="rejection_by_source")],
            },
        ),
        migrations.CreateModel(
            name="RejectionCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("day", models.DateField()),
                ("count", models.PositiveBigIntegerField(default=0)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rejection_counts",
                        to="webhooks.source",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "code", "day"), name="one_count_a_reason_and_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplayRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "filters",
                    models.JSONField(default=dict, help_text="The filters as a person chose them"),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                ("pace", models.PositiveIntegerField(help_text="Deliveries per second")),
                ("also_done", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[("RUNNING", "Running"), ("DONE", "Done"), ("CANCELLED", "Cancelled")],
                        default="RUNNING",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
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
                        related_name="replay_runs",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "total",
                    models.PositiveIntegerField(default=0, help_text="Deliveries chosen when it started"),
                ),
            ],
            options={
                "verbose_name_plural": "replays",
                "verbose_name": "replay",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "RUNNING")),
                        fields=("source",),
                        name="one_replay_at_a_time_a_source",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReplayItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("WAITING", "Waiting"), ("REPLAYED", "Replayed"), ("REFUSED", "Refused")],
                        default="WAITING",
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replay_items",
                        to="webhooks.delivery",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="webhooks.replayrun",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "state", "id"], name="replay_item_next")],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "delivery"), name="one_result_a_row_and_replay")
                ],
            },
        ),
        migrations.CreateModel(
            name="ModeChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("legacy", "Legacy")],
                        max_length=8,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("active", "Active"), ("paused", "Paused"), ("legacy", "Legacy")],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(max_length=500)),
                (
                    "held_action",
                    models.CharField(
                        blank=True, choices=[("process", "Process"), ("end", "End")], max_length=7
                    ),
                ),
                (
                    "events",
                    models.PositiveIntegerField(
                        default=0, help_text="Deliveries that were processed or ended"
                    ),
                ),
                (
                    "replies",
                    models.PositiveIntegerField(default=0, help_text="Replies that were released or parked"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="webhooks.replayrun",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mode_changes",
                        to="webhooks.source",
                    ),
                ),
            ],
            options={"verbose_name": "mode change", "verbose_name_plural": "mode changes"},
        ),
        migrations.CreateModel(
            name="HealthSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(help_text="The minute's end", unique=True)),
                ("arrived", models.PositiveIntegerField(help_text="Webhooks received in this minute")),
                ("failed", models.PositiveIntegerField(help_text="Attempts that failed in this minute")),
                ("backlog", models.PositiveIntegerField(help_text="Deliveries due at its end")),
                (
                    "late_s",
                    models.PositiveIntegerField(help_text="How long the oldest of those has been due"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
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
                        choices=[
                            ("escalation", "Escalations"),
                            ("second_look", "Second looks"),
                            ("stopped", "Stopped replies"),
                            ("assigned", "Assigned customers"),
                            ("outage", "Outages"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        help_text="What it is about: one notice per person and cause", max_length=120
                    ),
                ),
                (
                    "about",
                    models.BigIntegerField(help_text="The row it is about; which table, its kind says"),
                ),
                ("text", models.CharField(max_length=300)),
                ("page", models.CharField(help_text="Path of the page to open", max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "queued_at",
                    models.DateTimeField(blank=True, help_text="When it went into a digest", null=True),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="webhooks.source"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "notices",
                "verbose_name": "notice",
                "indexes": [
                    models.Index(
                        condition=models.Q(("queued_at__isnull", True)),
                        fields=["user", "at"],
                        name="notice_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "cause"), name="one_notice_a_person_and_cause")
                ],
            },
        ),
        migrations.CreateModel(
            name="ModeNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="webhooks.modechange",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mode_notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("change", "user"), name="one_notice_a_person_and_change")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReconcileRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("schedule", "Schedule"),
                            ("start", "Start"),
                            ("gap", "Gap"),
                            ("person", "Person"),
                            ("command", "Command"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("RUNNING", "Running"), ("DONE", "Done"), ("FAILED", "Failed")],
                        default="RUNNING",
                        max_length=7,
                        verbose_name="status",
                    ),
                ),
                ("since", models.DateTimeField(help_text="Earlier events are not looked for")),
                ("began_at", models.DateTimeField(help_text="Once done, everything before this is known")),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("listed", models.BooleanField(default=False)),
                ("page", models.PositiveIntegerField(default=1)),
                ("passes", models.PositiveIntegerField(default=0)),
                ("floor", models.DateTimeField(help_text="How far back this pass reads the list")),
                ("pass_began_at", models.DateTimeField(null=True)),
                ("holder", models.CharField(blank=True, max_length=36)),
                ("leased_until", models.DateTimeField()),
                ("tries", models.PositiveIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=500)),
                ("conversations", models.PositiveIntegerField(default=0, help_text="Conversations read")),
                (
                    "messages",
                    models.PositiveIntegerField(default=0, help_text="Missed messages and conversations"),
                ),
                (
                    "changes",
                    models.PositiveIntegerField(
                        default=0, help_text="Missed changes of messages and conversations"
                    ),
                ),
                ("gone", models.PositiveIntegerField(default=0, help_text="Deleted in Chatwoot")),
                (
                    "young",
                    models.PositiveIntegerField(
                        default=0, help_text="So recent that the webhook may still arrive"
                    ),
                ),
                ("first_missed_at", models.DateTimeField(null=True)),
                ("last_missed_at", models.DateTimeField(null=True)),
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
                        related_name="reconcile_runs",
                        to="webhooks.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "reconciliation run",
                "verbose_name_plural": "reconciliation runs",
                "indexes": [models.Index(fields=["source", "-id"], name="reconcile_last")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "RUNNING")),
                        fields=("source",),
                        name="one_reconcile_at_a_time_a_source",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReconcileItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("display_id", models.PositiveBigIntegerField()),
                (
                    "message_id",
                    models.PositiveBigIntegerField(default=0, help_text="0: all messages in the time range"),
                ),
                (
                    "in_list",
                    models.BooleanField(
                        default=True, help_text="Chatwoot listed it, so something changed there"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("WAITING", "Waiting"), ("READ", "Read"), ("SKIPPED", "Skipped")],
                        default="WAITING",
                        max_length=7,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="webhooks.reconcilerun",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "reconcile items",
                "verbose_name": "reconcile item",
                "indexes": [models.Index(fields=["run", "state", "id"], name="reconcile_item_next")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "display_id", "message_id"), name="one_item_a_run_and_conversation"
                    )
                ],
            },
        ),
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
                    models.DateField(help_text="Of a nightly run: one per night", null=True, unique=True),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("counts", models.JSONField(default=dict, help_text="Rule → rows removed")),
                (
                    "rules",
                    models.JSONField(default=list, help_text="Rules still to apply, the current one first"),
                ),
                (
                    "after",
                    models.PositiveBigIntegerField(
                        default=0, help_text="The last row that was checked for the current rule"
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
                "verbose_name_plural": "retention rules",
                "verbose_name": "retention rule",
                "ordering": ("pk",),
            },
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
            name="PrivacyAction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contact_ids",
                    models.JSONField(help_text="The contact's ID in Chatwoot, and those merged with it"),
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
                        related_name="privacy_actions",
                        to="webhooks.source",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AlertRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40, unique=True)),
                ("enabled", models.BooleanField(default=True, verbose_name="notify people")),
                (
                    "threshold",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: not monitored", null=True, verbose_name="threshold"
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("normal", "Can wait"), ("urgent", "Urgent")],
                        default="normal",
                        help_text="Urgent alerts are also sent in quiet hours",
                        max_length=6,
                        verbose_name="severity",
                    ),
                ),
                ("email", models.BooleanField(default=True, verbose_name="send an email")),
                ("addresses", models.TextField(blank=True, verbose_name="other addresses")),
                ("chat_url", webhooks.database.encryption.EncryptedTextField(blank=True)),
                ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
                ("quiet_to", models.TimeField(blank=True, null=True, verbose_name="quiet until")),
                ("quiet_zone", models.CharField(blank=True, max_length=60, verbose_name="time zone")),
                ("groups", models.ManyToManyField(blank=True, related_name="+", to="auth.group")),
                ("users", models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name_plural": "alert rules",
                "verbose_name": "alert rule",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from", None), ("quiet_to", None)),
                            models.Q(("quiet_from__isnull", False), ("quiet_to__isnull", False)),
                            _connector="OR",
                        ),
                        name="quiet_hours_begin_and_end",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Upstream",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="chatwoot:<source id>, or drafter", max_length=60, unique=True
                    ),
                ),
                (
                    "failures",
                    models.PositiveIntegerField(default=0, help_text="In a row", verbose_name="failures"),
                ),
                ("pauses", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("probe_at", models.DateTimeField(blank=True, null=True)),
                (
                    "probe",
                    models.BigIntegerField(
                        blank=True, help_text="The delivery that is let through", null=True
                    ),
                ),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="upstreams",
                        to="webhooks.source",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "upstreams",
                "verbose_name": "upstream",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("opened_at", None), ("probe", None), ("probe_at", None)),
                            models.Q(("opened_at__isnull", False), ("probe_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="probe_at_exactly_while_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SignInRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("second_factor_required", models.BooleanField(default=False)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "sign in rules",
                "verbose_name": "sign in rule",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_sign_in_rule")
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(help_text="The human-readable name of this device.", max_length=64),
                ),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                (
                    "throttling_failure_timestamp",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="A timestamp of the last failed verification attempt. Null if last attempt succeeded.",
                        null=True,
                    ),
                ),
                (
                    "throttling_failure_count",
                    models.PositiveIntegerField(default=0, help_text="Number of successive failed attempts."),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True, help_text="The most recent date and time this device was used.", null=True
                    ),
                ),
                (
                    "key",
                    webhooks.database.encryption.EncryptedTextField(
                        default=webhooks.models.second_factor.new_key
                    ),
                ),
                ("recovery_codes", webhooks.database.encryption.EncryptedTextField(blank=True, default="")),
                ("last_t", models.BigIntegerField(default=-1)),
                ("drift", models.SmallIntegerField(default=0)),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "second factor",
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("display_id", models.PositiveBigIntegerField()),
                ("status", models.CharField(default="open", max_length=10)),
                ("priority", models.CharField(blank=True, max_length=10)),
                ("labels", models.JSONField(default=list)),
                ("assignee", models.CharField(blank=True, max_length=200)),
                ("team", models.CharField(blank=True, max_length=200)),
                ("custom_attributes", models.JSONField(default=dict)),
                ("can_reply", models.BooleanField(default=True)),
                ("can_reply_at", models.DateTimeField(null=True, help_text="As of when Chatwoot said so")),
                (
                    "is_over_whatsapp",
                    models.BooleanField(
                        default=False, help_text="A Twilio inbox's conversation by WhatsApp, not SMS"
                    ),
                ),
                ("created_at", models.DateTimeField(null=True)),
                ("last_activity_at", models.DateTimeField(null=True)),
                (
                    "registers",
                    models.JSONField(default=dict, help_text="The fold's state: field → [version, value]"),
                ),
                ("waiting_since", models.DateTimeField(null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="conversations",
                        to="webhooks.contact",
                    ),
                ),
                (
                    "inbox",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="conversations",
                        to="webhooks.inbox",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversations",
                        to="webhooks.source",
                    ),
                ),
                ("clocks_look_at", models.DateTimeField(null=True)),
                (
                    "clocks_memory",
                    models.JSONField(
                        help_text="What the clocks go on from with the next message; {}: nothing happened yet, null: from scratch",
                        null=True,
                    ),
                ),
                ("reply_due_at", models.DateTimeField(null=True)),
                (
                    "deleted_at",
                    models.DateTimeField(
                        help_text="When Chatwoot was found not to have it any more", null=True
                    ),
                ),
                (
                    "erased_at",
                    models.DateTimeField(
                        help_text="What happened until then is not to be known again", null=True
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "conversations",
                "verbose_name": "conversation",
                "indexes": [
                    models.Index(
                        condition=models.Q(("waiting_since__isnull", False)),
                        fields=["waiting_since"],
                        name="conversation_waiting",
                    ),
                    models.Index(fields=["clocks_look_at"], name="conversation_clocks"),
                    models.Index(fields=["inbox", "-last_activity_at"], name="conversation_by_inbox"),
                    models.Index(fields=["source", "-last_activity_at"], name="conversation_by_activity"),
                    models.Index(
                        condition=models.Q(("status", "resolved"), _negated=True),
                        fields=["created_at"],
                        name="conversation_backlog",
                    ),
                    models.Index(fields=["-last_activity_at", "-id"], name="conversation_list"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "display_id"), name="one_row_a_conversation")
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message_id", models.PositiveBigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("incoming", "Incoming"),
                            ("outgoing", "Outgoing"),
                            ("activity", "Activity"),
                            ("template", "Template"),
                        ],
                        max_length=8,
                    ),
                ),
                ("private", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("sender_id", models.PositiveBigIntegerField(null=True)),
                ("sender_type", models.CharField(blank=True, max_length=20)),
                ("sender_name", models.CharField(blank=True, max_length=255)),
                ("content", models.TextField(blank=True)),
                ("content_type", models.CharField(default="text", max_length=30)),
                ("content_attributes", models.JSONField(default=dict)),
                ("attachments", models.JSONField(default=list)),
                ("status", models.CharField(blank=True, max_length=10)),
                ("deleted", models.BooleanField(default=False)),
                (
                    "milliseconds",
                    models.PositiveSmallIntegerField(
                        null=True,
                        help_text="Of created_at, which has whole seconds as the API has them; where they are known",
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        null=True,
                        help_text="When the customer deleted it: until then it was a customer message",
                    ),
                ),
                (
                    "is_person_answer",
                    models.BooleanField(
                        default=False, help_text="authorship.is_person_answer, the one predicate"
                    ),
                ),
                (
                    "is_customer_message",
                    models.BooleanField(default=False, help_text="authorship.is_customer_message"),
                ),
                (
                    "looks_automatic",
                    models.BooleanField(
                        default=False,
                        help_text="A customer's mail that may be a machine's: authorship.looks_automatic",
                    ),
                ),
                ("registers", models.JSONField(default=dict)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="webhooks.conversation",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "messages",
                "verbose_name": "message",
                "indexes": [
                    models.Index(
                        condition=models.Q(("content_type", "input_csat")),
                        fields=["created_at"],
                        name="message_surveys",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("is_customer_message", True), ("is_person_answer", True), _connector="OR"
                        ),
                        fields=["conversation", "-created_at", "-message_id"],
                        name="message_counts",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "message_id"), name="one_row_a_message")
                ],
            },
        ),
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("previous", models.CharField(max_length=10)),
                ("current", models.CharField(max_length=10)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="status_changes",
                        to="webhooks.conversation",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="status_changes_by_time")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation", "at", "previous", "current"), name="one_row_a_transition"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KnownName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("number", models.PositiveBigIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("day", models.DateField()),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="webhooks.source",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "kind", "number", "name", "email", "day"),
                        name="one_row_a_name_and_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AttributeChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("field", models.CharField(max_length=30)),
                ("previous", models.JSONField(null=True)),
                ("current", models.JSONField(null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attribute_changes",
                        to="webhooks.conversation",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "attribute changes",
                "verbose_name": "attribute change",
                "constraints": [
                    models.UniqueConstraint(fields=("conversation", "field", "at"), name="one_row_a_change")
                ],
            },
        ),
        migrations.AddField(
            model_name="conversation",
            name="waiting_message",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="webhooks.message",
            ),
        ),
        migrations.RunPython(keep_bodies_out_of_line, migrations.RunPython.noop),
        migrations.AddField(
            model_name="profile",
            name="leads_on",
            field=models.BooleanField(
                default=True, help_text="After a decision, the next customer of the queue is opened"
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("escalation", "Escalations"),
                    ("second_look", "Second looks"),
                    ("stopped", "Stopped replies"),
                    ("assigned", "Assigned customers"),
                    ("mention", "Mentions"),
                    ("outage", "Outages"),
                    ("knowledge", "Weekly knowledge digest"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="profile",
            name="language",
            field=models.CharField(blank=True, help_text="Empty: as the browser asks", max_length=8),
        ),
    ]
