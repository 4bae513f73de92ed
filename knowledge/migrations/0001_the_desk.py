import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import knowledge.models.calendar
import webhooks.database.encryption


class Migration(migrations.Migration):
    replaces = [
        ("knowledge", "0001_initial"),
        ("knowledge", "0002_calls_of_the_last_hour"),
        ("knowledge", "0003_business_calendars"),
        ("knowledge", "0004_learning_signals"),
        ("knowledge", "0005_risk_and_desk"),
        ("knowledge", "0006_levels_and_unsaved_text"),
        ("knowledge", "0007_places_in_the_queue"),
        ("knowledge", "0008_escalations_with_a_due_time"),
        ("knowledge", "0009_owners_of_escalations"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("webhooks", "0001_the_wire"),
    ]

    operations = [
        migrations.CreateModel(
            name="RiskRuleSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "rules",
                    models.JSONField(
                        help_text='[{"name", "kind", "words", "number", "where", "second_person"}]'
                    ),
                ),
            ],
            options={
                "verbose_name": "risk rule set",
                "verbose_name_plural": "risk rule sets",
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        verbose_name="status",
                        choices=[
                            ("PROPOSED", "Proposed"),
                            ("SECOND_LOOK", "Second look"),
                            ("APPROVED", "Approved"),
                            ("REJECTED", "Rejected"),
                            ("STALE", "Stale"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("EXPIRED", "Expired"),
                            ("SENDING", "Sending"),
                            ("SENT", "Sent"),
                            ("PARKED", "Parked"),
                            ("CLOSED", "Closed"),
                        ],
                        default="PROPOSED",
                        max_length=11,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("proposed_text", models.TextField(help_text="As drafted. Grades rate this text")),
                ("body", models.TextField(help_text="The current text")),
                ("author", models.CharField(max_length=150)),
                (
                    "author_kind",
                    models.CharField(
                        verbose_name="author kind",
                        choices=[
                            ("drafter", "built-in drafter"),
                            ("service", "outside agent"),
                            ("person", "person"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "changed_by",
                    models.JSONField(default=list, help_text="User ids of everybody who edited the text"),
                ),
                ("confidence", models.FloatField(null=True)),
                (
                    "prompt_version",
                    models.CharField(
                        blank=True,
                        help_text="Of the text that the model was asked with (drafting/prompts/)",
                        max_length=10,
                    ),
                ),
                (
                    "evidence",
                    models.JSONField(
                        default=list, help_text='[{"article", "version", "title", "score", "why"}]'
                    ),
                ),
                ("risk", models.JSONField(default=list, help_text='[{"rule", "reason", "second_person"}]')),
                (
                    "judged_by",
                    models.ForeignKey(
                        help_text="The risk rules at its proposal",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="knowledge.riskruleset",
                    ),
                ),
                (
                    "rules_seen",
                    models.PositiveBigIntegerField(
                        default=0,
                        help_text="The newest change of a risk rule at its proposal, as their history numbers it",
                    ),
                ),
                ("recipients", models.JSONField(default=dict)),
                (
                    "message_digests",
                    models.JSONField(
                        default=dict,
                        help_text="What it answers, as it stood then: message number → digest (replies/message_digests.py)",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "approval",
                    models.PositiveIntegerField(
                        default=0, help_text="Counts approvals; the marker is <draft>:<approval>"
                    ),
                ),
                ("approved_text", models.TextField(blank=True)),
                ("approved_recipients", models.JSONField(default=dict)),
                ("approved_revision", models.PositiveIntegerField(null=True)),
                ("tone", models.PositiveSmallIntegerField(null=True)),
                ("accuracy", models.PositiveSmallIntegerField(null=True)),
                ("policy", models.PositiveSmallIntegerField(null=True)),
                ("note", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("send_after", models.DateTimeField(null=True)),
                ("call_started_at", models.DateTimeField(null=True)),
                (
                    "read_up_to",
                    models.PositiveBigIntegerField(default=0, help_text="Newest message id before the call"),
                ),
                ("sent_message_id", models.PositiveBigIntegerField(null=True)),
                (
                    "why",
                    models.CharField(
                        blank=True, help_text="Why it is stale, parked, withdrawn or closed", max_length=500
                    ),
                ),
                ("claimed_until", models.DateTimeField(null=True)),
                (
                    "claimed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="webhooks.conversation",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first_look_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first_look_of",
                    models.CharField(
                        blank=True,
                        help_text="Digest of what the first person approved (replies/first_look.py)",
                        max_length=64,
                    ),
                ),
                (
                    "in_reply_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to="webhooks.message",
                    ),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(
                        help_text="Start of the claim; renewals do not change it", null=True
                    ),
                ),
                (
                    "after_send",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "stays open"),
                            ("resolved", "is resolved"),
                            ("pending", "is set to pending"),
                        ],
                        default="",
                        help_text="Approved with the reply and done after it is sent",
                        max_length=8,
                    ),
                ),
                (
                    "sender_id",
                    models.PositiveBigIntegerField(
                        help_text="The Chatwoot user that the call was made as", null=True
                    ),
                ),
            ],
            options={
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
                "indexes": [
                    models.Index(fields=["status", "-id"], name="draft_by_status"),
                    models.Index(fields=["conversation", "-id"], name="draft_by_conversation"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["APPROVED", "SENDING", "PARKED"])),
                        fields=("in_reply_to",),
                        name="one_reply_on_its_way",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ["APPROVED", "SENDING", "SENT", "PARKED"]), _negated=True
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("approved_text", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="approved_by_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "SENDING"), _negated=True),
                            ("call_started_at__isnull", False),
                            _connector="OR",
                        ),
                        name="sending_has_a_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("action", models.CharField(max_length=20)),
                ("before", models.CharField(blank=True, max_length=11)),
                ("after", models.CharField(max_length=11)),
                ("detail", models.CharField(blank=True, max_length=500)),
                (
                    "text",
                    models.TextField(blank=True, help_text="The text after the change, where it changed"),
                ),
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
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="knowledge.draft",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft event",
                "verbose_name_plural": "draft events",
                "indexes": [
                    models.Index(
                        condition=models.Q(("action", "sending")), fields=["at"], name="draft_event_calls"
                    ),
                    models.Index(
                        condition=models.Q(("action__in", ["approved", "rejected"])),
                        fields=["at"],
                        name="draft_event_decisions",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="details")),
                ("raised_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalations",
                        to="webhooks.conversation",
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="escalations",
                        to="knowledge.draft",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        verbose_name="owner",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="escalations_owned",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        verbose_name="level",
                        choices=[
                            (1, "First level: support team"),
                            (2, "Second level: specialist"),
                            (3, "Third level: management"),
                        ],
                        default=2,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        help_text="What raised it if it was not a person: label:refund, rule:3, …",
                        max_length=100,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(help_text="When it should be taken care of", null=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("refund", "Refund"),
                            ("policy_exception", "Policy exception"),
                            ("angry_customer", "Angry customer"),
                            ("complex", "Complex"),
                            ("legal", "Legal"),
                            ("vip", "VIP"),
                            ("repeated_contact", "Repeated contact"),
                            ("sla_breach", "SLA breach"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=16,
                        verbose_name="reason",
                    ),
                ),
                ("resolution", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "verbose_name": "escalation",
                "verbose_name_plural": "escalations",
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=["due_at"],
                        name="escalation_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None), models.Q(("cause", ""), _negated=True)),
                        fields=("conversation", "cause"),
                        name="one_open_escalation_a_cause",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BusinessCalendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(verbose_name="name", max_length=60, unique=True)),
                ("is_default", models.BooleanField(verbose_name="is default", default=False, editable=False)),
                (
                    "zone",
                    models.CharField(
                        verbose_name="zone", default=knowledge.models.calendar.default_zone, max_length=64
                    ),
                ),
                (
                    "always_open",
                    models.BooleanField(
                        verbose_name="always open",
                        default=False,
                        help_text="Open day and night, all week. Holidays and closures still apply",
                    ),
                ),
                (
                    "weekly",
                    models.JSONField(
                        verbose_name="weekly",
                        blank=True,
                        default=dict,
                        help_text='{"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}. Days that are left out are closed',
                    ),
                ),
                (
                    "holidays_country",
                    models.CharField(verbose_name="holidays country", blank=True, max_length=2),
                ),
                (
                    "holidays_subdivision",
                    models.CharField(verbose_name="holidays subdivision", blank=True, max_length=20),
                ),
                (
                    "closures",
                    models.JSONField(
                        verbose_name="closures",
                        blank=True,
                        default=list,
                        help_text='[{"date": "2026-12-24", "name": "Christmas Eve"}]',
                    ),
                ),
                (
                    "openings",
                    models.JSONField(
                        verbose_name="openings",
                        blank=True,
                        default=list,
                        help_text='[{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}]',
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version", default=1, editable=False)),
            ],
            options={
                "verbose_name": "calendar",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="one_default_calendar",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalBusinessCalendar",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                ("name", models.CharField(verbose_name="name", db_index=True, max_length=60)),
                ("is_default", models.BooleanField(verbose_name="is default", default=False, editable=False)),
                (
                    "zone",
                    models.CharField(
                        verbose_name="zone", default=knowledge.models.calendar.default_zone, max_length=64
                    ),
                ),
                (
                    "always_open",
                    models.BooleanField(
                        verbose_name="always open",
                        default=False,
                        help_text="Open day and night, all week. Holidays and closures still apply",
                    ),
                ),
                (
                    "weekly",
                    models.JSONField(
                        verbose_name="weekly",
                        blank=True,
                        default=dict,
                        help_text='{"mon": [["09:00", "12:00"], ["13:00", "17:00"]]}. Days that are left out are closed',
                    ),
                ),
                (
                    "holidays_country",
                    models.CharField(verbose_name="holidays country", blank=True, max_length=2),
                ),
                (
                    "holidays_subdivision",
                    models.CharField(verbose_name="holidays subdivision", blank=True, max_length=20),
                ),
                (
                    "closures",
                    models.JSONField(
                        verbose_name="closures",
                        blank=True,
                        default=list,
                        help_text='[{"date": "2026-12-24", "name": "Christmas Eve"}]',
                    ),
                ),
                (
                    "openings",
                    models.JSONField(
                        verbose_name="openings",
                        blank=True,
                        default=list,
                        help_text='[{"date": "2026-12-27", "ranges": [["10:00", "14:00"]]}]',
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version", default=1, editable=False)),
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
                "verbose_name": "historical calendar",
                "verbose_name_plural": "historical calendars",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="InboxHours",
            fields=[
                (
                    "inbox",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="hours",
                        serialize=False,
                        to="webhooks.inbox",
                    ),
                ),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inbox_hours",
                        to="knowledge.businesscalendar",
                    ),
                ),
            ],
            options={
                "verbose_name": "inbox hours",
                "verbose_name_plural": "inbox hours",
            },
        ),
        migrations.CreateModel(
            name="HistoricalInboxHours",
            fields=[
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
                    "calendar",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="knowledge.businesscalendar",
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
                (
                    "inbox",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="webhooks.inbox",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical inbox hours",
                "verbose_name_plural": "historical inbox hours",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LearningSignal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        verbose_name="decision",
                        choices=[
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("overtaken", "Overtaken"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "approval",
                    models.PositiveIntegerField(help_text="The draft's number of approvals at the decision"),
                ),
                (
                    "kind",
                    models.CharField(
                        verbose_name="kind",
                        choices=[
                            ("tone_improvement", "Tone improvement"),
                            ("factual_correction", "Factual correction"),
                            ("policy_clarification", "Policy clarification"),
                            ("template_refinement", "Template refinement"),
                            ("new_pattern", "New pattern"),
                            ("superseded", "Superseded"),
                        ],
                        max_length=20,
                    ),
                ),
                ("question", models.TextField(help_text="What the customer wrote since the last answer")),
                (
                    "category",
                    models.CharField(blank=True, help_text="The best cited article", max_length=200),
                ),
                ("proposal", models.TextField(help_text="As drafted. Grades rate this text")),
                (
                    "final_text",
                    models.TextField(
                        blank=True, help_text="As approved, or as the agent sent it. Empty if rejected"
                    ),
                ),
                ("distance", models.PositiveIntegerField(null=True)),
                ("ratio", models.FloatField(null=True)),
                ("tone", models.PositiveSmallIntegerField(null=True)),
                ("accuracy", models.PositiveSmallIntegerField(null=True)),
                ("policy", models.PositiveSmallIntegerField(null=True)),
                ("author", models.CharField(max_length=150)),
                (
                    "author_kind",
                    models.CharField(
                        verbose_name="author kind",
                        choices=[
                            ("drafter", "built-in drafter"),
                            ("service", "outside agent"),
                            ("person", "person"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "answer_id",
                    models.PositiveBigIntegerField(
                        help_text="The agent's own message in Chatwoot", null=True
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "waited_s",
                    models.PositiveIntegerField(help_text="Business seconds from proposal to decision"),
                ),
                (
                    "opened_s",
                    models.PositiveIntegerField(
                        help_text="Seconds the reviewer had it open. Unknown without a claim", null=True
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(help_text="When the decision was undone", null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="webhooks.conversation",
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signals",
                        to="knowledge.draft",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "learning signal",
                "verbose_name_plural": "learning signals",
                "indexes": [
                    models.Index(fields=["at"], name="signal_by_time"),
                    models.Index(fields=["kind", "-id"], name="signal_by_kind"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("draft", "approval", "decision"), name="one_signal_a_decision"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "overtaken"), _negated=True),
                            models.Q(
                                ("accuracy", None),
                                ("kind", "superseded"),
                                ("policy", None),
                                ("reviewer", None),
                                ("tone", None),
                            ),
                            _connector="OR",
                        ),
                        name="overtaken_is_ungraded",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ratio", None), ("ratio__range", (0, 1)), _connector="OR"),
                        name="ratio_of_the_longer",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Citation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("article", models.CharField(max_length=200)),
                ("version", models.PositiveIntegerField(null=True)),
                (
                    "signal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="knowledge.learningsignal",
                    ),
                ),
            ],
            options={
                "verbose_name": "citation",
                "verbose_name_plural": "citations",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("article", "signal"), name="cited_once_a_signal")
                ],
            },
        ),
        migrations.CreateModel(
            name="DeskInbox",
            fields=[
                (
                    "inbox",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="desk",
                        serialize=False,
                        to="webhooks.inbox",
                    ),
                ),
                (
                    "greeting",
                    models.TextField(
                        verbose_name="greeting",
                        blank=True,
                        help_text="Starts each drafted reply. {name} is the customer’s first name. Leave empty for the standard greeting",
                        max_length=1000,
                    ),
                ),
                (
                    "signature",
                    models.TextField(
                        verbose_name="signature",
                        blank=True,
                        help_text="Ends each drafted reply. Leave empty for the standard closing",
                        max_length=1000,
                    ),
                ),
                (
                    "mirror_notes",
                    models.BooleanField(
                        default=False,
                        help_text="Also post each draft in Chatwoot as a private note",
                        verbose_name="drafts as private notes",
                    ),
                ),
                (
                    "grading",
                    models.CharField(
                        verbose_name="grading",
                        choices=[
                            ("all", "All drafts"),
                            ("sample", "Edited, rejected, flagged, and a random 20 %"),
                        ],
                        default="all",
                        max_length=6,
                    ),
                ),
                (
                    "draft_from",
                    models.FloatField(
                        blank=True,
                        help_text="From 0.5 to 1. Below this, an article is only listed as one that may fit. Empty: 0.5",
                        null=True,
                        verbose_name="draft from confidence",
                    ),
                ),
                (
                    "escalation_team",
                    models.PositiveBigIntegerField(
                        verbose_name="escalation team",
                        blank=True,
                        help_text="Team number in Chatwoot. Escalated conversations are assigned to this team",
                        null=True,
                    ),
                ),
                (
                    "escalation_assignee",
                    models.PositiveBigIntegerField(
                        verbose_name="escalation assignee",
                        blank=True,
                        help_text="Agent number in Chatwoot, instead of a team",
                        null=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "inbox settings",
                "verbose_name_plural": "inbox settings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("escalation_team", None), ("escalation_assignee", None), _connector="OR"
                        ),
                        name="escalates_to_a_team_or_a_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("draft_from", None), ("draft_from__range", (0.5, 1)), _connector="OR"
                        ),
                        name="draft_from_half_to_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalRiskRule",
            fields=[
                (
                    "id",
                    models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID"),
                ),
                (
                    "name",
                    models.CharField(
                        verbose_name="name",
                        db_index=True,
                        help_text="Shown on the drafts that it flags",
                        max_length=60,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        verbose_name="kind",
                        choices=[
                            ("refund", "Money over an amount"),
                            ("words", "Words"),
                            ("confidence", "Confidence below a share"),
                            ("label", "Labels of the conversation"),
                            ("link", "Links to unknown hosts"),
                            ("template", "Template code: {{ or {%"),
                            ("personal", "Personal data that is not the customer's"),
                            ("recipients", "Recipients who are strangers"),
                            ("support", "Facts without a source"),
                            ("language", "Reply in another language"),
                            ("injection", "Prompt injection"),
                        ],
                        max_length=10,
                    ),
                ),
                ("active", models.BooleanField(verbose_name="active", default=True)),
                (
                    "second_person",
                    models.BooleanField(
                        default=False,
                        help_text="A person who has not written, edited or approved the draft",
                        verbose_name="a second person must approve",
                    ),
                ),
                ("number", models.FloatField(blank=True, null=True, verbose_name="amount or share")),
                (
                    "words",
                    models.JSONField(
                        verbose_name="words",
                        blank=True,
                        default=list,
                        help_text="* at an end matches any letters",
                    ),
                ),
                (
                    "where",
                    models.CharField(
                        verbose_name="where",
                        choices=[
                            ("draft", "in the reply"),
                            ("customer", "in the customer's text"),
                            ("both", "in both"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version", default=1, editable=False)),
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
                "verbose_name": "historical risk rule",
                "verbose_name_plural": "historical risk rules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RiskRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        verbose_name="name",
                        help_text="Shown on the drafts that it flags",
                        max_length=60,
                        unique=True,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        verbose_name="kind",
                        choices=[
                            ("refund", "Money over an amount"),
                            ("words", "Words"),
                            ("confidence", "Confidence below a share"),
                            ("label", "Labels of the conversation"),
                            ("link", "Links to unknown hosts"),
                            ("template", "Template code: {{ or {%"),
                            ("personal", "Personal data that is not the customer's"),
                            ("recipients", "Recipients who are strangers"),
                            ("support", "Facts without a source"),
                            ("language", "Reply in another language"),
                            ("injection", "Prompt injection"),
                        ],
                        max_length=10,
                    ),
                ),
                ("active", models.BooleanField(verbose_name="active", default=True)),
                (
                    "second_person",
                    models.BooleanField(
                        default=False,
                        help_text="A person who has not written, edited or approved the draft",
                        verbose_name="a second person must approve",
                    ),
                ),
                ("number", models.FloatField(blank=True, null=True, verbose_name="amount or share")),
                (
                    "words",
                    models.JSONField(
                        verbose_name="words",
                        blank=True,
                        default=list,
                        help_text="* at an end matches any letters",
                    ),
                ),
                (
                    "where",
                    models.CharField(
                        verbose_name="where",
                        choices=[
                            ("draft", "in the reply"),
                            ("customer", "in the customer's text"),
                            ("both", "in both"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version", default=1, editable=False)),
            ],
            options={
                "verbose_name": "risk rule",
                "verbose_name_plural": "risk rules",
                "ordering": ("pk",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "refund",
                                    "words",
                                    "confidence",
                                    "label",
                                    "link",
                                    "template",
                                    "personal",
                                    "recipients",
                                    "support",
                                    "language",
                                    "injection",
                                ],
                            )
                        ),
                        name="risk_rule_kind_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChatwootToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", webhooks.database.encryption.EncryptedTextField()),
                (
                    "sender_id",
                    models.PositiveBigIntegerField(help_text="The Chatwoot user of this token"),
                ),
                ("sender_name", models.CharField(blank=True, max_length=200)),
                ("checked_at", models.DateTimeField()),
                ("refused_at", models.DateTimeField(help_text="When Chatwoot first rejected it", null=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="personal_tokens",
                        to="webhooks.source",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chatwoot_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "chatwoot token",
                "verbose_name_plural": "chatwoot tokens",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "source"), name="one_token_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="UnsavedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "revision",
                    models.PositiveIntegerField(help_text="Revision of the draft when typing began"),
                ),
                ("text", models.TextField()),
                ("note", models.TextField(blank=True)),
                ("grades", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unsaved",
                        to="knowledge.draft",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "unsaved text",
                "verbose_name_plural": "unsaved texts",
                "constraints": [
                    models.UniqueConstraint(fields=("draft", "user"), name="one_unsaved_text_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftReader",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readers",
                        to="knowledge.draft",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "draft reader",
                "verbose_name_plural": "draft readers",
                "constraints": [
                    models.UniqueConstraint(fields=("draft", "user"), name="one_presence_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadsLanguages",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reads",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("languages", models.JSONField(default=list, help_text='["de", "en"]')),
            ],
            options={
                "verbose_name": "languages read",
                "verbose_name_plural": "languages read",
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="webhooks.conversation",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment",
                "verbose_name_plural": "assignments",
                "indexes": [models.Index(fields=["conversation", "id"], name="assignment_by_conversation")],
            },
        ),
        migrations.CreateModel(
            name="Dismissal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(max_length=300)),
                ("put_back_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dismissals",
                        to="webhooks.conversation",
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="dismissals",
                        to="webhooks.message",
                    ),
                ),
                (
                    "put_back_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "dismissal",
                "verbose_name_plural": "dismissals",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("put_back_at", None)),
                        fields=("message",),
                        name="one_dismissal_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="dismissed_for_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TypingInChatwoot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agent_id", models.PositiveBigIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("types", models.BooleanField()),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="typing",
                        to="webhooks.conversation",
                    ),
                ),
            ],
            options={
                "verbose_name": "typing in Chatwoot",
                "verbose_name_plural": "typing in Chatwoot",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("conversation", "agent_id"), name="one_row_an_agent_typing"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EscalationStep",
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
                            ("comment", "commented"),
                            ("reassigned", "reassigned it"),
                            ("returned", "returned it with a decision"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("text", models.CharField(blank=True, max_length=1000)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "escalation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="knowledge.escalation",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation step",
                "verbose_name_plural": "escalation steps",
            },
        ),
        migrations.CreateModel(
            name="EscalationRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "on",
                    models.CharField(
                        choices=[("label", "A label in Chatwoot"), ("breach", "A missed SLA target")],
                        default="label",
                        max_length=6,
                        verbose_name="raised by",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        verbose_name="label",
                        blank=True,
                        help_text="As it is named in Chatwoot",
                        max_length=200,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("refund", "Refund"),
                            ("policy_exception", "Policy exception"),
                            ("angry_customer", "Angry customer"),
                            ("complex", "Complex"),
                            ("legal", "Legal"),
                            ("vip", "VIP"),
                            ("repeated_contact", "Repeated contact"),
                            ("sla_breach", "SLA breach"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                        verbose_name="reason",
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        verbose_name="level",
                        choices=[
                            (1, "First level: support team"),
                            (2, "Second level: specialist"),
                            (3, "Third level: management"),
                        ],
                        default=2,
                    ),
                ),
                ("enabled", models.BooleanField(verbose_name="enabled", default=True)),
                (
                    "owner",
                    models.ForeignKey(
                        verbose_name="owner",
                        blank=True,
                        help_text="Leave empty for the Lead or Manager of the inbox with the fewest open escalations",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "escalation rule",
                "verbose_name_plural": "escalation rules",
                "constraints": [
                    models.UniqueConstraint(fields=("on", "label"), name="one_escalation_rule_a_trigger"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("label", ""), ("on", "breach")),
                            models.Q(("on", "label"), models.Q(("label", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="escalation_label_is_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=100, unique=True)),
                (
                    "language",
                    models.CharField(
                        verbose_name="language",
                        choices=[
                            ("ar", "Arabic"),
                            ("bg", "Bulgarian"),
                            ("cs", "Czech"),
                            ("da", "Danish"),
                            ("de", "German"),
                            ("el", "Greek"),
                            ("en", "English"),
                            ("es", "Spanish"),
                            ("et", "Estonian"),
                            ("fa", "Persian"),
                            ("fi", "Finnish"),
                            ("fr", "French"),
                            ("he", "Hebrew"),
                            ("hi", "Hindi"),
                            ("hr", "Croatian"),
                            ("hu", "Hungarian"),
                            ("id", "Indonesian"),
                            ("it", "Italian"),
                            ("ja", "Japanese"),
                            ("ko", "Korean"),
                            ("lt", "Lithuanian"),
                            ("lv", "Latvian"),
                            ("nl", "Dutch"),
                            ("no", "Norwegian"),
                            ("pl", "Polish"),
                            ("pt", "Portuguese"),
                            ("ro", "Romanian"),
                            ("ru", "Russian"),
                            ("sk", "Slovak"),
                            ("sl", "Slovenian"),
                            ("sr", "Serbian"),
                            ("sv", "Swedish"),
                            ("th", "Thai"),
                            ("tr", "Turkish"),
                            ("uk", "Ukrainian"),
                            ("vi", "Vietnamese"),
                            ("zh", "Chinese"),
                        ],
                        default="en",
                        max_length=5,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        verbose_name="status",
                        choices=[
                            ("DRAFT", "not published yet"),
                            ("LIVE", "live"),
                            ("WITHDRAWN", "withdrawn"),
                        ],
                        default="DRAFT",
                        max_length=9,
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, help_text="Its number; 0 before the first approval"
                    ),
                ),
                ("review_by", models.DateField(help_text="When its owner should read it again", null=True)),
                (
                    "valid_until",
                    models.DateField(help_text="After this day nothing is drafted from it", null=True),
                ),
                ("group", models.SlugField(blank=True, help_text="Translations share it", max_length=100)),
                (
                    "is_policy",
                    models.BooleanField(
                        verbose_name="is policy",
                        default=False,
                        help_text="Policies and returns: a second person approves",
                    ),
                ),
                (
                    "source",
                    models.CharField(blank=True, help_text="Where it was imported from", max_length=150),
                ),
                ("external_ref", models.CharField(blank=True, help_text="Its name there", max_length=500)),
                (
                    "source_hash",
                    models.CharField(blank=True, help_text="Of the text as last imported", max_length=64),
                ),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "inboxes",
                    models.ManyToManyField(
                        blank=True, help_text="Empty: every inbox", related_name="+", to="webhooks.inbox"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "article",
                "verbose_name_plural": "articles",
            },
        ),
        migrations.CreateModel(
            name="ArticleVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("question", models.CharField(blank=True, max_length=300)),
                ("body", models.TextField()),
                ("keywords", models.CharField(blank=True, max_length=300)),
                ("approved_at", models.DateTimeField()),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="knowledge.article",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "article version",
                "verbose_name_plural": "article versions",
            },
        ),
        migrations.AddField(
            model_name="article",
            name="current",
            field=models.OneToOneField(
                help_text="The newest version",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="knowledge.articleversion",
            ),
        ),
        migrations.CreateModel(
            name="Change",
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
                        verbose_name="kind",
                        choices=[
                            ("NEW", "new article"),
                            ("EDIT", "edit"),
                            ("WITHDRAW", "withdraw"),
                            ("ROLLBACK", "roll back"),
                            ("MERGE", "merge"),
                            ("TRANSLATION", "translation"),
                            ("QUESTIONS", "questions"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        verbose_name="origin",
                        choices=[
                            ("PERSON", "a person"),
                            ("IMPORT", "an import"),
                            ("SERVICE", "a program"),
                            ("MODEL", "a model"),
                            ("LESSON", "edits of replies"),
                            ("GAP", "questions without an answer"),
                            ("EFFECT", "the effect of a version"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        verbose_name="status",
                        choices=[
                            ("OPEN", "Open"),
                            ("APPROVED", "Approved"),
                            ("DISMISSED", "Dismissed"),
                            ("EXPIRED", "Expired"),
                            ("SUPERSEDED", "Superseded"),
                        ],
                        default="OPEN",
                        max_length=10,
                    ),
                ),
                (
                    "base_version",
                    models.PositiveIntegerField(help_text="The version it was written from; 0: none"),
                ),
                ("note", models.CharField(blank=True, help_text="Why it was proposed", max_length=500)),
                (
                    "proposed",
                    models.JSONField(default=dict, help_text="Field → new value; only what changes"),
                ),
                ("digest", models.CharField(help_text="Of the normalised difference", max_length=64)),
                ("evidence", models.JSONField(default=list, help_text='[{"what", "url"}]')),
                ("customers", models.PositiveIntegerField(default=0, help_text="Customers it rests on")),
                ("people", models.PositiveIntegerField(default=0, help_text="Reviewers it rests on")),
                (
                    "second_person",
                    models.BooleanField(
                        default=False, help_text="The people who made or edited it may not approve it"
                    ),
                ),
                (
                    "edited_by",
                    models.JSONField(default=list, help_text="User ids of everybody who edited it"),
                ),
                ("created_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why it was dismissed", max_length=500),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="knowledge.article",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
            },
        ),
        migrations.AddField(
            model_name="articleversion",
            name="change",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.RESTRICT, related_name="became", to="knowledge.change"
            ),
        ),
        migrations.CreateModel(
            name="ImportRun",
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
                        verbose_name="kind",
                        choices=[
                            ("portal", "Chatwoot help centre"),
                            ("markdown", "Markdown files"),
                            ("csv", "CSV file"),
                            ("page", "web page"),
                            ("replies", "Chatwoot canned responses"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        verbose_name="status",
                        choices=[
                            ("READING", "Reading"),
                            ("READY", "dry run done"),
                            ("RUNNING", "Running"),
                            ("DONE", "Done"),
                            ("FAILED", "Failed"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="READING",
                        max_length=9,
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The portal's slug, the file's name or the page's URL", max_length=500
                    ),
                ),
                ("locale", models.CharField(blank=True, help_text="Of a portal; empty: all", max_length=20)),
                (
                    "language",
                    models.CharField(default="en", help_text="Where the source names none", max_length=5),
                ),
                (
                    "repeat",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "only now"), (1, "every day"), (7, "every week")], default=0
                    ),
                ),
                ("upload", models.BinaryField(help_text="The file, until the run has ended", null=True)),
                ("began_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("holder", models.CharField(blank=True, max_length=36)),
                ("leased_until", models.DateTimeField()),
                ("trouble", models.CharField(blank=True, max_length=500)),
                (
                    "account",
                    models.ForeignKey(
                        help_text="A portal's",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="webhooks.source",
                    ),
                ),
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
                    "inboxes",
                    models.ManyToManyField(
                        blank=True, help_text="Of new articles", related_name="+", to="webhooks.inbox"
                    ),
                ),
            ],
            options={
                "verbose_name": "import run",
                "verbose_name_plural": "import runs",
            },
        ),
        migrations.CreateModel(
            name="ImportItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("NEW", "New"),
                            ("CHANGED", "Changed"),
                            ("UNCHANGED", "Unchanged"),
                            ("GONE", "Gone"),
                            ("ERROR", "Not imported"),
                        ],
                        max_length=9,
                    ),
                ),
                ("ref", models.CharField(max_length=500)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("found", models.JSONField(default=dict, help_text="The article as it was read")),
                ("note", models.CharField(blank=True, max_length=500)),
                ("done", models.BooleanField(default=False)),
                (
                    "change",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="knowledge.change",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="knowledge.importrun",
                    ),
                ),
            ],
            options={
                "verbose_name": "import item",
                "verbose_name_plural": "import items",
            },
        ),
        migrations.CreateModel(
            name="SavedReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        help_text="What you type to find it",
                        max_length=100,
                        unique=True,
                        verbose_name="short code",
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        verbose_name="text",
                    ),
                ),
                ("external_id", models.PositiveBigIntegerField(editable=False, null=True)),
                (
                    "inboxes",
                    models.ManyToManyField(
                        verbose_name="inboxes",
                        blank=True,
                        help_text="Empty: every inbox",
                        related_name="+",
                        to="webhooks.inbox",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        verbose_name="source",
                        editable=False,
                        help_text="Imported from",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="webhooks.source",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved reply",
                "verbose_name_plural": "saved replies",
            },
        ),
        migrations.AddIndex(
            model_name="article",
            index=models.Index(fields=["status", "language"], name="article_live"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("current", None), ("status", "DRAFT"), ("version", 0)),
                    models.Q(
                        ("current__isnull", False), ("status__in", ["LIVE", "WITHDRAWN"]), ("version__gt", 0)
                    ),
                    _connector="OR",
                ),
                name="live_has_an_approved_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "language__in",
                        [
                            "ar",
                            "bg",
                            "cs",
                            "da",
                            "de",
                            "el",
                            "en",
                            "es",
                            "et",
                            "fa",
                            "fi",
                            "fr",
                            "he",
                            "hi",
                            "hr",
                            "hu",
                            "id",
                            "it",
                            "ja",
                            "ko",
                            "lt",
                            "lv",
                            "nl",
                            "no",
                            "pl",
                            "pt",
                            "ro",
                            "ru",
                            "sk",
                            "sl",
                            "sr",
                            "sv",
                            "th",
                            "tr",
                            "uk",
                            "vi",
                            "zh",
                        ],
                    )
                ),
                name="article_language_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", ""), _negated=True),
                fields=("source", "external_ref"),
                name="one_article_a_source_and_ref",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["status", "-id"], name="change_by_status"),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "OPEN")),
                fields=("article", "kind", "digest"),
                name="one_open_change_a_difference",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "APPROVED"), _negated=True),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="change_approved_by_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("origin__in", ["SERVICE", "MODEL"]), _negated=True),
                    ("second_person", True),
                    _connector="OR",
                ),
                name="programs_need_a_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_person", True), ("status", "APPROVED"), _negated=True),
                    models.Q(("decided_by", models.F("made_by")), _negated=True),
                    _connector="OR",
                ),
                name="second_person_is_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "DISMISSED"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="dismissed_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="articleversion",
            constraint=models.UniqueConstraint(fields=("article", "number"), name="one_version_a_number"),
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(
                condition=models.Q(("status__in", ["READING", "RUNNING"])),
                fields=["leased_until"],
                name="import_run_due",
            ),
        ),
        migrations.AddIndex(
            model_name="importitem",
            index=models.Index(fields=["run", "done", "id"], name="import_item_next"),
        ),
        migrations.AddConstraint(
            model_name="savedreply",
            constraint=models.UniqueConstraint(
                fields=("source", "external_id"), name="one_saved_reply_a_response"
            ),
        ),
        migrations.CreateModel(
            name="DrafterLimits",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "calls_a_day",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty: no limit. Each repair counts too",
                        null=True,
                        verbose_name="model calls per day",
                    ),
                ),
                (
                    "tokens_a_day",
                    models.PositiveBigIntegerField(
                        blank=True,
                        help_text="In and out together, as the endpoint counts. Empty: no limit",
                        null=True,
                        verbose_name="tokens per day",
                    ),
                ),
                ("changed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "changed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "drafter limits",
                "verbose_name_plural": "drafter limits",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_row_of_drafter_limits")
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("endpoint", models.CharField(max_length=200)),
                ("model", models.CharField(verbose_name="model", max_length=150)),
                ("prompt_version", models.CharField(verbose_name="prompt version", max_length=10)),
                (
                    "tokens_in",
                    models.PositiveIntegerField(
                        verbose_name="tokens in",
                        help_text="As the endpoint counts. Empty: it does not say",
                        null=True,
                    ),
                ),
                ("tokens_out", models.PositiveIntegerField(verbose_name="tokens out", null=True)),
                (
                    "cost",
                    models.FloatField(
                        verbose_name="cost",
                        help_text="As the endpoint states it, in its own currency",
                        null=True,
                    ),
                ),
                (
                    "ms",
                    models.PositiveIntegerField(
                        verbose_name="ms",
                    ),
                ),
                ("finish_reason", models.CharField(blank=True, max_length=20)),
                (
                    "outcome",
                    models.CharField(
                        verbose_name="outcome",
                        choices=[
                            ("drafted", "drafted"),
                            ("no_answer", "articles do not answer"),
                            ("unreadable", "unreadable"),
                            ("no_source", "cites no given article"),
                            ("too_long", "request too long"),
                            ("format", "format refused"),
                            ("refused", "refused"),
                            ("unavailable", "did not answer"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="webhooks.delivery",
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        verbose_name="draft",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="model_calls",
                        to="knowledge.draft",
                    ),
                ),
            ],
            options={
                "verbose_name": "model call",
                "verbose_name_plural": "model calls",
                "indexes": [models.Index(fields=["at"], name="model_call_by_time")],
            },
        ),
        migrations.CreateModel(
            name="SearchState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stamp", models.CharField(blank=True, max_length=32)),
                ("trouble", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "search state",
                "verbose_name_plural": "search states",
            },
        ),
        migrations.CreateModel(
            name="ArticleVector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("embedder", models.CharField(max_length=100)),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the text that was embedded", max_length=64),
                ),
                ("vector", models.BinaryField()),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="vectors",
                        to="knowledge.article",
                    ),
                ),
            ],
            options={
                "verbose_name": "article vector",
                "verbose_name_plural": "article vectors",
                "constraints": [
                    models.UniqueConstraint(fields=("embedder", "article"), name="one_vector_per_embedder")
                ],
            },
        ),
        migrations.CreateModel(
            name="Calibration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("embedder", models.CharField(max_length=100)),
                ("coefficients", models.JSONField()),
                ("decisions", models.PositiveIntegerField()),
                (
                    "ece",
                    models.FloatField(
                        help_text="Expected calibration error on the newest fifth of the decisions"
                    ),
                ),
                ("brier", models.FloatField()),
                ("fitted_at", models.DateTimeField()),
                ("active", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "calibration",
                "verbose_name_plural": "calibrations",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("active", True)),
                        fields=("embedder",),
                        name="one_active_calibration_per_embedder",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("no_reply_needed", "No reply needed"),
                            ("may_fit", "No article is sure to fit"),
                            ("no_article", "No article fits"),
                        ],
                        max_length=15,
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=10)),
                (
                    "articles",
                    models.JSONField(
                        default=list,
                        help_text="[{article, version, title, score, confidence, language, sentence}], best first",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="no_draft",
                        to="webhooks.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "no draft",
                "verbose_name_plural": "no drafts",
            },
        ),
        migrations.CreateModel(
            name="Probe",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.TextField(verbose_name="question", max_length=2000)),
                ("language", models.CharField(verbose_name="language", blank=True, max_length=10)),
                (
                    "pinned",
                    models.BooleanField(
                        verbose_name="pinned", default=False, help_text="Must be found, whatever changes"
                    ),
                ),
                (
                    "last_rank",
                    models.PositiveIntegerField(verbose_name="last rank", editable=False, null=True),
                ),
                (
                    "last_confidence",
                    models.FloatField(verbose_name="last confidence", editable=False, null=True),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        verbose_name="created at",
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="probes",
                        to="webhooks.conversation",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        verbose_name="created by",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "expected",
                    models.ForeignKey(
                        verbose_name="expected",
                        blank=True,
                        help_text="Empty: no article answers this question",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="probes",
                        to="knowledge.article",
                    ),
                ),
            ],
            options={
                "verbose_name": "probe",
                "verbose_name_plural": "probes",
                "indexes": [models.Index(fields=["created_at"], name="probe_by_time")],
            },
        ),
        migrations.CreateModel(
            name="ProbeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("n", models.PositiveIntegerField(help_text="Probes")),
                ("answerable", models.PositiveIntegerField(help_text="Probes with a right article")),
                ("recall_1", models.FloatField(help_text="The right article stands first", null=True)),
                ("recall_3", models.FloatField(help_text="It is among the first three", null=True)),
                ("mrr", models.FloatField(help_text="Mean reciprocal rank", null=True)),
                (
                    "silent_right",
                    models.FloatField(
                        help_text="Of questions without an article: nothing drafted", null=True
                    ),
                ),
                ("ece", models.FloatField(help_text="Expected calibration error", null=True)),
                ("embedder", models.CharField(max_length=100)),
                ("stamp", models.CharField(help_text="Of the articles that were live", max_length=32)),
                ("articles", models.PositiveIntegerField(help_text="How many they were")),
            ],
            options={
                "verbose_name": "probe run",
                "verbose_name_plural": "probe runs",
            },
        ),
        migrations.CreateModel(
            name="ProbeVector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("embedder", models.CharField(max_length=100)),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the text that was embedded", max_length=64),
                ),
                ("vector", models.BinaryField()),
            ],
            options={
                "verbose_name": "probe vector",
                "verbose_name_plural": "probe vectors",
            },
        ),
        migrations.RemoveConstraint(
            model_name="change",
            name="dismissed_with_a_reason",
        ),
        migrations.AddField(
            model_name="change",
            name="merges",
            field=models.ForeignKey(
                help_text="The article that a merge withdraws",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="knowledge.article",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="merges_version",
            field=models.PositiveIntegerField(help_text="The version of it that was read", null=True),
        ),
        migrations.AddField(
            model_name="change",
            name="probe_result",
            field=models.JSONField(help_text="What it does to search (search/probe_effect.py)", null=True),
        ),
        migrations.AddField(
            model_name="learningsignal",
            name="no_article",
            field=models.BooleanField(default=False, help_text="Rejected because no article fits"),
        ),
        migrations.AddField(
            model_name="probe",
            name="dismissal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="probes",
                to="knowledge.dismissal",
            ),
        ),
        migrations.AddField(
            model_name="probe",
            name="signal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="probes",
                to="knowledge.learningsignal",
            ),
        ),
        migrations.AddField(
            model_name="searchstate",
            name="grown_to_dismissal",
            field=models.PositiveBigIntegerField(
                default=0, help_text="The last one that probes were made from"
            ),
        ),
        migrations.AddField(
            model_name="searchstate",
            name="grown_to_signal",
            field=models.PositiveBigIntegerField(
                default=0, help_text="The last one that probes were made from"
            ),
        ),
        migrations.AlterField(
            model_name="change",
            name="reason",
            field=models.CharField(
                blank=True,
                help_text="Why it was dismissed, expired, or approved although probes are lost",
                max_length=500,
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["DISMISSED", "EXPIRED"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="dismissed_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "MERGE"), ("merges__isnull", False), ("merges_version__isnull", False)),
                    models.Q(
                        models.Q(("kind", "MERGE"), _negated=True), ("merges", None), ("merges_version", None)
                    ),
                    _connector="OR",
                ),
                name="merge_names_the_other_article",
            ),
        ),
        migrations.AddIndex(
            model_name="proberun",
            index=models.Index(fields=["-at"], name="probe_run_by_time"),
        ),
        migrations.AddField(
            model_name="probevector",
            name="probe",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="vectors", to="knowledge.probe"
            ),
        ),
        migrations.AddConstraint(
            model_name="probevector",
            constraint=models.UniqueConstraint(
                fields=("embedder", "probe"), name="one_probe_vector_per_embedder"
            ),
        ),
        migrations.AddField(
            model_name="nodraft",
            name="said",
            field=models.CharField(
                blank=True, help_text="A digest of the words for which there was none", max_length=16
            ),
        ),
        migrations.AddField(
            model_name="articlevector",
            name="asked",
            field=models.BinaryField(default=b"", help_text="The mean of its questions; empty without any"),
        ),
        migrations.AddField(
            model_name="articlevector",
            name="asked_count",
            field=models.PositiveSmallIntegerField(default=0, help_text="How many questions that is"),
        ),
        migrations.AddField(
            model_name="articlevector",
            name="asked_digest",
            field=models.CharField(blank=True, help_text="SHA-256 of these questions", max_length=64),
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(help_text="Without personal data", max_length=2000)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("at", models.DateTimeField(help_text="When it was confirmed, or proposed")),
                (
                    "in_search",
                    models.BooleanField(
                        default=False, help_text="The index and the article's vectors contain it"
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="knowledge.article",
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="knowledge.change",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="webhooks.conversation",
                    ),
                ),
                (
                    "signal",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="knowledge.learningsignal",
                    ),
                ),
            ],
            options={
                "verbose_name": "question",
                "verbose_name_plural": "questions",
                "indexes": [
                    models.Index(fields=["article", "-at"], name="question_by_article"),
                    models.Index(
                        condition=models.Q(("in_search", False)), fields=["at"], name="question_waiting"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("signal",), name="one_question_a_decision"),
                    models.UniqueConstraint(fields=("change", "conversation"), name="one_question_a_change"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("in_search", False), ("confirmed_by__isnull", False), _connector="OR"
                        ),
                        name="search_learns_what_is_confirmed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contradiction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sentence", models.CharField(max_length=400)),
                ("other_sentence", models.CharField(max_length=400)),
            ],
            options={
                "verbose_name": "contradiction",
                "verbose_name_plural": "contradictions",
            },
        ),
        migrations.CreateModel(
            name="SecondGrade",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("tone", models.PositiveSmallIntegerField()),
                ("accuracy", models.PositiveSmallIntegerField()),
                ("policy", models.PositiveSmallIntegerField()),
            ],
            options={
                "verbose_name": "second grade",
                "verbose_name_plural": "second grades",
            },
        ),
        migrations.CreateModel(
            name="SecondGradeSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="From 0 to 100. 0: none",
                        verbose_name="decided drafts graded again, in percent",
                    ),
                ),
                ("changed_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "second grade settings",
                "verbose_name_plural": "second grade settings",
            },
        ),
        migrations.AddIndex(
            model_name="learningsignal",
            index=models.Index(
                fields=[
                    "at",
                    "withdrawn_at",
                    "author_kind",
                    "decision",
                    "kind",
                    "reviewer",
                    "distance",
                    "ratio",
                    "tone",
                    "accuracy",
                    "policy",
                    "opened_s",
                    "waited_s",
                    "conversation",
                    "draft",
                    "category",
                    "id",
                ],
                name="signal_figures",
            ),
        ),
        migrations.AddField(
            model_name="contradiction",
            name="article",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contradictions",
                to="knowledge.article",
            ),
        ),
        migrations.AddField(
            model_name="contradiction",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.article"
            ),
        ),
        migrations.AddField(
            model_name="secondgrade",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="secondgrade",
            name="signal",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="second",
                to="knowledge.learningsignal",
            ),
        ),
        migrations.AddField(
            model_name="secondgradesettings",
            name="changed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="contradiction",
            constraint=models.UniqueConstraint(fields=("article", "other"), name="one_contradiction_a_pair"),
        ),
        migrations.AddConstraint(
            model_name="contradiction",
            constraint=models.CheckConstraint(
                condition=models.Q(("article__lt", models.F("other"))), name="contradiction_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="secondgrade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("accuracy__range", (1, 5)), ("policy__range", (1, 5)), ("tone__range", (1, 5))
                ),
                name="second_grades_are_1_to_5",
            ),
        ),
        migrations.AddConstraint(
            model_name="secondgradesettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("pk", 1)), name="one_row_of_second_grade_settings"
            ),
        ),
        migrations.AddConstraint(
            model_name="secondgradesettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__lte", 100)), name="second_grade_percent"
            ),
        ),
        migrations.CreateModel(
            name="ChangeEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        blank=True, help_text="five working days → seven working days", max_length=300
                    ),
                ),
                (
                    "weight",
                    models.FloatField(
                        default=1.0, help_text="By its age when it was added: half after 90 days"
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it was decided")),
            ],
            options={
                "verbose_name": "change evidence",
                "verbose_name_plural": "change evidence",
            },
        ),
        migrations.CreateModel(
            name="Gap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("OPEN", "open"), ("DISMISSED", "not a gap"), ("OVER", "no longer asked")],
                        default="OPEN",
                        max_length=9,
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        blank=True, help_text="Words that several customers use", max_length=200
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=10)),
                ("customers", models.PositiveIntegerField(default=0, help_text="Who asked within 28 days")),
                ("since", models.DateTimeField(help_text="When it was first asked")),
                ("near_confidence", models.FloatField(null=True)),
                ("dismissed_at", models.DateTimeField(null=True)),
                (
                    "dismissed_customers",
                    models.PositiveIntegerField(default=0, help_text="It comes back with twice as many"),
                ),
                ("reason", models.CharField(blank=True, help_text="Why it is not a gap", max_length=500)),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "gap",
                "verbose_name_plural": "gaps",
            },
        ),
        migrations.CreateModel(
            name="GapTurn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "question",
                    models.TextField(
                        blank=True, help_text="Masked. Empty once the customer's data is erased"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("silent", "no draft"),
                            ("rejected", "draft rejected"),
                            ("rewritten", "draft rewritten"),
                            ("overtaken", "answered in Chatwoot"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "closeness",
                    models.FloatField(
                        help_text="Mean cosine to the other questions: the highest is the typical one"
                    ),
                ),
                (
                    "answered_by",
                    models.CharField(blank=True, help_text="Name of the person who answered", max_length=255),
                ),
                (
                    "answered_s",
                    models.PositiveIntegerField(help_text="Business seconds until then", null=True),
                ),
                (
                    "missed",
                    models.BooleanField(default=False, help_text="A target was missed in this conversation"),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "gap turn",
                "verbose_name_plural": "gap turns",
            },
        ),
        migrations.CreateModel(
            name="LearningPass",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(help_text="Of the last whole one", null=True)),
                ("cursor", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "learning pass",
                "verbose_name_plural": "learning passes",
            },
        ),
        migrations.RemoveField(
            model_name="change",
            name="evidence",
        ),
        migrations.AddField(
            model_name="change",
            name="lesson",
            field=models.CharField(
                blank=True,
                help_text="Which fact is wrong, and what to say instead (learning/lessons.py)",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="share_low",
            field=models.FloatField(
                help_text="Of the decisions that showed the fact: the lower end of a 90 % interval", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("lesson", ""), _negated=True),
                fields=["article", "lesson"],
                name="change_by_lesson",
            ),
        ),
        migrations.AddField(
            model_name="changeevidence",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="evidence", to="knowledge.change"
            ),
        ),
        migrations.AddField(
            model_name="changeevidence",
            name="contact",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="webhooks.contact",
            ),
        ),
        migrations.AddField(
            model_name="changeevidence",
            name="reviewer",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="changeevidence",
            name="signal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="evidence",
                to="knowledge.learningsignal",
            ),
        ),
        migrations.AddField(
            model_name="gap",
            name="change",
            field=models.ForeignKey(
                help_text="That fills it",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="gaps",
                to="knowledge.change",
            ),
        ),
        migrations.AddField(
            model_name="gap",
            name="dismissed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="gap",
            name="near",
            field=models.ForeignKey(
                help_text="Probably answers the typical question",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="knowledge.article",
            ),
        ),
        migrations.AddField(
            model_name="gapturn",
            name="gap",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="turns", to="knowledge.gap"
            ),
        ),
        migrations.AddField(
            model_name="gapturn",
            name="message",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="gap_turn", to="webhooks.message"
            ),
        ),
        migrations.AddIndex(
            model_name="changeevidence",
            index=models.Index(fields=["at"], name="evidence_by_time"),
        ),
        migrations.AddConstraint(
            model_name="changeevidence",
            constraint=models.UniqueConstraint(
                fields=("change", "signal"), name="one_row_a_change_and_signal"
            ),
        ),
        migrations.AddConstraint(
            model_name="gap",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "DISMISSED"), _negated=True),
                    models.Q(models.Q(("reason", ""), _negated=True), ("dismissed_by__isnull", False)),
                    _connector="OR",
                ),
                name="gap_dismissed_with_a_reason",
            ),
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("text", models.CharField(max_length=1000)),
                ("in_chatwoot", models.BooleanField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="webhooks.conversation",
                    ),
                ),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
            },
        ),
        migrations.CreateModel(
            name="QueueFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                (
                    "query",
                    models.CharField(
                        help_text="As the page's address has it: state=ready&language=de", max_length=500
                    ),
                ),
                ("is_shared", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="queue_filters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "queue filter",
                "verbose_name_plural": "queue filters",
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(fields=("user", "name"), name="one_queue_filter_a_name")
                ],
            },
        ),
        migrations.AddField(
            model_name="gap",
            name="found_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="When it became a gap, or became one again"
            ),
        ),
        migrations.AddField(
            model_name="learningsignal",
            name="edit",
            field=models.CharField(
                blank=True,
                choices=[
                    ("nothing", "Nothing"),
                    ("frame", "Greeting or closing"),
                    ("wording", "Wording"),
                    ("facts", "Facts"),
                ],
                help_text="What was changed. Empty without a final text",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="learningsignal",
            name="language",
            field=models.CharField(blank=True, help_text="Of the proposal; empty if unknown", max_length=10),
        ),
    ]
