"""The settings of an inbox, and each person's own Chatwoot token. Verbs: inbox_settings.py, replies/credentials.py."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webhooks.database.encryption import EncryptedTextField
from webhooks.models import Inbox, Source

from .grades import Grading


class DeskInbox(models.Model):
    """How replies are written in one inbox. Without a row, the defaults apply. Its calendar is in InboxHours."""

    inbox = models.OneToOneField(Inbox, models.CASCADE, primary_key=True, related_name="desk")
    greeting = models.TextField(_("greeting"),
        blank=True, max_length=1000,
        help_text=_("Starts each drafted reply. {name} is the customer’s first name. Leave empty for the standard greeting"),
    )  # fmt: skip
    signature = models.TextField(_("signature"),
        blank=True, max_length=1000, help_text=_("Ends each drafted reply. Leave empty for the standard closing")
    )  # fmt: skip
    mirror_notes = models.BooleanField(
        _("drafts as private notes"),
        default=False,
        help_text=_("Also post each draft in Chatwoot as a private note"),
    )
    grading = models.CharField(_("grading"),
        max_length=6, default=Grading.ALL.value,
        choices=[(Grading.ALL.value, _("All drafts")), (Grading.SAMPLE.value, _("Edited, rejected, flagged, and a random 20 %"))],
    )  # fmt: skip
    draft_from = models.FloatField(
        _("draft from confidence"), null=True, blank=True,
        help_text=_("From 0.5 to 1. Below this, an article is only listed as one that may fit. Empty: 0.5"),
    )  # fmt: skip
    escalation_team = models.PositiveBigIntegerField(_("escalation team"),
        null=True, blank=True, help_text=_("Team number in Chatwoot. Escalated conversations are assigned to this team")
    )  # fmt: skip
    escalation_assignee = models.PositiveBigIntegerField(
        _("escalation assignee"),
        null=True,
        blank=True,
        help_text=_("Agent number in Chatwoot, instead of a team"),
    )

    class Meta:
        verbose_name = _("inbox settings")
        verbose_name_plural = _("inbox settings")
        constraints = [
            models.CheckConstraint(
                condition=Q(escalation_team=None) | Q(escalation_assignee=None),
                name="escalates_to_a_team_or_a_person",
            ),
            models.CheckConstraint(
                condition=Q(draft_from=None) | Q(draft_from__range=(0.5, 1)), name="draft_from_half_to_one"
            ),
        ]

    def __str__(self) -> str:
        return str(self.inbox)


class ChatwootToken(models.Model):
    """A person's own token: replies that they approve are sent as them. Without one, as the source's user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="chatwoot_tokens")
    source = models.ForeignKey(Source, models.CASCADE, related_name="personal_tokens")
    token = EncryptedTextField()
    sender_id = models.PositiveBigIntegerField(help_text="The Chatwoot user of this token")
    sender_name = models.CharField(max_length=200, blank=True)
    checked_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True, help_text="When Chatwoot first rejected it")

    class Meta:
        verbose_name = _("chatwoot token")
        verbose_name_plural = _("chatwoot tokens")
        constraints = [models.UniqueConstraint(fields=["user", "source"], name="one_token_a_person")]

    def __str__(self) -> str:
        return f"{self.user} as {self.sender_name or self.sender_id}"
