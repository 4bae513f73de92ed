"""What was reported of a week, as it was then."""

import json
from typing import Any

from django.db import models


class WeeklyReport(models.Model):
    """Written once: later changes of the data do not change what managers were told."""

    week = models.CharField(max_length=8, unique=True, help_text="2026-W47")
    made_at = models.DateTimeField()
    is_complete = models.BooleanField(help_text="All that had been received was counted")
    kept = models.TextField(help_text="JSON, as text: PostgreSQL would put its keys in another order")

    class Meta:
        ordering = ("-week",)

    def __str__(self) -> str:
        return self.week

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("A weekly report is written once.")
        super().save(*args, **kwargs)

    @property
    def snapshot(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.kept)
        return found
