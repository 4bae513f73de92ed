"""How long data is kept, what removed it, and who exported or erased a person's data. Holds no personal data itself."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalRecords

from .source import Source


class RetentionRule(models.Model):
    """How many days one kind of data is kept. The kinds are defined in code (settings.RETENTION)."""

    name = models.CharField(max_length=40, unique=True, editable=False)
    days = models.PositiveIntegerField(
        gettext_lazy("days kept"), null=True, blank=True, help_text=gettext_lazy("Empty: for ever")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = gettext_lazy("retention rule")
        verbose_name_plural = gettext_lazy("retention rules")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name.replace("_", " ")


class PruneRun(models.Model):
    """One run that removes old data: nightly, or by the command. An interrupted run continues where it stopped."""

    night = models.DateField(null=True, unique=True, help_text="Of a nightly run: one per night")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict, help_text="Rule → rows removed")
    rules = models.JSONField(default=list, help_text="Rules still to apply, the current one first")
    after = models.PositiveBigIntegerField(
        default=0, help_text="The last row that was checked for the current rule"
    )

    def __str__(self) -> str:
        return f"run {self.pk}"


class PrivacyAction(models.Model):
    """A person's data was exported or erased. Append-only; a contact is named only by its ID in Chatwoot."""

    class Action(models.TextChoices):
        EXPORTED = "exported", gettext_lazy("Exported")
        ERASED = "erased", gettext_lazy("Erased")

    source = models.ForeignKey(Source, models.PROTECT, related_name="privacy_actions")
    contact_ids = models.JSONField(help_text="The contact's ID in Chatwoot, and those merged with it")
    action = models.CharField(max_length=8, choices=Action)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    counts = models.JSONField(default=dict, help_text="Table → how many rows")

    def __str__(self) -> str:
        return f"{self.action} at {timezone.localtime(self.at):%-d %b %Y, %H:%M}"
