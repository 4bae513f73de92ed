"""What the desk is told for an inbox, and the Chatwoot tokens that people keep for themselves."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from webhooks.database.encryption import EncryptedTextField
from webhooks.models import Inbox, Source

from .grades import Grading


class DeskInbox(models.Model):
    """How one inbox answers. No row: the defaults. Its calendar is InboxHours'."""

    inbox = models.OneToOneField(Inbox, models.CASCADE, primary_key=True, related_name="desk")
    greeting = models.TextField(
        blank=True, max_length=1000,
        help_text="Begins what the built-in drafter writes; {name} is the customer's. Empty: its own, by language",
    )  # fmt: skip
    signature = models.TextField(
        blank=True, max_length=1000, help_text="Ends what the built-in drafter writes. Empty: its own, by language"
    )  # fmt: skip
    mirror_notes = models.BooleanField(
        "drafts as private notes",
        default=False,
        help_text="Each draft is also shown in Chatwoot, once, as a private note",
    )
    grading = models.CharField(
        max_length=6, default=Grading.ALL.value,
        choices=[(Grading.ALL.value, "every draft"), (Grading.SAMPLE.value, "edited, rejected, flagged, and a random 20 %")],
    )  # fmt: skip
    escalation_team = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="The team's number in Chatwoot: an escalated conversation is assigned to it"
    )  # fmt: skip
    escalation_assignee = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Or a person's number in Chatwoot"
    )

    class Meta:
        verbose_name = "desk settings of an inbox"
        verbose_name_plural = "desk settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(escalation_team=None) | Q(escalation_assignee=None),
                name="escalates_to_a_team_or_a_person",
            )
        ]

    def __str__(self) -> str:
        return str(self.inbox)


class ChatwootToken(models.Model):
    """A person's own token: what they approve is sent as them. Without one, as the source's user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="chatwoot_tokens")
    source = models.ForeignKey(Source, models.CASCADE, related_name="personal_tokens")
    token = EncryptedTextField()
    sender_id = models.PositiveBigIntegerField(help_text="Whose it is in Chatwoot, by its own word")
    sender_name = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True, help_text="Since when Chatwoot refuses it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "source"], name="one_token_a_person")]

    def __str__(self) -> str:
        return f"{self.user} as {self.sender_name or self.sender_id}"
