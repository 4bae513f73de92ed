"""A trouble that somebody must hear of: one open row a trouble, however often it is met, and its end."""

from django.db import models
from django.db.models import Q

from .source import Source


class Alert(models.Model):
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200, help_text="What it is about: one open alert a key")
    source = models.ForeignKey(Source, models.CASCADE, null=True, blank=True, related_name="alerts")
    text = models.CharField(max_length=500)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(closed_at=None), name="one_open_alert_a_trouble"
            )
        ]

    def __str__(self) -> str:
        return self.text
