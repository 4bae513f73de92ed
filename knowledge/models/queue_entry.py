"""What people add to the queue: assignments, dismissals, typing in Chatwoot, the languages they read, saved filters.

Who is waiting is not stored here: the mirror derives it from the messages.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webhooks.models import Conversation, Message


class Assignment(models.Model):
    """Append-only. The newest row since the customer began to wait names the assignee; without an owner, unassigned."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="assignments")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        indexes = [
            # The queue reads those of the waiting conversations, newest last.
            models.Index(fields=["conversation", "id"], name="assignment_by_conversation"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation}: {self.owner or 'unassigned'}"


class Dismissal(models.Model):
    """This message needs no reply. It applies to one message: a customer who writes again waits again."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="dismissals")
    message = models.ForeignKey(Message, models.CASCADE, related_name="dismissals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    put_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    put_back_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("dismissal")
        verbose_name_plural = _("dismissals")
        constraints = [
            # Also serves the queue, which leaves these messages out.
            models.UniqueConstraint(
                fields=["message"], condition=Q(put_back_at=None), name="one_dismissal_in_force"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="dismissed_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation}: {self.reason[:60]}"


class TypingInChatwoot(models.Model):
    """Each agent's last typing event in a conversation. `at` is the time of receipt: Chatwoot sends none."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="typing")
    agent_id = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200)
    at = models.DateTimeField()
    types = models.BooleanField()

    class Meta:
        verbose_name = _("typing in Chatwoot")
        verbose_name_plural = _("typing in Chatwoot")
        constraints = [
            models.UniqueConstraint(fields=["conversation", "agent_id"], name="one_row_an_agent_typing")
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.conversation}"


class ReadsLanguages(models.Model):
    """The languages a person reads, for “Next”. No row or an empty list means all."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="reads"
    )
    languages = models.JSONField(default=list, help_text='["de", "en"]')

    class Meta:
        verbose_name = _("languages read")
        verbose_name_plural = _("languages read")

    def __str__(self) -> str:
        return f"{self.user} reads {', '.join(self.languages) or 'all'}"


class QueueFilter(models.Model):
    """A filter of the queue that a person saved under a name, for themselves or for everyone who sees its inbox."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="queue_filters")
    name = models.CharField(max_length=40)
    query = models.CharField(
        max_length=500, help_text="As the page's address has it: state=ready&language=de"
    )
    is_shared = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("queue filter")
        verbose_name_plural = _("queue filters")
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_queue_filter_a_name")]

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"
