"""Drafts and their audit log. How a draft changes state is in replies/states.py."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from webhooks.display import recorded
from webhooks.models import Conversation, Message

from . import draft_texts


class Draft(models.Model):
    """A proposed reply, a person's decision about it, and the outcome."""

    class Status(models.TextChoices):
        PROPOSED = "PROPOSED", _("Proposed")
        SECOND_LOOK = "SECOND_LOOK", _("Second look")
        APPROVED = "APPROVED", _("Approved")
        REJECTED = "REJECTED", _("Rejected")
        STALE = "STALE", _("Stale")
        WITHDRAWN = "WITHDRAWN", _("Withdrawn")
        EXPIRED = "EXPIRED", _("Expired")
        SENDING = "SENDING", _("Sending")
        SENT = "SENT", _("Sent")
        PARKED = "PARKED", _("Parked")
        CLOSED = "CLOSED", _("Closed")

    class Then(models.TextChoices):
        """What happens to the conversation after the reply is sent."""

        NOTHING = "", _("stays open")
        RESOLVED = "resolved", _("is resolved")
        PENDING = "pending", _("is set to pending")

    class AuthorKind(models.TextChoices):
        DRAFTER = "drafter", _("built-in drafter")
        SERVICE = "service", _("outside agent")
        PERSON = "person", _("person")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="drafts")
    in_reply_to = models.ForeignKey(Message, models.PROTECT, related_name="drafts")
    status = models.CharField(_("status"), max_length=11, choices=Status, default=Status.PROPOSED)
    revision = models.PositiveIntegerField(default=1)
    proposed_text = models.TextField(help_text="As drafted. Grades rate this text")
    body = models.TextField(help_text="The current text")
    author = models.CharField(max_length=150)
    author_kind = models.CharField(_("author kind"), max_length=7, choices=AuthorKind)
    changed_by = models.JSONField(default=list, help_text="User ids of everybody who edited the text")
    confidence = models.FloatField(null=True)
    prompt_version = models.CharField(
        max_length=10, blank=True, help_text="Of the text that the model was asked with (drafting/prompts/)"
    )
    evidence = models.JSONField(default=list, help_text='[{"article", "version", "title", "score", "why"}]')
    risk = models.JSONField(default=list, help_text='[{"rule", "reason", "second_person"}]')
    judged_by = models.ForeignKey(
        "RiskRuleSet", models.PROTECT, null=True, related_name="+", help_text="The risk rules at its proposal"
    )
    rules_seen = models.PositiveBigIntegerField(
        default=0, help_text="The newest change of a risk rule at its proposal, as their history numbers it"
    )
    recipients = models.JSONField(default=dict)
    message_digests = models.JSONField(
        default=dict,
        help_text="What it answers, as it stood then: message number → digest (replies/message_digests.py)",
    )
    created_at = models.DateTimeField()
    # The decision. Frozen at approval; sending reads only these.
    approval = models.PositiveIntegerField(
        default=0, help_text="Counts approvals; the marker is <draft>:<approval>"
    )
    approved_text = models.TextField(blank=True)
    approved_recipients = models.JSONField(default=dict)
    approved_attachments = models.JSONField(
        default=list,
        help_text='[{"id", "name", "type", "size", "sha256"}], in the order in which they are sent',
    )
    approved_revision = models.PositiveIntegerField(null=True)
    tone = models.PositiveSmallIntegerField(null=True)
    accuracy = models.PositiveSmallIntegerField(null=True)
    policy = models.PositiveSmallIntegerField(null=True)
    note = models.TextField(blank=True)
    after_send = models.CharField(
        max_length=8, choices=Then, blank=True, default="", help_text="Approved with the reply and done after it is sent"
    )  # fmt: skip
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    first_look_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    first_look_of = models.CharField(
        max_length=64,
        blank=True,
        help_text="Digest of what the first person approved (replies/first_look.py)",
    )
    # Sending.
    send_after = models.DateTimeField(null=True)
    call_started_at = models.DateTimeField(null=True)
    read_up_to = models.PositiveBigIntegerField(default=0, help_text="Newest message id before the call")
    sender_id = models.PositiveBigIntegerField(
        null=True, help_text="The Chatwoot user that the call was made as"
    )
    sent_message_id = models.PositiveBigIntegerField(null=True)
    why = models.CharField(
        max_length=500, blank=True, help_text="Why it is stale, parked, withdrawn or closed"
    )
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True, help_text="Start of the claim; renewals do not change it")
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [
            # At most one reply to a message is on its way.
            models.UniqueConstraint(
                fields=["in_reply_to"],
                condition=Q(status__in=["APPROVED", "SENDING", "PARKED"]),
                name="one_reply_on_its_way",
            ),
            # No customer receives text that a person did not approve.
            models.CheckConstraint(
                condition=~Q(status__in=["APPROVED", "SENDING", "SENT", "PARKED"])
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(approved_text="")),
                name="approved_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(status="SENDING") | Q(call_started_at__isnull=False), name="sending_has_a_start"
            ),
        ]
        indexes = [
            # The list by state, newest first.
            models.Index(fields=["status", "-id"], name="draft_by_status"),
            # The drafts on a conversation's page.
            models.Index(fields=["conversation", "-id"], name="draft_by_conversation"),
            # What was decided in a day or a week: the dashboard and the weekly report.
            models.Index(fields=["decided_at"], name="draft_decided", condition=Q(decided_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return gettext("Draft %(id)s") % {"id": self.pk}

    @property
    def why_shown(self) -> str:
        """Why it is stale, parked, withdrawn or closed, in the reader's language where the site wrote it."""
        return recorded.shown(draft_texts.why(self.why))

    @property
    def marker(self) -> str:
        return f"{self.pk}:{self.approval}"

    @property
    def send_key(self) -> str:
        return f"reply.send:{self.marker}"

    @property
    def needs_second_person(self) -> bool:
        return any(flag.get("second_person") for flag in self.risk)


# What is recorded of a draft, and its name in the history.
ACTIONS = {
    "proposed": pgettext_lazy("what happened to a draft", "proposed"),
    "replaced": pgettext_lazy("what happened to a draft", "replaced"),
    "edited": pgettext_lazy("what happened to a draft", "edited"),
    "recipients": pgettext_lazy("what happened to a draft", "recipients"),
    "attached": pgettext_lazy("what happened to a draft", "attached"),
    "detached": pgettext_lazy("what happened to a draft", "detached"),
    "inserted": pgettext_lazy("what happened to a draft", "inserted"),
    "taken over": pgettext_lazy("what happened to a draft", "taken over"),
    "first look": pgettext_lazy("what happened to a draft", "first look"),
    "first look void": pgettext_lazy("what happened to a draft", "first look void"),
    "approved": pgettext_lazy("what happened to a draft", "approved"),
    "rejected": pgettext_lazy("what happened to a draft", "rejected"),
    "undone": pgettext_lazy("what happened to a draft", "undone"),
    "escalated": pgettext_lazy("what happened to a draft", "escalated"),
    "redraft requested": pgettext_lazy("what happened to a draft", "redraft requested"),
    "redraft failed": pgettext_lazy("what happened to a draft", "redraft failed"),
    "redrafted": pgettext_lazy("what happened to a draft", "redrafted"),
    "carried over": pgettext_lazy("what happened to a draft", "carried over"),
    "sending": pgettext_lazy("what happened to a draft", "sending"),
    "sent": pgettext_lazy("what happened to a draft", "sent"),
    "not sent": pgettext_lazy("what happened to a draft", "not sent"),
    "parked": pgettext_lazy("what happened to a draft", "parked"),
    "arrived": pgettext_lazy("what happened to a draft", "arrived"),
    "resend": pgettext_lazy("what happened to a draft", "resend"),
    "closed": pgettext_lazy("what happened to a draft", "closed"),
    "stale": pgettext_lazy("what happened to a draft", "stale"),
    "expired": pgettext_lazy("what happened to a draft", "expired"),
    "withdrawn": pgettext_lazy("what happened to a draft", "withdrawn"),
}


class DraftEvent(models.Model):
    """The audit log of drafts: append-only, one row per change of state or text."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20)
    before = models.CharField(max_length=11, blank=True)
    after = models.CharField(max_length=11)
    detail = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True, help_text="The text after the change, where it changed")

    class Meta:
        verbose_name = _("draft event")
        verbose_name_plural = _("draft events")
        indexes = [
            # The sending limits count the last hour's calls before each call.
            models.Index(fields=["at"], name="draft_event_calls", condition=Q(action="sending")),
            # The check that each decision has a learning signal reads only these rows.
            models.Index(
                fields=["at"],
                name="draft_event_decisions",
                condition=Q(action__in=["approved", "rejected"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} → {self.after}"

    @property
    def what(self) -> str:
        """The action, in the reader's language."""
        return str(ACTIONS.get(self.action, self.action))
