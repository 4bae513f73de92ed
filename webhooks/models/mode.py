"""A source's mode over time: who switched it and why, who was notified, and who has read it. Append-only."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from .replay import ReplayRun
from .source import Source


class ModeChange(models.Model):
    """held_action: what happened to held deliveries when the source was switched back to active."""

    class HeldAction(models.TextChoices):
        PROCESS = "process"
        END = "end"

    source = models.ForeignKey(Source, models.PROTECT, related_name="mode_changes")
    before = models.CharField(max_length=8, choices=Source.Mode)
    mode = models.CharField(max_length=8, choices=Source.Mode)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500)
    held_action = models.CharField(max_length=7, choices=HeldAction, blank=True)
    events = models.PositiveIntegerField(default=0, help_text="Deliveries that were processed or ended")
    replies = models.PositiveIntegerField(default=0, help_text="Replies that were released or parked")
    run = models.ForeignKey(ReplayRun, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = gettext_lazy("mode change")
        verbose_name_plural = gettext_lazy("mode changes")

    def __str__(self) -> str:
        return f"{self.source} {self.before} → {self.mode}: {self.reason}"


class ModeNotice(models.Model):
    """One person is notified of one change."""

    change = models.ForeignKey(ModeChange, models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mode_notices")
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "user"], name="one_notice_a_person_and_change")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.change}"
