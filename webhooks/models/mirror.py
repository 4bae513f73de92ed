"""What Chatwoot says of contacts, conversations and messages. Written by the fold alone (mirror/)."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from .changes import WritesChanges
from .inbox import Inbox
from .source import Source


class Contact(WritesChanges):
    source = models.ForeignKey(Source, models.CASCADE, related_name="contacts")
    contact_id = models.PositiveBigIntegerField()
    name = models.CharField(max_length=255, blank=True)
    email = models.CharField(gettext_lazy("email"), max_length=254, blank=True)
    phone_number = models.CharField(gettext_lazy("phone number"), max_length=40, blank=True)
    # Of each, unix seconds of who said so last, where no conversation's register remembers: the newest wins.
    name_version = models.FloatField(default=0)
    email_version = models.FloatField(default=0)
    phone_number_version = models.FloatField(default=0)
    erased_at = models.DateTimeField(
        null=True, help_text="What happened until then is not to be known again (mirror/tombstones.py)"
    )
    returned_at = models.DateTimeField(null=True, help_text="When this person wrote again after that")

    class Meta:
        verbose_name = gettext_lazy("contact")
        verbose_name_plural = gettext_lazy("contacts")
        constraints = [models.UniqueConstraint(fields=["source", "contact_id"], name="one_row_a_contact")]

    def __str__(self) -> str:
        return self.name or self.email or self.phone_number or f"contact {self.contact_id}"


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def locked(self, source: Source, display_id: int) -> "Conversation":
        """The row, made if new, locked until the transaction ends: one lock, always taken first."""
        row = self._locked(source, display_id)
        if row is None:
            new = self.model(source=source, display_id=display_id, clocks_memory={})
            self.bulk_create([new], ignore_conflicts=True)
            row = self._locked(source, display_id)
        if row is None:
            raise self.model.DoesNotExist
        row.source = source
        return row

    def _locked(self, source: Source, display_id: int) -> "Conversation | None":
        locked = self.select_for_update(of=("self",)).select_related("inbox", "contact")
        return next(iter(locked.filter(source=source, display_id=display_id)), None)


class Conversation(WritesChanges):
    source = models.ForeignKey(Source, models.CASCADE, related_name="conversations")
    display_id = models.PositiveBigIntegerField()
    inbox = models.ForeignKey(Inbox, models.PROTECT, null=True, related_name="conversations")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="conversations")
    status = models.CharField(max_length=10, default="open")
    priority = models.CharField(max_length=10, blank=True)
    labels = models.JSONField(default=list)
    assignee = models.CharField(max_length=200, blank=True)
    team = models.CharField(max_length=200, blank=True)
    custom_attributes = models.JSONField(default=dict)
    can_reply = models.BooleanField(default=True)
    can_reply_at = models.DateTimeField(null=True, help_text="As of when Chatwoot said so")
    is_over_whatsapp = models.BooleanField(
        default=False, help_text="A Twilio inbox's conversation by WhatsApp, not SMS"
    )
    created_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True, help_text="When Chatwoot was found not to have it any more")
    erased_at = models.DateTimeField(null=True, help_text="What happened until then is not to be known again")
    registers = models.JSONField(default=dict, help_text="The fold's state: field → [version, value]")
    # The desk's view, a function of the messages: who waits, since when, with which message.
    waiting_since = models.DateTimeField(null=True)
    waiting_message = models.ForeignKey("Message", models.SET_NULL, null=True, related_name="+")
    # The clocks' (reports/clocks/clocks.py): when this customer should have an answer, and when clocks change in silence.
    reply_due_at = models.DateTimeField(null=True)
    clocks_look_at = models.DateTimeField(null=True)
    clocks_memory = models.JSONField(
        null=True,
        help_text="What the clocks go on from with the next message; {}: nothing happened yet, null: from scratch",
    )

    objects = ConversationQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("conversation")
        verbose_name_plural = gettext_lazy("conversations")
        constraints = [
            models.UniqueConstraint(fields=["source", "display_id"], name="one_row_a_conversation")
        ]
        indexes = [
            # The queue: open conversations with somebody waiting.
            models.Index(
                fields=["waiting_since"],
                name="conversation_waiting",
                condition=Q(waiting_since__isnull=False),
            ),
            # The sweep: clocks that run out although nothing happens. NULL where none does, so it stays small to read.
            models.Index(fields=["clocks_look_at"], name="conversation_clocks"),
            # The backlog by age (the SLA dashboard): few of all that there ever were.
            models.Index(fields=["created_at"], name="conversation_backlog", condition=~Q(status="resolved")),
            # Those that came in some days (the weekly report).
            models.Index(fields=["created_at"], name="conversation_by_creation"),
            # The newest activity of an inbox (silence), and a source's conversations of a window (reconciling).
            models.Index(fields=["inbox", "-last_activity_at"], name="conversation_by_inbox"),
            models.Index(fields=["source", "-last_activity_at"], name="conversation_by_activity"),
            # The list, newest activity first.
            models.Index(fields=["-last_activity_at", "-id"], name="conversation_list"),
        ]

    def __str__(self) -> str:
        return f"#{self.display_id}"

    @property
    def url(self) -> str:
        return self.source.dashboard_url(self.display_id)

    @property
    def is_whatsapp(self) -> bool:
        """Directly, or over Twilio: 24 hours and templates."""
        return self.is_over_whatsapp or bool(self.inbox and self.inbox.channel == "Channel::Whatsapp")


class Message(WritesChanges):
    class Kind(models.TextChoices):
        INCOMING = "incoming"
        OUTGOING = "outgoing"
        ACTIVITY = "activity"
        TEMPLATE = "template"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    message_id = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    private = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    sender_id = models.PositiveBigIntegerField(null=True)
    sender_type = models.CharField(max_length=20, blank=True)
    sender_name = models.CharField(max_length=255, blank=True)
    content = models.TextField(blank=True)
    content_type = models.CharField(max_length=30, default="text")
    content_attributes = models.JSONField(default=dict)
    attachments = models.JSONField(default=list)
    status = models.CharField(max_length=10, blank=True)
    deleted = models.BooleanField(default=False)
    milliseconds = models.PositiveSmallIntegerField(
        null=True,
        help_text="Of created_at, which has whole seconds as the API has them; where they are known",
    )
    withdrawn_at = models.DateTimeField(
        null=True, help_text="When the customer deleted it: until then it was a customer message"
    )
    submitted_at = models.DateTimeField(
        null=True, help_text="When the customer filled in our form (mirror/submitted.py)"
    )
    is_person_answer = models.BooleanField(
        default=False, help_text="authorship.is_person_answer, the one predicate"
    )
    is_customer_message = models.BooleanField(default=False, help_text="authorship.is_customer_message")
    looks_automatic = models.BooleanField(
        default=False, help_text="A customer's mail that may be a machine's: authorship.looks_automatic"
    )
    registers = models.JSONField(default=dict)
    answers: "Message | None" = None  # the line that it answers, where a page has looked it up

    class Meta:
        verbose_name = gettext_lazy("message")
        verbose_name_plural = gettext_lazy("messages")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "message_id"], name="one_row_a_message")
        ]
        indexes = [
            # The surveys of some weeks, for their ratings (reports/weekly/csat.py).
            models.Index(
                fields=["created_at"], name="message_surveys", condition=Q(content_type="input_csat")
            ),
            # Who waits: the newest message that counts, back to the last answer (mirror/waiting.py).
            models.Index(
                fields=["conversation", "-created_at", "-message_id"],
                name="message_counts",
                condition=Q(is_customer_message=True) | Q(is_person_answer=True),
            ),
            # Forms that a customer filled in: they may have done so after the last answer.
            models.Index(
                fields=["conversation"], name="message_submitted", condition=Q(submitted_at__isnull=False)
            ),
            # What a person wrote in other people's conversations (privacy/customer_data.py).
            models.Index(fields=["sender_id"], name="message_by_sender"),
            # The turns of some weeks (knowledge/learning/turns.py): all that it asks is in the index.
            models.Index(
                fields=["created_at"],
                name="message_turns",
                condition=Q(is_customer_message=True) | Q(is_person_answer=True),
                include=["id", "conversation", "message_id", "is_person_answer", "is_customer_message"],
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.message_id}"

    @property
    def said_at(self) -> datetime:
        """When the customer said what it holds: on our form, later than it was sent."""
        return self.submitted_at or self.created_at

    @property
    def external_error(self) -> str:
        return str(self.content_attributes.get("external_error") or "")


class StatusChange(models.Model):
    """A conversation's status history: each change once (mirror/status_history.py), no two at one instant."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="status_changes")
    at = models.DateTimeField()
    previous = models.CharField(max_length=10)
    current = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "at", "previous", "current"], name="one_row_a_transition"
            )
        ]
        indexes = [
            # What was resolved and reopened in a week.
            models.Index(fields=["at"], name="status_changes_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.previous} → {self.current}"


class AttributeChange(models.Model):
    """Who and what a conversation was for, over time: a set of changes, so their order of arrival does not matter."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="attribute_changes")
    at = models.DateTimeField()
    field = models.CharField(max_length=30)  # attribute_changes.HISTORY
    previous = models.JSONField(null=True)
    current = models.JSONField(null=True)

    class Meta:
        verbose_name = gettext_lazy("attribute change")
        verbose_name_plural = gettext_lazy("attribute changes")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "field", "at"], name="one_row_a_change")
        ]

    def __str__(self) -> str:
        return f"{self.field} at {self.at}"


class KnownName(models.Model):
    """What an account called a user, a bot, an assistant or a team on a day (mirror/names.py)."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="names")
    kind = models.CharField(max_length=20)
    number = models.PositiveBigIntegerField()
    name = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True)
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "number", "name", "email", "day"], name="one_row_a_name_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}: {self.name}"
