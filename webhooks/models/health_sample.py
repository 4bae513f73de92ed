"""The state of the deliveries, once a minute: what the charts of the Health page show.

Counting past minutes from the deliveries themselves would read the fastest growing table for every chart.
"""

from django.db import models


class HealthSample(models.Model):
    """No row for a minute: no worker ran. That is no data, not zero."""

    at = models.DateTimeField(unique=True, help_text="The minute's end")
    arrived = models.PositiveIntegerField(help_text="Webhooks received in this minute")
    failed = models.PositiveIntegerField(help_text="Attempts that failed in this minute")
    backlog = models.PositiveIntegerField(help_text="Deliveries due at its end")
    late_s = models.PositiveIntegerField(help_text="How long the oldest of those has been due")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
