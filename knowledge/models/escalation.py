"""A conversation that needs somebody in particular."""

from django.conf import settings
from django.db import models

from webhooks.models import Conversation

from .draft import Draft


class Escalation(models.Model):
    class Level(models.IntegerChoices):
        SECOND = 2, "Second level: somebody who knows more"
        THIRD = 3, "Third level: who can change how things are"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="escalations")
    draft = models.ForeignKey(Draft, models.SET_NULL, null=True, blank=True, related_name="escalations")
    reason = models.CharField(max_length=500)
    level = models.PositiveSmallIntegerField(choices=Level, default=Level.SECOND)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.conversation}: {self.reason[:60]}"
