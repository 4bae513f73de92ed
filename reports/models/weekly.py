"""What was reported of a week, as it was then; what a Manager says of a week; who gets the report."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from simple_history.models import HistoricalRecords

from webhooks.database.encryption import EncryptedTextField
from webhooks.errors import DeliveryError
from webhooks.outbound import slack


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


class WeeklyNote(models.Model):
    """What was special about a week, such as Black Friday. Later weeks are not measured by it."""

    week = models.CharField(max_length=8, unique=True, help_text="2026-W47")
    text = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    history = HistoricalRecords()

    def __str__(self) -> str:
        return f"{self.week}: {self.text}"


class WeeklyRecipient(models.Model):
    """Where the report goes each Monday: an e-mail address, or the URL of a chat's incoming webhook."""

    name = models.CharField(max_length=60, unique=True, help_text="Who or what this is, for you")
    address = EncryptedTextField(
        help_text="An e-mail address, or the URL of an incoming webhook as Slack and Mattermost have them"
    )
    active = models.BooleanField(default=True, help_text="Off: it gets no report until it is on again")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_chat(self) -> bool:
        return "://" in self.address

    @property
    def where(self) -> str:
        """Without the rest of the URL: whoever has it may post there."""
        return urlsplit(self.address).hostname or "" if self.is_chat else self.address

    def clean(self) -> None:
        self.address = (self.address or "").strip()
        try:
            if self.is_chat:
                slack.target(self.address)
            else:
                validate_email(self.address)
        except DeliveryError as error:
            raise ValidationError({"address": str(error)}) from error
        except ValidationError:
            raise ValidationError({"address": "Neither an e-mail address nor a URL."}) from None
