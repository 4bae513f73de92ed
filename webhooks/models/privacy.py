"""How long things are kept, what removed them, and who handed out or erased a person's data. No personal data in here."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from .source import Source


class RetentionRule(models.Model):
    """How many days one kind of thing is kept. What the kinds are stands in code (settings.RETENTION)."""

    name = models.CharField(max_length=40, unique=True, editable=False)
    days = models.PositiveIntegerField("days kept", null=True, blank=True, help_text="Empty: for ever")

    history = HistoricalRecords()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name.replace("_", " ")


class PruneRun(models.Model):
    """One round of removing what is old enough: nightly, or by the command. It goes on where it was left."""

    night = models.DateField(null=True, unique=True, help_text="Of a nightly one: one a night")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="Rule → how many")
    rules = models.JSONField(default=list, help_text="What is still to do, the one at hand first")
    after = models.PositiveBigIntegerField(default=0, help_text="The last row that was looked at for it")

    def __str__(self) -> str:
        return f"round {self.pk}"


class PrivacyAct(models.Model):
    """A person's data were handed out or erased. Append-only; a contact is named by Chatwoot's number alone."""

    class Action(models.TextChoices):
        EXPORTED = "exported"
        ERASED = "erased"

    source = models.ForeignKey(Source, models.PROTECT, related_name="privacy_acts")
    contact_ids = models.JSONField(help_text="The contact's number in Chatwoot, and those merged with it")
    action = models.CharField(max_length=8, choices=Action)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    counts = models.JSONField(default=dict, help_text="Table → how many rows")

    def __str__(self) -> str:
        return f"{self.action} at {timezone.localtime(self.at):%-d %b %Y, %H:%M}"
