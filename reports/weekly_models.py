"""What was reported of a week, as it was then."""

from typing import Any

from django.db import models


class WeeklyReport(models.Model):
    """Written once: later changes of the data do not change what managers were told."""

    week = models.CharField(max_length=8, unique=True, help_text="2026-W47")
    made_at = models.DateTimeField()
    is_complete = models.BooleanField(help_text="All that had been received was counted")
    snapshot = models.JSONField()

    class Meta:
        ordering = ("-week",)

    def __str__(self) -> str:
        return self.week

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("A weekly report is written once.")
        super().save(*args, **kwargs)
